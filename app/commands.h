// The commands of `osler`, one function each. Every one returns the process's exit code: 0 success, 1 a refusal or a
// failed check, 2 wrong usage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "service/batch_upload.h"

namespace osler::app {

enum class Output { human, json };

int serve(const Config& config);
int diagnose_file(const Config& config, const std::string& path, Output output);
struct BatchRequest {
  std::string file, out;  // cases to read; results to write, which must not exist
  service::BatchFormat format = service::BatchFormat::ndjson;
  std::optional<double> threshold;
};
/// Answers a file of cases without a server; the same command goes on with a run that was cut off (docs/batches.md).
int batch(const Config& config, const BatchRequest& request);
int knowledge_check(const Config& config, Output output);
/// Markdown on standard output; `folder` holds namcs/, healthkg/ and ddxplus/.
int knowledge_compare(const Config& config, const std::string& folder);
int knowledge_show(const Config& config, const std::string& id, Output output);
/// The logs in AUDIT_DIR, or in `folder`, and one level below; `witness` instead of AUDIT_WITNESS. Either may be empty.
int audit_verify(const Config& config, const std::string& folder, const std::string& witness, Output output);
int audit_public_key(const Config& config, Output output);
struct ProveRequest {
  std::optional<std::uint64_t> index;  // of an entry of the log, or
  std::string request_id;              // a request, sought in the log and those below it
  std::string log;                     // a folder; empty: AUDIT_DIR
  std::string out;                     // a file; empty: standard output
};
int audit_prove(const Config& config, const ProveRequest& request);
/// Needs no configuration: whoever gets a proof may check it anywhere.
int audit_check(const std::string& path, const std::string& public_key, Output output);
struct AuditExportRequest {
  std::string from, until;  // times, until not included; empty: all
  std::string action;       // only this one; empty: all
};
/// FHIR AuditEvent resources on standard output, one a line.
int audit_export(const Config& config, const AuditExportRequest& request);
/// Who saw a patient; `patient` as for patients_delete.
int audit_accesses(const Config& config, const std::string& patient, Output output);
/// A key of the store: shown once, on standard output.
struct ApiKeyRequest {
  std::string name, role;
  std::optional<int> days{};  // until it expires; none: never
};
int api_keys_create(const Config& config, const ApiKeyRequest& request, Output output);
int api_keys_list(const Config& config, Output output);
int api_keys_revoke(const Config& config, const std::string& name);
/// Makes the tables of the store, or brings older ones forward; safe beside others that start.
int migrate(const Config& config, Output output);
int keys_list(const Config& config, Output output);
/// Adds a version, unless `only_wrap`, and wraps everything anew under the current one.
int keys_rotate(const Config& config, bool only_wrap);
int keys_retire(const Config& config, unsigned version);
/// Stored cases read again by the present model, so that they are found among similar ones.
int reembed(const Config& config);
/// `id`: as the caller sent it, or "-" for a line of standard input, since anybody may list the arguments of a process.
int patients_delete(const Config& config, const std::string& id);
int patients_hold(const Config& config, const std::string& id, bool held);
/// What is stored of a patient, in clear, as lines of JSON.
int export_patient(const Config& config, const std::string& id, const std::string& path);
/// All records, sealed as they are (docs/formats/export.md).
int export_records(const Config& config, const std::string& folder);
int import_records(const Config& config, const std::string& folder);
struct ReplayRequest {
  std::string request_id;
  bool show = false;  // print values that differ: a patient's data
};
/// 0 the same, 1 different, 2 not comparable or no such record; docs/adr/0023-replay.md.
int replay(const Config& config, const ReplayRequest& request, Output output);
int print_version(const Config& config, Output output);

struct EvaluationRequest {
  std::string cases;              // JSON Lines
  std::string mapping, report;    // files to read and to write; empty: none
  bool aggregates_only = false;
};
int evaluate_cases(const Config& config, const EvaluationRequest& request, Output output);
/// `cases` as above; at most `count` of them, 0 for all. explanations.json and explanations.html go into `folder`, which is made; empty: none.
struct ExplanationRequest {
  std::string cases;
  std::size_t count = 0;
  std::string folder;
};
int evaluate_explanations(const Config& config, const ExplanationRequest& request, Output output);
/// Network, encoder and both, and the encoder's precisions.
int evaluate_models(const Config& config, const std::string& cases, Output output);
/// `path`: a file of labelled sentences, or a folder of them (*.text).
int evaluate_text(const Config& config, const std::string& path, Output output);
struct FitRequest {
  std::string cases;       // JSON Lines, or a folder of them
  std::string triage;      // likewise, for the thresholds of urgency alone; may be empty
  std::string out_folder;
  std::string population;
};
int fit_network(const Config& config, const FitRequest& request);
struct FitEncoderRequest {
  std::string cases;       // JSON Lines, or a folder of them
  std::string encoder;     // a model directory
  std::string out_folder;  // its copy with calibration.json; must not exist
  std::string population;
  std::string card{};      // Markdown for people, copied as card.md; may be empty
};
int fit_encoder(const Config& config, const FitEncoderRequest& request);
struct FitImageRequest {
  std::string films;       // the configuration the model was trained with: its sources and its division by patient
  std::string source;      // only films of this source of it; empty: all
  std::string model;       // a model directory of kind "image"
  std::string out_folder;  // its copy with calibration.json and outlier.safetensors; must not exist
  std::string population;
  std::string card{};      // Markdown for people, copied as card.md; may be empty
  double error_rate = 0.05;
  std::optional<int> least_age{}, most_age{};  // of the patients trained on, in years; empty: from the films
};
int fit_image(const Config& config, const FitImageRequest& request);
struct EvaluateImagesRequest {
  std::string sets;    // which films: docs/formats/training.md
  std::string model;   // a model directory; empty: the newest models/osler-cxr
  std::string folder;  // for films.json and films.html; empty: none
};
int evaluate_images(const Config& config, const EvaluateImagesRequest& request, Output output);

struct DeidentifyRequest {
  std::string in;                    // a DICOM file, or a folder of them
  std::string out;                   // a folder that does not exist yet or is empty
  std::string key_file;              // 64 hexadecimal digits; made if missing; empty: a key for this run
  std::string mapping;               // a file to write, names of before and after; empty: none
  bool keeps_dates = false, keeps_characteristics = false;
  std::vector<std::string> regions;  // what to blank: top:10%, or X,Y,WIDTH,HEIGHT
};
/// 1 if any file was refused; docs/deidentification.md.
int deidentify(const Config& config, const DeidentifyRequest& request, Output output);

/// Prints "osler: <what>" on standard error and returns 1.
int refuse(const Error& error);

}  // namespace osler::app
