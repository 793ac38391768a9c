#include "train/image/film_records.h"

#include <filesystem>
#include <set>

#include "base/numbers.h"
#include "base/sha256.h"
#include "train/image/film_table.h"

namespace osler::train {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPartNames[kParts] = {"fit", "selection", "calibration"};
constexpr std::size_t kNamedMissing = 5;

bool is_film(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".dcm" || ending == ".dicom";
}

Result<std::vector<fs::path>> sorted_entries(const fs::path& folder) {
  std::error_code failure;
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder, failure)) entries.push_back(entry.path());
  if (failure) return make_error(ErrorCode::not_found, "There is no folder of films at " + folder.string() + ".");
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// Sub-folders are labels, files films.
Result<std::string> read_folder(const ImageTrainingConfig& config, std::size_t index, FilmRecords& out) {
  const FilmSourceSettings& source = config.sources[index];
  std::string names;
  for (const fs::path& folder : TRY(sorted_entries(source.path))) {
    if (!fs::is_directory(folder)) continue;
    const auto label = source.labels.find(folder.filename().string());
    if (label == source.labels.end() && !source.leave_out_other_labels)
      return make_error(ErrorCode::configuration, folder.string() + " is named like none of the labels of source " + source.name + ". Name it there, or set leave_out_other_labels.");
    for (const fs::path& file : TRY(sorted_entries(folder))) {
      if (!is_film(file)) continue;
      names += folder.filename().string() + "/" + file.filename().string() + "\n";
      if (label == source.labels.end()) {
        ++out.left_out[index];
        continue;
      }
      const std::string stem = file.stem().string(), path_in_source = folder.filename().string() + "/" + file.filename().string();
      FilmRecord film;
      film.path = file.string();
      film.patient = source.name + "/" + (source.patient_until.empty() ? path_in_source : stem.substr(0, stem.find(source.patient_until)));
      film.label = label_index(config, label->second);
      film.source = index;
      film.weight = source.weight;
      out.films.push_back(std::move(film));
    }
  }
  return to_hex(sha256(as_bytes(names)));
}

Result<void> check_files(const std::vector<FilmRecord>& films) {
  std::set<std::string> seen;
  std::string missing;
  std::size_t count = 0;
  for (const FilmRecord& film : films) {
    if (!seen.insert(film.path).second) return make_error(ErrorCode::configuration, film.path + " stands there twice: name each film once.");
    std::error_code failure;
    if (fs::is_regular_file(film.path, failure)) continue;
    if (++count <= kNamedMissing) missing += (missing.empty() ? "" : ", ") + film.path;
  }
  if (count == 0) return ok();
  return make_error(ErrorCode::not_found, std::to_string(count) + " of " + std::to_string(films.size()) + " films are not there: " + missing + (count > kNamedMissing ? ", ..." : "") + ".");
}

Result<void> check_parts(const std::vector<FilmRecord>& films) {
  std::map<std::string, const FilmRecord*> first;
  for (const FilmRecord& film : films) {
    const auto [at, fresh] = first.emplace(film.patient, &film);
    if (!fresh && at->second->given_part != film.given_part)
      return make_error(ErrorCode::configuration, "The patient of " + at->second->path + " and of " + film.path + " is given to two parts. Give all films of a patient to one.");
  }
  return ok();
}

}  // namespace

const char* name_of(Part part) { return kPartNames[static_cast<std::size_t>(part)]; }

Result<FilmRecords> read_films(const ImageTrainingConfig& config) {
  FilmRecords out;
  out.left_out.resize(config.sources.size());
  for (std::size_t i = 0; i < config.sources.size(); ++i) {
    const std::size_t before = out.films.size();
    out.hashes.push_back(config.sources[i].kind == "folder" ? TRY(read_folder(config, i, out)) : TRY(read_film_table(config, i, out)));
    if (out.films.size() == before)
      return make_error(ErrorCode::configuration, "Source " + config.sources[i].name + " (" + config.sources[i].path + ") has no film left: look at its labels and at what it keeps.");
  }
  TRY_VOID(check_files(out.films));
  TRY_VOID(check_parts(out.films));
  return out;
}

}  // namespace osler::train
