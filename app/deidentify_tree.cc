#include "app/deidentify_tree.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

namespace osler::app {

namespace {

namespace fs = std::filesystem;

struct Found {
  std::vector<std::string> files;
  std::size_t links = 0;
};

Result<Found> find_files(const std::string& in) {
  std::error_code failure;
  if (fs::is_regular_file(in, failure)) return Found{{in}, 0};
  if (!fs::is_directory(in, failure)) return make_error(ErrorCode::not_found, "There is no file and no folder to de-identify at " + in + ".");
  Found found;
  fs::recursive_directory_iterator at(in, failure);
  for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
    if (at->is_symlink(failure)) ++found.links;
    else if (at->is_regular_file(failure)) found.files.push_back(at->path().string());
  }
  if (failure) return make_error(ErrorCode::unavailable, "A folder below " + in + " cannot be read.", failure.message());
  std::sort(found.files.begin(), found.files.end());
  return found;
}

Result<void> check_out(const std::string& out) {
  std::error_code failure;
  if (!fs::exists(out, failure)) return ok();
  if (fs::is_directory(out, failure) && fs::is_empty(out, failure)) return ok();
  return make_error(ErrorCode::conflict, "The folder to write must not exist yet or be empty: " + out + ".");
}

bool has_dicom_prefix(ByteView bytes) { return bytes.size() > 132 && as_text(bytes.subspan(128, 4)) == "DICM"; }

Json json_of(const imaging::FileIdentity& identity) {
  return {{"patient", identity.patient}, {"study", identity.study}, {"series", identity.series}, {"instance", identity.instance}};
}

/// The workers' common state. What is done to one file is done by one thread; the counts are behind the lock.
class Work {
 public:
  Work(FileSystem& files, const imaging::Deidentifier& deidentifier, ByteView key, const imaging::DeidentificationOptions& options, std::string out, Found found,
       const TreeProgress& progress)
      : files_(files), deidentifier_(deidentifier), key_(key), options_(options), out_(std::move(out)), found_(std::move(found)), progress_(progress) {
    tree_.files = found_.files.size();
    tree_.links = found_.links;
    tree_.mapping.resize(options.tells_originals ? tree_.files : 0);
  }

  Result<DeidentifiedTree> run() {
    {
      std::vector<std::jthread> workers;
      const std::size_t count = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, std::max<std::size_t>(found_.files.size(), 1));
      for (std::size_t i = 0; i < count; ++i) workers.emplace_back([this] { take_files(); });
    }
    if (failure_) return *failure_;
    tree_.patients = patients_.size();
    tree_.studies = studies_.size();
    tree_.series = series_.size();
    return std::move(tree_);
  }

 private:
  void take_files() {
    for (std::size_t index = next_++; index < found_.files.size() && !has_failed(); index = next_++) take(index);
  }

  bool has_failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  void take(std::size_t index) {
    const Result<Bytes> bytes = files_.read(found_.files[index], limits::kMaxFilmFileBytes);
    if (!bytes) return refuse(index, bytes.error().code == ErrorCode::too_large ? "The file is larger than 64 MiB." : "The file cannot be read.");
    const Result<imaging::Deidentified> done = deidentifier_.run(bytes.value(), key_, options_);
    if (done) return keep(index, done.value());
    if (done.error().code == ErrorCode::unavailable) return fail(done.error());
    if (done.error().code == ErrorCode::unsupported_media && !has_dicom_prefix(bytes.value())) return pass_over(index);
    refuse(index, done.error().external);
  }

  void keep(std::size_t index, const imaging::Deidentified& done) {
    const imaging::FileIdentity& names = done.names;
    const std::string folder = out_ + "/" + names.patient + "/" + names.study + "/" + names.series;
    if (!claim(names)) return refuse(index, "Another file of the tree has the same SOP Instance UID; nothing is overwritten.");
    Result<void> written = files_.make_folders(folder);
    if (written) written = files_.write_atomically(folder + "/" + names.instance + ".dcm", done.file, 0644);
    if (!written) return fail(written.error());
    const std::lock_guard lock(mutex_);
    ++tree_.deidentified;
    tree_.blanked += done.has_blanked_pixels ? 1 : 0;
    for (const std::string& note : done.notes) ++tree_.notes[note];
    if (options_.tells_originals) tree_.mapping[index] = {{"path", found_.files[index]}, {"original", json_of(done.originals)}, {"new", json_of(names)}};
    advance();
  }

  /// The file's new name is this one's alone.
  bool claim(const imaging::FileIdentity& names) {
    const std::lock_guard lock(mutex_);
    patients_.insert(names.patient);
    studies_.insert(names.study);
    series_.insert(names.series);
    return instances_.insert(names.instance).second;
  }

  void refuse(std::size_t index, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    ++tree_.refusals[reason];
    if (options_.tells_originals) tree_.mapping[index] = {{"path", found_.files[index]}, {"refused", reason}};
    advance();
  }

  void pass_over(std::size_t index) {
    const std::lock_guard lock(mutex_);
    ++tree_.not_dicom;
    if (options_.tells_originals) tree_.mapping[index] = {{"path", found_.files[index]}, {"not_dicom", true}};
    advance();
  }

  void fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = error;
  }

  void advance() { progress_(++finished_, found_.files.size()); }  // with the lock

  FileSystem& files_;
  const imaging::Deidentifier& deidentifier_;
  ByteView key_;
  const imaging::DeidentificationOptions& options_;
  std::string out_;
  Found found_;
  const TreeProgress& progress_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  DeidentifiedTree tree_;
  std::set<std::string> patients_, studies_, series_, instances_;
  std::size_t finished_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

std::size_t DeidentifiedTree::refused() const {
  std::size_t sum = 0;
  for (const auto& [reason, count] : refusals) sum += count;
  return sum;
}

Result<DeidentifiedTree> deidentify_tree(FileSystem& files, const imaging::Deidentifier& deidentifier, ByteView key, const imaging::DeidentificationOptions& options,
                                         const std::string& in, const std::string& out, const TreeProgress& progress) {
  TRY_VOID(check_out(out));
  Found found = TRY(find_files(in));  // before `out` is made: it may lie below `in`
  TRY_VOID(files.make_folders(out));
  return Work(files, deidentifier, key, options, out, std::move(found), progress).run();
}

Json deidentification_report(const DeidentifiedTree& tree, const imaging::DeidentificationOptions& options, const std::string& date) {
  Json report;
  report["date"] = date;
  report["profile"] = "PS3.15 table E.1-1 (2024b), Basic Application Level Confidentiality Profile; all free text removed";
  report["options"] = {{"dates", options.keeps_dates ? "moved back by a number of days of each patient" : "removed"},
                       {"patient_characteristics", options.keeps_characteristics ? "kept" : "removed"}, {"regions_to_blank", options.regions.size()}};
  report["files"] = {{"found", tree.files}, {"deidentified", tree.deidentified}, {"not_dicom", tree.not_dicom}, {"refused", tree.refused()},
                     {"links_not_followed", tree.links}, {"pixels_blanked", tree.blanked}};
  report["written"] = {{"patients", tree.patients}, {"studies", tree.studies}, {"series", tree.series}};
  report["refusals"] = tree.refusals;
  report["notes"] = tree.notes;
  return report;
}

std::string deidentification_report_text(const Json& report) {
  const auto count = [](const Json& number) { return std::to_string(number.get<std::size_t>()); };
  const Json &found = report["files"], &written = report["written"], &options = report["options"];
  std::string text = "# De-identification, " + report["date"].get<std::string>() + "\n\n" + report["profile"].get<std::string>() + ".\n\n";
  text += "* Dates: " + options["dates"].get<std::string>() + ". Patient's characteristics: " + options["patient_characteristics"].get<std::string>() + ".\n";
  text += "* Files found: " + count(found["found"]) + ". De-identified: " + count(found["deidentified"]) + " (pixels blanked in " + count(found["pixels_blanked"]) + "). Refused: "
    + count(found["refused"]) + ". Not DICOM, not copied: " + count(found["not_dicom"]) + ". Links, not followed: " + count(found["links_not_followed"]) + ".\n";
  text += "* Written: " + count(written["patients"]) + " patients, " + count(written["studies"]) + " studies, " + count(written["series"]) + " series.\n";
  const auto list = [&](const char* title, const Json& reasons) {
    if (reasons.empty()) return;
    text += std::string("\n## ") + title + "\n\n";
    for (const auto& [reason, number] : reasons.items()) text += "* " + count(number) + ": " + reason + "\n";
  };
  list("Refused", report["refusals"]);
  list("To look at", report["notes"]);
  return text + "\nWhat is not done: docs/deidentification.md. Look at the pictures before you pass them on.\n";
}

}  // namespace osler::app
