// osler batch: a file of cases through the configured store, without a server.
#include "app/batch_command.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <unistd.h>

#include "app/command_log.h"
#include "app/commands.h"
#include "app/engine.h"
#include "app/film_engine.h"
#include "app/kept_versions.h"
#include "app/trust.h"
#include "base/sha256.h"
#include "service/batch_runner.h"
#include "service/batch_service.h"
#include "service/interaction.h"
#include "service/key_rotation.h"

namespace osler::app {

namespace {

constexpr std::size_t kPieceBytes = 1024 * 1024;
constexpr std::chrono::seconds kLease{10};        // a run that was killed is gone on with after that
constexpr std::chrono::milliseconds kLook{200};
constexpr const char* kRole = "operator";

std::size_t cores() { return std::max(1u, std::thread::hardware_concurrency()); }

/// `use` gets the file in pieces, to its end or its first error.
Result<void> read_pieces(const std::string& path, const std::function<Result<void>(std::string_view)>& use) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) return make_error(ErrorCode::not_found, "The file of cases cannot be read: " + path + ".");
  std::string piece(kPieceBytes, '\0');
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    TRY_VOID(use(std::string_view(piece).substr(0, static_cast<std::size_t>(file.gcount()))));
  }
  return file.bad() ? make_error(ErrorCode::unavailable, "The file of cases cannot be read to its end: " + path + ".") : ok();
}

/// Stop signals, taken one by one instead of ending the program at once.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  /// Whether one came within that time.
  bool wait(std::chrono::milliseconds patience) const {
    const timespec time{0, static_cast<long>(patience.count()) * 1'000'000};
    return sigtimedwait(&signals_, nullptr, &time) > 0;
  }

 private:
  sigset_t signals_;
};

/// A bar with rate and time left, on a terminal.
class Progress {
 public:
  Progress(std::uint64_t done, std::uint64_t total) : first_(done), total_(total) {}
  void show(std::uint64_t done) const {
    if (::isatty(STDERR_FILENO) == 0) return;
    constexpr std::uint64_t kWidth = 40;
    const std::uint64_t filled = total_ == 0 ? kWidth : done * kWidth / total_;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    const double rate = seconds > 0 ? static_cast<double>(done - first_) / seconds : 0;
    std::fprintf(stderr, "\r[%s%s] %llu of %llu", std::string(filled, '#').c_str(), std::string(kWidth - filled, '.').c_str(),
                 static_cast<unsigned long long>(done), static_cast<unsigned long long>(total_));
    if (rate > 0) std::fprintf(stderr, ", %.0f a second, %.0f s left  ", rate, static_cast<double>(total_ - done) / rate);
    if (done == total_) std::fputc('\n', stderr);
  }

 private:
  const std::uint64_t first_, total_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// One run over everything it needs; the parts go from the last to the first.
class LocalBatch {
 public:
  LocalBatch(const Config& config, const BatchRequest& request, Engine& engine, Trust& trust, audit::Log& log)
      : config_(config), request_(request), engine_(engine), trust_(trust), recorder_(*trust.store, log, *trust.keys),
        finder_(engine.knowledge, *trust.store, *trust.keys, *trust.names), batches_({*trust.keys, *trust.names, *trust.store, recorder_, clock_}) {
    context_.actor = operator_name();
    context_.role = kRole;
  }

  Result<void> run() {
    TRY_VOID(find());
    TRY_VOID(take_in());
    const cases::BatchInfo done = TRY(work());
    TRY_VOID(write_results());
    std::printf("%llu cases: %llu answered, %llu refused. The results stand in %s IN CLEAR: whoever reads the file reads the patients' data.\n",
                static_cast<unsigned long long>(done.cases), static_cast<unsigned long long>(done.answered), static_cast<unsigned long long>(done.refused), request_.out.c_str());
    return ok();
  }

 private:
  /// The same file, options and models make the same batch, so that a second run goes on with the first; after a batch that was cancelled, a new one.
  Result<void> find() {
    Digest digest{};
    TRY_VOID(read_pieces(request_.file, [&](std::string_view piece) {
      digest = sha256({digest, as_bytes(piece)});
      return ok();
    }));
    options_ = service::write_options({request_.threshold, kRole, ""});
    const std::string same = "file " + to_hex(digest) + " " + options_ + " " + engine_.answerer.model_version();
    for (std::uint64_t begun = 0;; ++begun) {
      context_.request_id = batch_ = trust_.names->request_id(same, begun);
      const Result<cases::BatchInfo> info = trust_.store->batches().info(batch_);
      if (!info && info.error().code != ErrorCode::not_found) return info.error();
      if (!info || info->state != cases::BatchState::cancelled) return ok();
    }
  }

  Result<void> take_in() {
    cases::Batches& store = trust_.store->batches();
    Result<cases::BatchInfo> info = store.info(batch_);
    if (!info && info.error().code != ErrorCode::not_found) return info.error();
    if (!info) {
      cases::BatchInfo batch;
      batch.id = batch_;
      batch.owner = context_.actor;
      batch.format = service::name_of(request_.format);
      batch.created = clock_.now();
      batch.options = options_;
      TRY_VOID(store.create(batch));
      info = std::move(batch);
    }
    if (info->state != cases::BatchState::receiving) return ok();
    service::BatchIntake intake(store, *trust_.keys, batch_, request_.format, info->chunks);
    TRY_VOID(read_pieces(request_.file, [&](std::string_view piece) { return intake.take(piece); }));
    TRY_VOID(intake.finish());
    TRY_VOID(audit("received:" + std::to_string(intake.cases())));
    return store.set_state(batch_, cases::BatchState::ready);
  }

  Result<void> audit(std::string outcome) {
    return recorder_.record(service::entry_for(context_, audit::Action::batch_create, std::move(outcome)));
  }

  Result<cases::BatchInfo> work() {
    std::promise<Error> failure;
    std::future<Error> failed = failure.get_future();
    std::once_flag once;
    service::BatchRunnerSettings settings;
    settings.threads = static_cast<std::size_t>(std::max(1, config_.batch_threads.value_or(static_cast<int>(cores()))));
    settings.lease = kLease;
    settings.gives_way = false;
    service::BatchRunner runner({engine_.answerer, *trust_.keys, *trust_.names, *trust_.store, recorder_, finder_, clock_}, settings,
                                [&](const Error& error) { std::call_once(once, [&] { failure.set_value(error); }); });
    std::optional<Progress> progress;
    while (true) {
      cases::BatchInfo info = TRY(trust_.store->batches().info(batch_));
      if (!progress) progress.emplace(info.answered + info.refused, info.cases);
      progress->show(info.answered + info.refused);
      if (info.state == cases::BatchState::done) return info;
      if (info.state == cases::BatchState::cancelled) return make_error(ErrorCode::conflict, "The batch was cancelled.");
      if (failed.wait_for(std::chrono::seconds(0)) == std::future_status::ready) return failed.get();
      if (signals_.wait(kLook)) return make_error(ErrorCode::unavailable, "The run was stopped. The same command goes on with it.");
    }
  }

  Result<void> write_results() {
    const std::string partial = request_.out + ".partial";
    std::error_code failed;
    std::filesystem::remove(partial, failed);
    const std::unique_ptr<AppendFile> file = TRY(trust_.files->open_append(partial));  // mode 0600
    service::BatchPage page;
    do {
      page = TRY(batches_.results(batch_, page.last_line, limits::kMaxBatchPageLines, context_));
      TRY_VOID(file->append(as_bytes(page.ndjson)));
    } while (page.more);
    TRY_VOID(file->sync());
    std::filesystem::rename(partial, request_.out, failed);
    return failed ? make_error(ErrorCode::unavailable, "The results cannot be given their name: " + request_.out + ".", failed.message()) : ok();
  }

  const Config& config_;
  const BatchRequest& request_;
  Engine& engine_;
  Trust& trust_;
  const SystemClock clock_;
  const StopSignals signals_;  // before any thread
  service::Recorder recorder_;
  service::SimilarCaseFinder finder_;
  service::BatchService batches_;
  service::RequestContext context_;
  std::string batch_, options_;
};

Result<void> run_batch(const Config& config, const BatchRequest& request) {
  if (std::filesystem::exists(request.out)) return make_error(ErrorCode::conflict, "The file to write exists already: name another one.", request.out);
  const Logger logger(LogLevel::error);
  const std::unique_ptr<Engine> engine = TRY(Engine::load(config));
  Trust trust;
  trust.files = make_file_system();
  trust.keys = TRY(open_keys(config, *trust.files, MissingKey::is_made, logger));
  trust.store = TRY(open_store(config, *trust.files, *trust.keys->ring()));
  trust.names = std::make_unique<vault::Names>(TRY(open_names(*trust.store, *trust.keys->ring())));
  trust.keys->require([&](const vault::KeyRing& ring) { return service::accept_keys(trust.store->keys(), ring); });
  TRY_VOID(keep_versions(*trust.files, config, versions_of(engine->knowledge, engine->model, engine->encoder.get(), FilmEngine::load(*trust.files, config))));
  const std::unique_ptr<CommandLog> commands = TRY(open_command_log(config, *trust.files, *trust.keys->ring()));
  TRY_VOID(LocalBatch(config, request, *engine, trust, *commands->log).run());
  return commands->log->close();
}

}  // namespace

std::size_t batch_threads(const Config& config) {
  if (config.batch_threads) return static_cast<std::size_t>(*config.batch_threads);
  return std::max<std::size_t>(1, cores() - 1);
}

int batch(const Config& config, const BatchRequest& request) {
  const Result<void> done = run_batch(config, request);
  return done ? 0 : refuse(done.error());
}

}  // namespace osler::app
