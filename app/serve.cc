// osler serve: opens everything from the ground floor up, serves until told to stop, closes from the top down.
#include <csignal>
#include <cstdio>
#include <thread>

#include <pthread.h>

#include "app/api_keys.h"
#include "app/commands.h"
#include "app/engine.h"
#include "app/film_engine.h"
#include "app/trust.h"
#include "http/server.h"
#include "service/diagnose_service.h"
#include "service/film_service.h"

namespace osler::app {

namespace {

Result<http::ServerOptions> server_options(const Config& config, FileSystem& files) {
  http::ServerOptions options;
  options.address = config.address;
  options.port = static_cast<std::uint16_t>(config.port);
  options.threads = static_cast<std::size_t>(config.threads);
  options.trial = config.trial;
  if (!config.tls_certificate.empty()) options.tls = http::TlsFiles{config.tls_certificate, config.tls_private_key};
  if (!config.api_keys_file.empty()) options.api_keys = TRY(read_api_keys(files, config.api_keys_file));
  options.cors_origins = config.cors_origins;
  options.trusted_proxies = config.trusted_proxies;
  options.rate_limit_per_minute = static_cast<unsigned>(config.rate_limit_per_minute);
  options.web_root = config.web_folder;
  options.memory_warn_mb = static_cast<std::uint64_t>(config.memory_warn_mb);
  return options;
}

/// Blocks SIGINT and SIGTERM in this thread and all it starts; the waiter takes them one by one.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void log_recovery(const audit::Log& log, const Logger& logger) {
  if (!log.recovery()) return;
  logger.warning("audit_log_recovered", {{"next_index", static_cast<std::int64_t>(log.recovery()->next_index)},
                                         {"cut_bytes", static_cast<std::int64_t>(log.recovery()->cut_bytes)}});
}

Result<void> run(const Config& config, const Logger& logger, const sigset_t& signals) {
  const SystemClock clock;
  const std::unique_ptr<FileSystem> files = make_file_system();
  const http::ServerOptions options = TRY(server_options(config, *files));
  TRY_VOID(http::check_options(options));
  const std::unique_ptr<Engine> engine = TRY(Engine::load(config));
  if (!engine->encoder_refusal.empty()) logger.error("encoder_refused", {{"detail", LogText::safe(engine->encoder_refusal)}});
  for (const std::string& id : engine->network.unknown_red_flags()) logger.warning("red_flag_unknown", {{"finding", LogText::safe(id)}});
  const FilmEngine films = FilmEngine::load(*files, config);
  if (!films.refusal.empty()) logger.error("image_model_refused", {{"detail", LogText::safe(films.refusal)}});
  const vault::KeyRing keys = TRY(open_keys(config, *files, MissingKey::is_made, logger));
  const std::unique_ptr<cases::Store> store = TRY(open_store(config, *files, keys));
  const audit::Keys audit_keys = TRY(open_audit_keys(config, *files, keys, true));
  const std::unique_ptr<audit::Log> log =
      TRY(audit::Log::open(*files, clock, audit_keys, {.folder = config.audit_folder, .witness = config.audit_witness}));
  log_recovery(*log, logger);
  service::Recorder recorder(*store, *log, [&](const Error& error) {
    logger.error("recording_failed", {{"code", error.code}, {"detail", LogText::safe(error.internal)}});
  });
  const std::unique_ptr<service::DiagnoseService> service = service::make_diagnose_service(
      {engine->answerer, engine->knowledge, engine->reader, keys, *store, *log, recorder, clock});
  const std::unique_ptr<service::FilmService> film_service = service::make_film_service(
      {films.decoder, films.reader.get(), films.trouble, keys, recorder, clock, config.keep_films});
  const std::unique_ptr<http::Server> server = TRY(http::Server::create(options, *service, *film_service, clock, logger));
  if (config.trial) logger.warning("trial_mode", {{"note", "no login, loopback only, not for patients"}});
  logger.info("ready", {{"port", static_cast<int>(server->port())}, {"model", LogText::safe(service->model_version())}});

  std::thread waiter([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    logger.info("stopping", {{"signal", signal}});
    server->stop();
  });
  server->run();
  pthread_kill(waiter.native_handle(), SIGTERM);  // run() may also end by itself
  waiter.join();
  recorder.stop();
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
