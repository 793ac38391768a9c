// osler deidentify.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/deidentify_tree.h"
#include "app/film_engine.h"
#include "app/pseudonym_key.h"
#include "base/numbers.h"

namespace osler::app {

namespace {

namespace fs = std::filesystem;

/// A bar with rate and time left, on a terminal.
class ProgressLine {
 public:
  void operator()(std::size_t done, std::size_t total) {
    const double now = seconds();
    if (!is_terminal_ || (now - drawn_ < 0.2 && done < total)) return;
    drawn_ = now;
    constexpr std::size_t kWidth = 30;
    const std::size_t filled = done * kWidth / total;
    const double rate = static_cast<double>(done) / std::max(now - began_, 1e-3);
    std::fprintf(stderr, "\rde-identifying [%s%s] %zu of %zu, %.0f files/s, %.0f s left\033[K%s", std::string(filled, '#').c_str(), std::string(kWidth - filled, '.').c_str(),
                 done, total, rate, static_cast<double>(total - done) / rate, done == total ? "\n" : "");
  }

 private:
  static double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

  bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  double began_ = seconds(), drawn_ = 0;
};

Error bad_region() {
  return make_error(ErrorCode::invalid, "--clean-pixels takes top:N%, bottom:N%, left:N% or right:N% of a frame, or X,Y,WIDTH,HEIGHT in pixels.");
}

std::optional<double> number_in(std::string_view text, double most) {
  const std::optional<double> value = number_in_text(text);
  return value && *value >= 0 && *value <= most ? value : std::nullopt;
}

Result<imaging::PixelRegion> band_in(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (!text.ends_with('%')) return bad_region();
  const std::optional<double> percent = number_in(text.substr(colon + 1, text.size() - colon - 2), 100);
  if (!percent) return bad_region();
  const double share = *percent / 100;
  const std::string_view side = text.substr(0, colon);
  if (side == "top") return imaging::PixelRegion{0, 0, 1, share, true};
  if (side == "bottom") return imaging::PixelRegion{0, 1 - share, 1, share, true};
  if (side == "left") return imaging::PixelRegion{0, 0, share, 1, true};
  if (side == "right") return imaging::PixelRegion{1 - share, 0, share, 1, true};
  return bad_region();
}

Result<imaging::PixelRegion> rectangle_in(std::string_view text) {
  imaging::PixelRegion region;
  for (double* number : {&region.left, &region.top, &region.width, &region.height}) {
    const std::size_t comma = text.find(',');
    const std::optional<double> value = number_in(text.substr(0, comma), static_cast<double>(limits::kMaxFilmSide));
    if (!value || (comma == std::string_view::npos) != (number == &region.height)) return bad_region();
    *number = *value;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return region;
}

Result<imaging::DeidentificationOptions> options_of(const DeidentifyRequest& request) {
  imaging::DeidentificationOptions options;
  options.keeps_dates = request.keeps_dates;
  options.keeps_characteristics = request.keeps_characteristics;
  options.tells_originals = !request.mapping.empty();
  for (const std::string& region : request.regions) options.regions.push_back(TRY(region.find(':') == std::string::npos ? rectangle_in(region) : band_in(region)));
  if (options.regions.size() > limits::kMaxPixelRegions) return make_error(ErrorCode::too_large, "--clean-pixels names more than 16 regions.");
  return options;
}

/// What links new names to patients must not lie among the files that are passed on.
Result<void> check_outside(const char* what, const std::string& path, const std::string& out) {
  if (path.empty()) return ok();
  std::error_code failure;
  const fs::path relative = fs::weakly_canonical(path, failure).lexically_relative(fs::weakly_canonical(out, failure));
  if (failure || relative.empty() || *relative.begin() == "..") return ok();
  return make_error(ErrorCode::invalid, std::string(what) + " would be passed on with the files: choose a place outside the folder that is written.");
}

Result<void> write_mapping(FileSystem& files, const std::string& path, const DeidentifiedTree& tree) {
  std::string lines;
  for (const Json& line : tree.mapping) lines += line.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
  return files.write_atomically(path, as_bytes(lines), 0600);
}

Result<int> run(const Config& config, const DeidentifyRequest& request, Output output) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  const imaging::DeidentificationOptions options = TRY(options_of(request));
  TRY_VOID(check_outside("The key file", request.key_file, request.out));
  TRY_VOID(check_outside("The mapping", request.mapping, request.out));
  if (!request.mapping.empty() && files->exists(request.mapping)) return make_error(ErrorCode::conflict, "The file of the mapping exists; nothing is overwritten.");
  const PseudonymKey key = TRY(load_or_create_pseudonym_key(*files, request.key_file));
  if (key.is_new)
    std::cerr << (request.key_file.empty() ? "osler: without --key-file, another run gives other names.\n"
                                           : "osler: a new key was made; whoever holds it can link the new names to patients. Keep it apart from the files.\n");
  const imaging::Deidentifier deidentifier(decoder_program(config));
  ProgressLine progress;
  const DeidentifiedTree tree = TRY(deidentify_tree(*files, deidentifier, key.secret.view(), options, request.in, request.out, std::ref(progress)));
  const Json report = deidentification_report(tree, options, today());
  const std::string text = deidentification_report_text(report);
  TRY_VOID(files->write_atomically(request.out + "/report.json", as_bytes(report.dump(2) + "\n"), 0644));
  TRY_VOID(files->write_atomically(request.out + "/report.md", as_bytes(text), 0644));
  if (!request.mapping.empty()) TRY_VOID(write_mapping(*files, request.mapping, tree));
  std::cout << (output == Output::json ? report.dump(2) + "\n" : text);
  return tree.refused() == 0 ? 0 : 1;
}

}  // namespace

int deidentify(const Config& config, const DeidentifyRequest& request, Output output) {
  const Result<int> code = run(config, request, output);
  return code ? code.value() : refuse(code.error());
}

}  // namespace osler::app
