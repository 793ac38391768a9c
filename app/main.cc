// `osler`: the commands. This folder is the only place that builds and wires objects.
#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "app/commands.h"

namespace osler::app {

namespace {

std::optional<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<Config> configuration() {
  std::map<std::string, std::string> dot_env;
  if (std::ifstream file(".env", std::ios::binary); file)
    dot_env = TRY(parse_dot_env(std::string(std::istreambuf_iterator<char>(file), {})));
  return read_config(from_environment, dot_env);
}

/// Reads the configuration, then runs; a wrong setting is one clear line and exit code 1.
int with_configuration(const std::function<int(const Config&)>& run) {
  const Result<Config> config = configuration();
  return config ? run(*config) : refuse(config.error());
}

/// The command line: each command, and what it was given.
class CommandLine {
 public:
  CommandLine() {
    cli_.require_subcommand(1);
    cli_.footer("Settings come from the environment and ./.env; deploy/env.example lists them.");
    runs(command(cli_, "serve", "run the server until it is told to stop"), serve);
    CLI::App* diagnose = command(cli_, "diagnose", "answer one case from a file (- reads standard input); nothing is stored");
    diagnose->add_option("case", path_, "a request in the API's JSON")->required();
    runs(diagnose, [this](const Config& config) { return diagnose_file(config, path_, output()); });
    add_batch();
    add_replay();
    add_knowledge();
    add_audit();
    add_evaluation();
    add_deidentify();
    add_records();
    add_api_keys();
    runs(command(cli_, "version", "print the version of program, model and knowledge"),
         [this](const Config& config) { return print_version(config, output()); });
  }

  int run(int argc, char** argv) {
    try {
      cli_.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {  // CLI11's edge: also --help
      return cli_.exit(problem) == 0 ? 0 : 2;
    }
    return code_;
  }

 private:
  Output output() const { return json_ ? Output::json : Output::human; }

  CLI::App* command(CLI::App& parent, const char* name, const char* what) {
    CLI::App* sub = parent.add_subcommand(name, what);
    sub->add_flag("--json", json_, "print JSON");
    return sub;
  }

  void runs(CLI::App* sub, std::function<int(const Config&)> work) {
    sub->callback([this, work = std::move(work)] { code_ = with_configuration(work); });
  }

  void add_batch() {
    CLI::App* sub = command(cli_, "batch", "answer a file of cases, NDJSON or CSV, without a server; run again it goes on where it was cut off (docs/batches.md)");
    sub->add_option("file", batch_.file, "one case a line, or a table with a header")->required();
    sub->add_option("-o,--out", batch_.out, "the results to write, one line a case; must not exist yet")->required();
    sub->add_option("--format", batch_format_, "ndjson or csv; else by the file's name")->check(CLI::IsMember({"ndjson", "csv"}));
    sub->add_option("--threshold", batch_.threshold, "instead of CONFIDENCE_THRESHOLD")->check(CLI::Range(0.0, 1.0));
    runs(sub, [this](const Config& config) {
      const bool named_csv = batch_format_.empty() && batch_.file.ends_with(".csv");
      batch_.format = named_csv || batch_format_ == "csv" ? service::BatchFormat::csv : service::BatchFormat::ndjson;
      return batch(config, batch_);
    });
  }

  void add_replay() {
    CLI::App* again = command(cli_, "replay", "make a stored answer again from the versions that made it, and compare bit for bit; 0 same, 1 different, 2 not comparable");
    again->add_option("request_id", replay_.request_id, "of the answer")->required();
    again->add_flag("--show", replay_.show, "also print the values that differ: they are the patient's");
    runs(again, [this](const Config& config) { return replay(config, replay_, output()); });
  }

  void add_knowledge() {
    CLI::App* knowledge = cli_.add_subcommand("knowledge", "look into the knowledge base");
    knowledge->require_subcommand(1);
    runs(command(*knowledge, "check", "check every rule of docs/formats/knowledge.md"),
         [this](const Config& config) { return knowledge_check(config, output()); });
    CLI::App* show = command(*knowledge, "show", "print one condition or finding");
    show->add_option("id", id_, "e.g. acute_myocardial_infarction or chest_pain")->required();
    runs(show, [this](const Config& config) { return knowledge_show(config, id_, output()); });
    CLI::App* compare = knowledge->add_subcommand("compare", "compare with published frequencies and findings; prints Markdown");
    compare->add_option("folder", path_, "a folder with namcs/, healthkg/ and ddxplus/")->required();
    runs(compare, [this](const Config& config) { return knowledge_compare(config, path_); });
  }

  void add_audit() {
    CLI::App* audit = cli_.add_subcommand("audit", "the record of who did what");
    audit->require_subcommand(1);
    CLI::App* verify = command(*audit, "verify", "find any change, deletion, reordering or truncation of the audit logs");
    verify->add_option("--folder", folder_, "instead of AUDIT_DIR; logs one level below it are verified too");
    verify->add_option("--witness", path_, "a file with the checkpoints, instead of AUDIT_WITNESS: such as what a journal kept");
    runs(verify, [this](const Config& config) { return audit_verify(config, folder_, path_, output()); });
    CLI::App* prove = audit->add_subcommand("prove", "prove one entry to whoever has the log's public key; prints JSON");
    prove->add_option("index", prove_.index, "of the entry, from 0");
    prove->add_option("--request", prove_.request_id, "the id of a request instead, sought in all logs");
    prove->add_option("--log", prove_.log, "the folder of the log; else AUDIT_DIR");
    prove->add_option("--out", prove_.out, "a file to write");
    runs(prove, [this](const Config& config) { return audit_prove(config, prove_); });
    CLI::App* check = command(*audit, "check", "check such a proof; needs nothing but the file and the key");
    check->add_option("file", path_, "what `osler audit prove` wrote")->required();
    check->add_option("--public-key", id_, "as `osler audit public-key` printed it to somebody you trust")->required();
    check->callback([this] { code_ = audit_check(path_, id_, output()); });
    runs(command(*audit, "public-key", "print the key that checkpoints and proofs of each log are signed with"),
         [this](const Config& config) { return audit_public_key(config, output()); });
    CLI::App* out = audit->add_subcommand("export", "print entries as FHIR R4 AuditEvent, one JSON object a line");
    out->add_option("--from", audit_export_.from, "a date or a time (UTC): from then on");
    out->add_option("--until", audit_export_.until, "before then");
    out->add_option("--action", audit_export_.action, "only this one, such as diagnose or login.denied");
    runs(out, [this](const Config& config) { return audit_export(config, audit_export_); });
    CLI::App* accesses = command(*audit, "accesses", "who saw a patient, and when");
    accesses->add_option("--patient", id_, "the patient_id of the requests; - reads a line of standard input, which process lists do not show")->required();
    runs(accesses, [this](const Config& config) { return audit_accesses(config, id_, output()); });
  }

  void add_api_keys() {
    CLI::App* keys = cli_.add_subcommand("api-keys", "who may ask: keys of people and programs, in the store");
    keys->require_subcommand(1);
    CLI::App* create = command(*keys, "create", "make a key and show it, once");
    create->add_option("name", api_key_.name, "1 to 64 of A-Z a-z 0-9 . _ -; stands in the audit")->required();
    create->add_option("--role", api_key_.role, "clinician, integrator, data_scientist, auditor or admin")->required();
    create->add_option("--expires", api_key_.days, "days from now; else it is valid until it is revoked")->check(CLI::Range(1, 36'500));
    runs(create, [this](const Config& config) { return api_keys_create(config, api_key_, output()); });
    runs(command(*keys, "list", "names, roles, prefixes and ends; never a key"), [this](const Config& config) { return api_keys_list(config, output()); });
    CLI::App* revoke = command(*keys, "revoke", "end a key for good; servers refuse it within seconds");
    revoke->add_option("name", id_, "as `osler api-keys list` shows it")->required();
    runs(revoke, [this](const Config& config) { return api_keys_revoke(config, id_); });
  }

  void add_records() {
    runs(command(cli_, "migrate", "make the tables of the store, or bring them to this version; every start does so too"),
         [this](const Config& config) { return migrate(config, output()); });
    CLI::App* keys = cli_.add_subcommand("keys", "the keys that all records are sealed under");
    keys->require_subcommand(1);
    runs(command(*keys, "list", "versions, and how many data keys each wraps"), [this](const Config& config) { return keys_list(config, output()); });
    CLI::App* rotate = command(*keys, "rotate", "make a new key and wrap all data keys under it, beside running servers");
    rotate->add_flag("--only-wrap", only_wrap_, "make no key: wrap under the newest there is");
    runs(rotate, [this](const Config& config) { return keys_rotate(config, only_wrap_); });
    CLI::App* retire = command(*keys, "retire", "give up a key that wraps nothing any more");
    retire->add_option("version", key_version_, "as `osler keys list` shows it")->required();
    runs(retire, [this](const Config& config) { return keys_retire(config, key_version_); });
    CLI::App* patients = cli_.add_subcommand("patients", "everything stored of one patient");
    patients->require_subcommand(1);
    const auto add = [&](const char* name, const char* what, const std::function<int(const Config&)>& work) {
      CLI::App* sub = command(*patients, name, what);
      sub->add_option("id", id_, "the patient_id of the requests; - reads a line of standard input, which process lists do not show")->required();
      runs(sub, work);
    };
    add("delete", "destroy the records, their keys and vectors", [this](const Config& config) { return patients_delete(config, id_); });
    add("hold", "legal hold: neither age nor a request removes the records", [this](const Config& config) { return patients_hold(config, id_, true); });
    add("release", "end a legal hold", [this](const Config& config) { return patients_hold(config, id_, false); });
    CLI::App* out = command(cli_, "export", "write all records, sealed as they are, or one patient's in clear");
    out->add_option("out", folder_, "a folder to make; with --patient a file to make")->required();
    out->add_option("--patient", id_, "only this patient, opened; - reads the id from standard input");
    runs(out, [this](const Config& config) { return id_.empty() ? export_records(config, folder_) : export_patient(config, id_, folder_); });
    runs(command(cli_, "reembed", "read stored cases again by the present model, so that they are found among similar ones; beside running servers, may be cut off and run again"),
         [](const Config& config) { return reembed(config); });
    CLI::App* in = command(cli_, "import", "fill an empty store from an export, and delete again what the audit log says was deleted");
    in->add_option("folder", folder_, "what `osler export` wrote")->required();
    runs(in, [this](const Config& config) { return import_records(config, folder_); });
  }

  void add_evaluation() {
    CLI::App* evaluate = cli_.add_subcommand("evaluate", "measure on cases with known diagnoses");
    evaluate->require_subcommand(1);
    CLI::App* cases = command(*evaluate, "cases", "rank, calibration and triage on a JSON Lines file of vignettes");
    cases->add_option("file", evaluation_.cases, "one vignette a line; docs/evaluation.md lists its members")->required();
    cases->add_option("--mapping", evaluation_.mapping, "JSON with further acceptable codes, by case or by code");
    cases->add_option("--report", evaluation_.report, "also write an HTML page with plots and failures");
    cases->add_flag("--aggregates", evaluation_.aggregates_only, "print no case, only totals: for files nobody may tune on");
    runs(cases, [this](const Config& config) { return evaluate_cases(config, evaluation_, output()); });
    CLI::App* texts = command(*evaluate, "text", "precision and recall of reading on labelled sentences");
    texts->add_option("path", path_, "a file, or a folder of *.text; docs/evaluation.md has the marks")->required();
    runs(texts, [this](const Config& config) { return evaluate_text(config, path_, output()); });
    add_model_evaluation(*evaluate);
    add_films(*evaluate);
    CLI::App* fit = cli_.add_subcommand("fit", "fit the network's shared parameters on vignettes; writes a model directory");
    fit->add_option("file", path_, "JSON Lines, or a folder of *.jsonl")->required();
    fit->add_option("--triage", triage_, "more cases, for the thresholds of urgency alone");
    fit->add_option("--out", folder_, "the model directory to write; must not exist yet")->required();
    fit->add_option("--population", population_, "for whom the confidences will hold, in words")->required();
    runs(fit, [this](const Config& config) { return fit_network(config, {path_, triage_, folder_, population_}); });
    CLI::App* encoder = cli_.add_subcommand("fit-encoder", "fit how an encoder speaks beside the network; writes a copy of its model directory");
    encoder->add_option("file", path_, "JSON Lines, or a folder of *.jsonl")->required();
    encoder->add_option("--encoder", id_, "the model directory of the encoder")->required();
    encoder->add_option("--out", folder_, "the model directory to write; must not exist yet")->required();
    encoder->add_option("--population", population_, "for whom the confidences will hold, in words")->required();
    encoder->add_option("--card", triage_, "a page in Markdown that becomes its card.md");
    runs(encoder, [this](const Config& config) { return fit_encoder(config, {path_, id_, folder_, population_, triage_}); });
  }

  void add_model_evaluation(CLI::App& evaluate) {
    CLI::App* models = command(evaluate, "models", "network, encoder and both on the same cases, and the encoder in fp32, bf16 and int8; totals alone");
    models->add_option("file", path_, "JSON Lines, or a folder of *.jsonl")->required();
    runs(models, [this](const Config& config) { return evaluate_models(config, path_, output()); });
    CLI::App* explanations = command(evaluate, "explanations", "whether confidence falls faster when an explanation says what is removed first; totals alone");
    explanations->add_option("file", explanation_.cases, "JSON Lines, or a folder of *.jsonl")->required();
    explanations->add_option("--cases", explanation_.count, "at most so many, evenly spread; some seconds each");
    explanations->add_option("--out", explanation_.folder, "a folder for explanations.json and explanations.html, a page with plots");
    runs(explanations, [this](const Config& config) { return evaluate_explanations(config, explanation_, output()); });
  }

  void add_films(CLI::App& evaluate) {
    CLI::App* images = command(evaluate, "images", "an image model on films with known diagnoses, internal and external side by side");
    images->add_option("sets", images_.sets, "JSON that says which films (docs/formats/training.md)")->required();
    images->add_option("--model", images_.model, "a model directory; else the newest models/osler-cxr");
    images->add_option("--out", images_.folder, "a folder for films.json and films.html, a page with plots");
    runs(images, [this](const Config& config) { return evaluate_images(config, images_, output()); });
    CLI::App* fit = cli_.add_subcommand("fit-image", "fit probabilities, prediction sets and what is out of distribution; writes a copy of the model directory");
    fit->add_option("films", fit_image_.films, "the configuration that the model was trained with")->required();
    fit->add_option("--model", fit_image_.model, "the model directory of osler-train export-image")->required();
    fit->add_option("--out", fit_image_.out_folder, "the model directory to write; must not exist yet")->required();
    fit->add_option("--population", fit_image_.population, "for whom the probabilities will hold, in words")->required();
    fit->add_option("--source", fit_image_.source, "only films of this source of the configuration");
    fit->add_option("--error-rate", fit_image_.error_rate, "of the prediction sets")->check(CLI::Range(0.001, 0.5));
    fit->add_option("--least-age", fit_image_.least_age, "of the patients trained on, in years, where the films do not say");
    fit->add_option("--most-age", fit_image_.most_age, "likewise");
    fit->add_option("--card", fit_image_.card, "a page in Markdown that becomes its card.md");
    runs(fit, [this](const Config& config) { return fit_image(config, fit_image_); });
  }

  void add_deidentify() {
    CLI::App* deidentify_files = command(cli_, "deidentify", "DICOM files without what tells whose they are (PS3.15 annex E); docs/deidentification.md");
    deidentify_files->add_option("in", deidentify_.in, "a file, or a folder of files; never changed")->required();
    deidentify_files->add_option("out", deidentify_.out, "a folder to write; must not exist yet or be empty")->required();
    deidentify_files->add_option("--key-file", deidentify_.key_file, "64 hexadecimal digits, made if missing: the same key gives the same new names");
    deidentify_files->add_flag("--keep-dates", deidentify_.keeps_dates, "dates moved back by a number of days of each patient, instead of none");
    deidentify_files->add_flag("--keep-patient-characteristics", deidentify_.keeps_characteristics, "sex, age (90 and over as 90), size, weight");
    deidentify_files->add_option("--clean-pixels", deidentify_.regions, "blank this where text in the pixels is declared or likely: top:10%, or X,Y,WIDTH,HEIGHT; may be repeated")
      ->allow_extra_args(false);
    deidentify_files->add_option("--mapping", deidentify_.mapping, "also write names of before and after to this file: it links the files to patients");
    runs(deidentify_files, [this](const Config& config) { return deidentify(config, deidentify_, output()); });
  }

  CLI::App cli_{"Osler: a self-hosted clinical diagnostic assistant. Decision support for health professionals."};
  int code_ = 0;
  bool json_ = false, only_wrap_ = false;
  unsigned key_version_ = 0;
  std::string path_, id_, folder_, population_, triage_;
  ReplayRequest replay_;
  std::string batch_format_;
  BatchRequest batch_;
  EvaluationRequest evaluation_;
  ExplanationRequest explanation_;
  DeidentifyRequest deidentify_;
  ProveRequest prove_;
  AuditExportRequest audit_export_;
  EvaluateImagesRequest images_;
  FitImageRequest fit_image_;
  ApiKeyRequest api_key_;
};

/// Patients' data and keys are in the process of nearly any command: neither a core dump nor another process of this user may read it.
void keep_memory_private() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

int run(int argc, char** argv) {
  keep_memory_private();
  return CommandLine().run(argc, argv);
}

}  // namespace osler::app

int main(int argc, char** argv) { return osler::app::run(argc, argv); }
