#include "train/network/image_report.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "train/network/metrics_file.h"
#include "train/network/training_report.h"

namespace osler::train {

namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

std::string number(double value, const char* form = "%.4f") {
  char text[40];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

/// A row for each source, part, label and subtype that there is.
Json counts_json(const ImageRun& run) {
  struct Count {
    std::size_t films = 0;
    std::set<std::string> patients;
  };
  std::map<std::tuple<std::size_t, Part, std::size_t, std::string>, Count> counts;
  for (std::size_t i = 0; i < run.parts.size(); ++i) {
    const FilmRecord& film = run.records.films[i];
    Count& count = counts[{film.source, run.parts[i], film.label, film.subtype}];
    ++count.films;
    count.patients.insert(film.patient);
  }
  Json rows = Json::array();
  for (const auto& [key, count] : counts) {
    const auto& [source, part, label, subtype] = key;
    rows.push_back({{"source", run.config.sources[source].name}, {"part", name_of(part)}, {"label", run.config.labels[label]}, {"subtype", subtype}, {"films", count.films},
                    {"patients", count.patients.size()}});
  }
  return rows;
}

Json sources_json(const ImageRun& run) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < run.config.sources.size(); ++i)
    rows.push_back({{"name", run.config.sources[i].name}, {"sha256", run.records.hashes[i]}, {"left_out", run.records.left_out[i]}});
  return rows;
}

/// Each epoch of each phase: the metrics that were noted together.
Result<Json> epochs_json(const ImageRun& run) {
  const auto metrics = TRY(read_metrics(run.config.work_folder + "/metrics.csv"));
  std::map<std::size_t, Json> rows;
  for (const auto& [name, points] : metrics)
    for (const MetricPoint& point : points) {
      Json& row = rows[point.updates];
      if (row.is_null()) row = {{"phase", point.phase}, {"updates", point.updates}, {"seconds", point.seconds}};
      row[name] = point.value;
    }
  Json list = Json::array();
  for (const auto& [updates, row] : rows) list.push_back(row);
  return list;
}

/// As the trainer chooses: by AUC, then by log loss.
Json best_json(const Json& epochs) {
  const auto rank = [](const Json& epoch) { return std::pair(epoch["selection_auc"].get<double>(), -epoch["selection_log_loss"].get<double>()); };
  Json best = Json::array();
  for (const Json& epoch : epochs) {
    if (best.empty() || best.back()["phase"] != epoch["phase"]) best.push_back(epoch);
    else if (rank(epoch) > rank(best.back())) best.back() = epoch;
  }
  return best;
}

Result<Json> cross_validation_json(const ImageRun& run) {
  const std::string path = run.config.work_folder + "/cross_validation.json";
  const std::unique_ptr<FileSystem> files = make_file_system();
  if (!files->exists(path)) return Json();
  Json json = TRY(parse_json(as_text(TRY(files->read(path, kMostBytes)))));
  double sum = 0, squares = 0;
  const double count = static_cast<double>(json["folds"].size());
  for (const Json& fold : json["folds"]) sum += fold["auc"].get<double>();
  for (const Json& fold : json["folds"]) squares += std::pow(fold["auc"].get<double>() - sum / count, 2);
  json["mean_auc"] = sum / count;
  json["deviation_auc"] = std::sqrt(squares / (count - 1));
  return json;
}

std::string counts_text(const Json& report) {
  std::string text = "## Films\n\n| source | part | label | subtype | films | patients |\n|---|---|---|---|---|---|\n";
  for (const Json& row : report["films"])
    text += "| " + row["source"].get<std::string>() + " | " + row["part"].get<std::string>() + " | " + row["label"].get<std::string>() + " | " + row["subtype"].get<std::string>() + " | " +
            std::to_string(row["films"].get<std::size_t>()) + " | " + std::to_string(row["patients"].get<std::size_t>()) + " |\n";
  for (const Json& source : report["sources"])
    text += "\n" + source["name"].get<std::string>() + ": " + std::to_string(source["left_out"].get<std::size_t>()) + " rows left out; SHA-256 " + source["sha256"].get<std::string>() + ".\n";
  return text;
}

std::string epoch_row(const Json& epoch) {
  return "| " + epoch["phase"].get<std::string>() + " | " + number(epoch["epoch"].get<double>(), "%.0f") + " | " + number(epoch["loss"].get<double>()) + " | " +
         number(epoch["selection_auc"].get<double>()) + " | " + number(epoch["selection_log_loss"].get<double>()) + " | " + number(epoch["seconds"].get<double>(), "%.0f") + " |\n";
}

std::string epochs_text(const Json& report) {
  const std::string head = "| phase | epoch | loss | selection AUC | selection log loss | seconds |\n|---|---|---|---|---|---|\n";
  std::string text = "\n## The best epoch of each phase\n\n" + head;
  for (const Json& epoch : report["best"]) text += epoch_row(epoch);
  text += "\n## Every epoch\n\n" + head;
  for (const Json& epoch : report["epochs"]) text += epoch_row(epoch);
  return text;
}

std::string cross_validation_text(const Json& json) {
  if (json.is_null()) return {};
  std::string text = "\n## Cross-validation of the head (" + json["phase"].get<std::string>() + ")\n\nNo patient is on both sides; every fold trains all epochs.\n\n| fold | AUC | log loss |\n|---|---|---|\n";
  std::size_t fold = 0;
  for (const Json& one : json["folds"]) text += "| " + std::to_string(++fold) + " | " + number(one["auc"].get<double>()) + " | " + number(one["log_loss"].get<double>()) + " |\n";
  return text + "| mean ± deviation | " + number(json["mean_auc"].get<double>()) + " ± " + number(json["deviation_auc"].get<double>()) + " | |\n";
}

}  // namespace

Result<void> write_image_report(const ImageRun& run) {
  const Json settings = TRY(parse_json(run.config.text));
  Json report{{"name", run.config.name}, {"version", run.config.version}, {"films", counts_json(run)}, {"sources", sources_json(run)}, {"epochs", TRY(epochs_json(run))}};
  report["best"] = best_json(report["epochs"]);
  report["cross_validation"] = TRY(cross_validation_json(run));
  report["settings"] = settings;
  const std::string text = "# Training of " + run.config.name + " " + run.config.version + "\n\n" + counts_text(report) + epochs_text(report) + cross_validation_text(report["cross_validation"]) +
                           "\n## Settings\n\n```json\n" + settings.dump(1) + "\n```\n";
  const std::unique_ptr<FileSystem> files = make_file_system();
  TRY_VOID(files->write_atomically(run.config.work_folder + "/report.json", as_bytes(report.dump(1) + "\n"), 0644));
  TRY_VOID(files->write_atomically(run.config.work_folder + "/report.md", as_bytes(text), 0644));
  return write_training_report(run.config.name, run.config.work_folder);
}

}  // namespace osler::train
