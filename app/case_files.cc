#include "app/case_files.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "base/clock.h"

namespace osler::app {

using namespace evaluate;

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorCode::not_found, "The file cannot be read: " + path + ".");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::filesystem::path> files_at(const std::string& path, const char* ending) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, failed))
    if (entry.path().extension() == ending) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<Vignette>> read_vignettes(const std::string& path, const std::string& mapping) {
  std::vector<Vignette> vignettes;
  for (const std::filesystem::path& file : files_at(path, ".jsonl")) {
    auto more = parse_vignettes(TRY(read_text(file.string())));
    if (!more) return make_error(more.error().code, file.filename().string() + ": " + more.error().external);
    vignettes.insert(vignettes.end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
  }
  if (mapping.empty()) return vignettes;
  const std::string further = TRY(read_text(mapping));
  TRY_VOID(add_acceptable(further, vignettes));
  return vignettes;
}

std::vector<Vignette> some_of(std::vector<Vignette> vignettes, std::size_t count) {
  if (count == 0 || vignettes.size() <= count) return vignettes;
  std::vector<Vignette> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(std::move(vignettes[i * vignettes.size() / count]));
  return some;
}

Vignette reduced(Vignette vignette) {
  for (const char* member : {"narrative", "vitals", "lab_results", "absent_findings", "family_history"}) vignette.request.erase(member);
  return vignette;
}

void show_progress(const char* what, std::size_t done, std::size_t total) {
  if (isatty(STDERR_FILENO) == 0) return;
  constexpr std::size_t kWidth = 40;
  const std::size_t filled = total == 0 ? kWidth : done * kWidth / total;
  std::fprintf(stderr, "\r%s [%s%s] %zu of %zu%s", what, std::string(filled, '#').c_str(), std::string(kWidth - filled, '.').c_str(), done,
               total, done == total ? "\n" : "");
}

std::string today() { return to_rfc3339(SystemClock{}.now()).substr(0, 10); }

}  // namespace osler::app
