#include "train/image/film_table.h"

#include <filesystem>
#include <set>

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/numbers.h"
#include "base/sha256.h"
#include "train/image/table.h"

namespace osler::train {

namespace {

/// Wang et al. 2017, Data_Entry_2017.csv. Findings of a film stand in one cell, divided by "|".
const std::map<std::string, std::string> kNihColumns = {{"path", "Image Index"},  {"label", "Finding Labels"}, {"patient", "Patient ID"},
                                                        {"age", "Patient Age"},   {"sex", "Patient Gender"},   {"view", "View Position"}};
/// Shih et al. 2019, stage_2_train_labels.csv: a line a box, so that a film may have several. Its "patientId" is a film's; whose film it is says another file.
const std::map<std::string, std::string> kRsnaColumns = {{"path", "patientId"}, {"label", "Target"}, {"patient", "patientId"}};

/// Of the things that a table may say of a film, where each stands.
class Columns {
 public:
  static Result<Columns> find(const Table& table, const std::map<std::string, std::string>& names) {
    Columns columns;
    for (const auto& [name, column] : names) columns.places_[name] = TRY(table.column(column));
    return columns;
  }
  std::optional<std::size_t> place(const std::string& name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, std::size_t> places_;
};

/// "045Y" and "45" are years; "018M", "003W" and "010D" months, weeks and days, as DICOM and the tables made from it have them.
std::optional<double> age_in(std::string text) {
  double unit = 1;
  if (!text.empty() && std::isalpha(static_cast<unsigned char>(text.back()))) {
    const char letter = text.back();
    text.pop_back();
    if (letter != 'Y' && letter != 'M' && letter != 'W' && letter != 'D') return std::nullopt;
    unit = letter == 'Y' ? 1 : letter == 'M' ? 1.0 / 12 : letter == 'W' ? 7 / 365.25 : 1 / 365.25;
  }
  text.erase(0, std::min(text.find_first_not_of('0'), text.empty() ? 0 : text.size() - 1));  // "045"
  const std::optional<double> number = number_in_text(text);
  return number && *number >= 0 ? std::optional(*number * unit) : std::nullopt;
}

/// What RSNA says of a film in files beside its table, by the film's name.
struct RsnaFiles {
  std::map<std::string, std::string> classes, patients;
  std::string hashes;
};

class TableReader {
 public:
  TableReader(const ImageTrainingConfig& config, std::size_t index, const Table& table, const RsnaFiles& rsna)
      : config_(config), source_(config.sources[index]), index_(index), table_(table), rsna_(rsna) {}

  Result<void> read(const std::map<std::string, std::string>& names, FilmRecords& out) {
    columns_ = TRY(Columns::find(table_, names));
    const std::vector<bool> kept = TRY(kept_rows());
    std::set<std::string> seen;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      if (source_.kind == "rsna" && !seen.insert(cell(row, "path")).second) continue;
      const std::optional<std::size_t> label = kept[row] ? TRY(label_of(row)) : std::nullopt;
      if (!label) ++out.left_out[index_];
      else out.films.push_back(TRY(film(row, *label)));
    }
    return ok();
  }

 private:
  const std::string& cell(std::size_t row, const char* name) const {
    static const std::string kEmpty;
    const auto place = columns_.place(name);
    return place ? table_.at(row, *place) : kEmpty;
  }
  /// Empty where it is not said.
  std::string patient_of(std::size_t row) const {
    if (source_.kind != "rsna") return cell(row, "patient");
    const auto found = rsna_.patients.find(cell(row, "path"));
    return found == rsna_.patients.end() ? std::string() : found->second;
  }
  Error fault(std::size_t row, const char* name, const std::string& problem) const { return table_.fault(row, *columns_.place(name), problem); }

  Result<std::vector<bool>> kept_rows() const {
    std::vector<bool> kept(table_.rows(), true);
    std::set<std::string> without;  // patients with a row that is not kept
    std::vector<std::pair<std::size_t, const std::vector<std::string>*>> rules;
    for (const auto& [column, values] : source_.keep) rules.emplace_back(TRY(table_.column(column)), &values);
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      for (const auto& [column, values] : rules)
        if (std::find(values->begin(), values->end(), table_.at(row, column)) == values->end()) kept[row] = false;
      if (!kept[row]) without.insert(patient_of(row));
    }
    for (std::size_t row = 0; source_.keep_whole_patients && row < table_.rows(); ++row)
      if (without.contains(patient_of(row))) kept[row] = false;
    return kept;
  }

  /// What the table calls the film: one word, for NIH several.
  std::vector<std::string> findings_of(std::size_t row) const {
    if (source_.kind == "rsna") {
      const auto found = rsna_.classes.find(cell(row, "path"));
      return {found == rsna_.classes.end() ? std::string() : found->second};
    }
    std::vector<std::string> findings;
    const std::string& text = cell(row, "label");
    const char divider = source_.kind == "nih" ? '|' : '\0';
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = divider ? std::min(text.find(divider, at), text.size()) : text.size();
      findings.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return findings;
  }

  /// The model's label with the highest place that one of the findings stands for, so that a finding comes before none; nothing: leave the film out.
  Result<std::optional<std::size_t>> label_of(std::size_t row) const {
    std::optional<std::size_t> label;
    for (const std::string& finding : findings_of(row)) {
      const auto found = source_.labels.find(finding);
      if (found == source_.labels.end()) continue;
      const std::size_t index = label_index(config_, found->second);
      label = std::max(label.value_or(index), index);
    }
    if (label || source_.leave_out_other_labels) return label;
    std::string known;
    for (const auto& [found, meaning] : source_.labels) known += (known.empty() ? "" : ", ") + found;
    return fault(row, "label", "is none of " + known + ". Name it in the source's labels, or set leave_out_other_labels.");
  }

  Result<FilmRecord> film(std::size_t row, std::size_t label) const {
    FilmRecord film;
    const std::string& name = cell(row, "path");
    if (name.empty()) return fault(row, "path", "is empty; expected the name of a film's file.");
    const std::string patient = patient_of(row);
    if (patient.empty())
      return fault(row, "patient", (source_.kind == "rsna" ? "is not in " + source_.patients : std::string("is empty")) + "; without it films of one patient could stand on both sides of a split.");
    const std::filesystem::path folder = source_.images.empty() ? std::filesystem::path(source_.path).parent_path() : std::filesystem::path(source_.images);
    film.path = (folder / (source_.kind == "rsna" ? name + ".dcm" : name)).string();
    film.patient = source_.name + "/" + patient;
    film.label = label;
    film.source = index_;
    film.subtype = cell(row, "subtype");
    film.sex = cell(row, "sex");
    film.view = cell(row, "view");
    film.site = cell(row, "site");
    film.equipment = cell(row, "equipment");
    film.weight = source_.weight;
    if (const std::string& age = cell(row, "age"); !age.empty()) {
      film.age_years = age_in(age);
      if (!film.age_years || *film.age_years > 5 * limits::kMaxAgeYears) return fault(row, "age", "is no age: expected years (\"45\"), or DICOM's form (\"045Y\", \"018M\").");
      if (*film.age_years > limits::kMaxAgeYears) film.age_years.reset();  // NIH's table has ages over 400: mistyped, so not known
    }
    if (const std::string& weight = cell(row, "weight"); !weight.empty()) {
      const std::optional<double> number = number_in_text(weight);
      if (!number || *number <= 0 || *number > 1000) return fault(row, "weight", "is not a number above 0, at most 1000.");
      film.weight *= *number;
    }
    film.given_part = TRY(part_of(row));
    return film;
  }

  Result<std::optional<Part>> part_of(std::size_t row) const {
    if (source_.parts.empty()) return std::optional<Part>();
    if (!columns_.place("split")) return make_error(ErrorCode::configuration, "Source " + source_.name + " has parts, and no column \"split\" to read them from.");
    const auto found = source_.parts.find(cell(row, "split"));
    if (found == source_.parts.end()) return fault(row, "split", "is not one of the values in the source's parts.");
    for (const Part part : {Part::fit, Part::selection, Part::calibration})
      if (found->second == name_of(part)) return std::optional(part);
    return std::optional<Part>();
  }

  const ImageTrainingConfig& config_;
  const FilmSourceSettings& source_;
  std::size_t index_;
  const Table& table_;
  const RsnaFiles& rsna_;
  Columns columns_;
};

/// stage_2_detailed_class_info.csv: a line a box again, with the same class.
Result<void> read_classes(const std::string& path, RsnaFiles& out) {
  const Table table = TRY(Table::read(path));
  const std::size_t film = TRY(table.column("patientId")), name = TRY(table.column("class"));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto [at, fresh] = out.classes.emplace(table.at(row, film), table.at(row, name));
    if (!fresh && at->second != table.at(row, name)) return table.fault(row, name, "differs from another line of the same film.");
  }
  out.hashes += table.hash();
  return ok();
}

/// pneumonia-challenge-dataset-mappings_2018.json: the name of each film in ChestX-ray14, which begins with the patient ("00013774_026.png").
Result<void> read_patients(const std::string& path, RsnaFiles& out) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  const Bytes bytes = TRY(files->read(path, limits::kMaxTableBytes));
  const Result<Json> films = parse_json(as_text(bytes));
  const auto wrong = [&] { return make_error(ErrorCode::configuration, path + " is not a list of films with \"subset_img_id\" and \"img_id\" (\"00013774_026.png\")."); };
  if (!films || !films->is_array()) return wrong();
  for (const Json& film : *films) {
    if (!film.is_object() || !film.contains("subset_img_id") || !film["subset_img_id"].is_string() || !film.contains("img_id") || !film["img_id"].is_string()) return wrong();
    const std::string name = film["img_id"].get<std::string>();
    if (name.find('_') == std::string::npos) return wrong();
    out.patients.emplace(film["subset_img_id"].get<std::string>(), name.substr(0, name.find('_')));
  }
  out.hashes += to_hex(sha256(bytes));
  return ok();
}

}  // namespace

std::size_t label_index(const ImageTrainingConfig& config, const std::string& label) {
  const auto found = std::find(config.labels.begin(), config.labels.end(), label);
  CHECK(found != config.labels.end());
  return static_cast<std::size_t>(found - config.labels.begin());
}

Result<std::string> read_film_table(const ImageTrainingConfig& config, std::size_t index, FilmRecords& out) {
  const FilmSourceSettings& source = config.sources[index];
  const Table table = TRY(Table::read(source.path));
  RsnaFiles rsna;
  if (source.kind == "rsna") {
    TRY_VOID(read_classes(source.classes, rsna));
    TRY_VOID(read_patients(source.patients, rsna));
  }
  TableReader reader(config, index, table, rsna);
  TRY_VOID(reader.read(source.kind == "nih" ? kNihColumns : source.kind == "rsna" ? kRsnaColumns : source.columns, out));
  return rsna.hashes.empty() ? table.hash() : to_hex(sha256(as_bytes(table.hash() + rsna.hashes)));
}

}  // namespace osler::train
