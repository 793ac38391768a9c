// osler serve: opens everything from the ground floor up, serves until told to stop, closes from the top down.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <future>
#include <optional>
#include <thread>

#include <pthread.h>

#include "app/access.h"
#include "app/batch_command.h"
#include "app/commands.h"
#include "app/engine.h"
#include "app/film_engine.h"
#include "app/housekeeping_tasks.h"
#include "app/kept_versions.h"
#include "app/repeated_deletions.h"
#include "app/server_entries.h"
#include "app/trust.h"
#include "http/server.h"
#include "service/access_log.h"
#include "service/audit_trail.h"
#include "service/batch_runner.h"
#include "service/batch_service.h"
#include "service/case_service.h"
#include "service/diagnose_service.h"
#include "service/film_service.h"
#include "service/key_rotation.h"
#include "service/patient_records.h"

namespace osler::app {

namespace {

constexpr int kDrainBehindProxy = 3;  // deploy/haproxy.cfg asks twice a second and believes the second no

http::ServerOptions server_options(const Config& config) {
  http::ServerOptions options;
  options.address = config.address;
  options.port = static_cast<std::uint16_t>(config.port);
  options.threads = static_cast<std::size_t>(config.threads);
  options.trial = config.trial;
  if (!config.tls_certificate.empty()) options.tls = http::TlsFiles{config.tls_certificate, config.tls_private_key};
  options.cors_origins = config.cors_origins;
  options.trusted_proxies = config.trusted_proxies;
  options.drain = std::chrono::seconds(config.drain_seconds.value_or(config.trusted_proxies.empty() ? 0 : kDrainBehindProxy));
  options.rate_limit_per_minute = static_cast<unsigned>(config.rate_limit_per_minute);
  options.web_root = config.web_folder;
  options.memory_warn_mb = static_cast<std::uint64_t>(config.memory_warn_mb);
  return options;
}

/// Blocks SIGINT, SIGTERM and SIGHUP in this thread and all it starts; the waiter takes them one by one.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void log_refusals(const EngineParts& parts, const FilmEngine& films, const Logger& logger) {
  if (!parts.encoder.refusal.empty()) logger.error("encoder_refused", {{"detail", LogText::safe(parts.encoder.refusal)}});
  if (!films.refusal.empty()) logger.error("image_model_refused", {{"detail", LogText::safe(films.refusal)}});
}

void log_unknown_red_flags(const Engine& engine, const Logger& logger) {
  for (const std::string& id : engine.network.unknown_red_flags()) logger.warning("red_flag_unknown", {{"finding", LogText::safe(id)}});
}

void log_recovery(const audit::Log& log, const Logger& logger) {
  if (!log.recovery()) return;
  logger.warning("audit_log_recovered", {{"next_index", static_cast<std::int64_t>(log.recovery()->next_index)},
                                         {"cut_bytes", static_cast<std::int64_t>(log.recovery()->cut_bytes)}});
}

/// A store that is an older copy learns what was deleted since, before anybody can ask for it. How many records it lacks.
Result<std::uint64_t> tell_restored_copy(const Config& config, FileSystem& files, cases::Store& store, const vault::KeySource& keys, const vault::Names& names, audit::Log& log,
                                const Logger& logger) {
  const RestoredCopy copy = TRY(repeat_deletions(config, files, store, keys, names, Since::last_time));
  if (copy.missing > 0)
    logger.error("records_missing", {{"note", "answers of the audit log have no record here: an older copy of the store, or the end of its write-ahead log is lost"},
                                     {"of_the_last_hundred", static_cast<std::int64_t>(copy.missing)}});
  if (copy.repeated.empty()) return copy.missing;
  std::vector<audit::Entry> entries;
  std::uint64_t removed = 0;
  for (const Repeated& one : copy.repeated) {
    entries.push_back(system_entry(one.action, one.outcome, one.patient_token));
    removed += one.records;
  }
  logger.warning("older_store", {{"note", "a restored copy: deletions and holds of the audit log were done again"}, {"removed_records", static_cast<std::int64_t>(removed)}});
  for (std::size_t begin = 0; begin < entries.size(); begin += audit::kMaxFrameEntries)
    TRY(log.append(std::span(entries).subspan(begin, std::min(audit::kMaxFrameEntries, entries.size() - begin))));
  return copy.missing;
}

constexpr std::size_t kLookupThreads = 4;  // they wait for the store more than they compute

service::BatchRunnerSettings batch_settings(const Config& config, const http::Server& server) {
  service::BatchRunnerSettings settings;
  settings.threads = batch_threads(config);
  settings.others_wait = [&server] { return server.is_busy(); };
  return settings;
}

/// The edge's way to the audit, and what the metrics say of it.
void tell_the_audit(http::ServerOptions& options, service::AccessLog& access_log, const service::Recorder& recorder, const audit::Log& log,
                    std::uint64_t records_missing) {
  options.on_unaudited = [&access_log](const service::RequestContext& context, audit::Action action, std::string outcome) {
    access_log.note(context, action, std::move(outcome));
  };
  options.recording = [&access_log, &recorder, &log, records_missing] {
    const service::RecorderCounts counts = recorder.counts();
    return http::RecordingState{recorder.healthy() && !log.broken(), counts.audit_failures, counts.store_failures, access_log.skipped(), log.witness_failures(),
                                records_missing};
  };
}

/// Serves until a signal has stopped it; SIGHUP reloads the certificate.
void serve_until_told(http::Server& server, const sigset_t& signals, const Logger& logger) {
  std::atomic<bool> ended = false;
  std::thread waiter([&] {
    for (int signal = 0; sigwait(&signals, &signal) == 0 && !ended;) {
      if (signal == SIGHUP) {
        server.reload_certificate();
        continue;
      }
      logger.info("stopping", {{"signal", signal}});
      server.stop();  // a second signal ends the drain
    }
  });
  server.run();
  ended = true;
  pthread_kill(waiter.native_handle(), SIGTERM);
  waiter.join();
}

Result<void> run(const Config& config, const Logger& logger, const sigset_t& signals) {
  const SystemClock clock;
  const std::unique_ptr<FileSystem> files = make_file_system();
  http::ServerOptions options = server_options(config);
  TRY_VOID(http::check_listening(options));  // before anything is opened or made
  auto loading_films = std::async(std::launch::async, [&] { return FilmEngine::load(*files, config); });
  EngineParts parts = TRY(EngineParts::load(config));
  const FilmEngine films = loading_films.get();
  log_refusals(parts, films, logger);
  const Versions versions = versions_of(parts.knowledge, parts.model, parts.encoder.model.get(), films);
  auto building_engine = std::async(std::launch::async, [&parts] { return std::make_unique<Engine>(std::move(parts)); });  // cannot fail; beside what waits for the disk
  const std::unique_ptr<vault::KeySource> keys = TRY(open_keys(config, *files, MissingKey::is_made, logger));
  TRY_VOID(require_store_of_log(config, *files));
  const std::unique_ptr<cases::Store> store = TRY(open_store(config, *files, *keys->ring()));
  const vault::Names names = TRY(open_names(*store, *keys->ring()));
  keys->require([&](const vault::KeyRing& ring) { return service::accept_keys(store->keys(), ring); });
  const std::unique_ptr<Access> access = TRY(Access::open(config, *files, store->api_keys(), names, clock, logger));
  access->give_to(options);
  TRY_VOID(http::check_options(options));
  const audit::Keys audit_keys = TRY(open_audit_keys(config, *files, *keys->ring(), true));
  const auto log = TRY(audit::Log::open(*files, clock, audit_keys, {.folder = config.audit_folder, .witness = config.audit_witness}));
  log_recovery(*log, logger);
  const std::uint64_t records_missing = TRY(tell_restored_copy(config, *files, *store, *keys, names, *log, logger));
  TRY_VOID(keep_versions(*files, config, versions));
  const std::unique_ptr<Engine> engine = building_engine.get();
  log_unknown_red_flags(*engine, logger);
  service::Recorder recorder(*store, *log, *keys, [&](const Error& error) {
    logger.error("recording_failed", {{"code", error.code}, {"detail", LogText::safe(error.internal)}});
  });
  service::SimilarCaseFinder finder(engine->knowledge, *store, *keys, names);
  service::Lookups lookups(kLookupThreads);
  service::PatientRecords patients(*store, *keys, names);
  const std::unique_ptr<service::DiagnoseService> service = service::make_diagnose_service(
      {engine->answerer, engine->knowledge, engine->reader, *keys, names, *store, *log, recorder, finder, lookups, clock});
  const std::unique_ptr<service::CaseService> case_service = service::make_case_service(
      {engine->answerer, engine->knowledge, finder, lookups, patients, *store, *keys, names, recorder, clock});
  const std::unique_ptr<service::FilmService> film_service = service::make_film_service(
      {films.decoder, films.reader.get(), films.trouble, *keys, names, recorder, clock, config.keep_films});
  service::AccessLog access_log(recorder, clock);
  tell_the_audit(options, access_log, recorder, *log, records_missing);
  std::optional<service::BatchRunner> runner;
  service::BatchService batches({*keys, names, *store, recorder, clock, [&runner] { runner->wake(); }});
  service::AuditTrail audit_trail({*files, *keys, names, recorder, config.audit_folder});
  const std::unique_ptr<http::Server> server = TRY(http::Server::create(options, *service, *film_service, *case_service, clock, logger, &batches, &audit_trail));
  TRY_VOID(audit_start(*log, *files, audit_keys, names, config, service->model_version()));
  std::optional<Housekeeping> housekeeping;
  housekeeping.emplace(TRY(housekeeping_tasks({config, *files, clock, *keys, *store, patients, recorder, batches}, logger)), logger);
  const service::BatchRunnerParts runner_parts{engine->answerer, *keys, names, *store, recorder, finder, clock};
  runner.emplace(runner_parts, batch_settings(config, *server), [&](const Error& error) {
    logger.error("batch_failed", {{"code", error.code}, {"detail", LogText::safe(error.internal)}});
  });
  if (config.trial) logger.warning("trial_mode", {{"note", "no login, loopback only, not for patients"}});
  logger.info("ready", {{"port", static_cast<int>(server->port())}, {"model", LogText::safe(service->model_version())}});

  serve_until_told(*server, signals, logger);
  housekeeping.reset();
  runner.reset();
  access_log.finish();
  recorder.stop();
  TRY_VOID(audit_stop(*log));
  TRY_VOID(log->close());
  TRY_VOID(store->close());
  logger.info("stopped");
  return ok();
}

}  // namespace

int serve(const Config& config) {
  const sigset_t signals = block_stop_signals();
  const Result<void> result = run(config, Logger(config.log_level), signals);
  return result ? 0 : refuse(result.error());
}

}  // namespace osler::app
