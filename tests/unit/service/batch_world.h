// A real store and a real audit log in a folder of their own, a small world to answer from, and a batch to work on.
#pragma once

#include <filesystem>
#include <future>

#include "../vault/fixed_keys.h"
#include "audit/reader.h"
#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"
#include "service/batch_runner.h"
#include "service/batch_service.h"
#include "small_world.h"
#include "vault/key_file.h"

namespace osler::service {

class BatchWorld {
 public:
  BatchWorld() {
    char pattern[] = "/tmp/osler-batch-XXXXXX";
    folder_ = mkdtemp(pattern);
    store = cases::open_sqlite_store(*files, *keys->ring(), {.path = folder_ + "/store.sqlite", .vfs = ""}).value();
    audit_keys = std::make_unique<audit::Keys>(vault::load_or_create_audit_secrets(*files, folder_ + "/secrets", *keys->ring()).value());
    log = audit::Log::open(*files, clock, *audit_keys, {.folder = folder_ + "/audit", .witness = ""}).value();
    recorder = std::make_unique<Recorder>(*store, *log, *keys);
    finder_.emplace(world.knowledge, *store, *keys, names);
  }
  ~BatchWorld() {
    recorder->stop();
    std::filesystem::remove_all(folder_);
  }
  BatchWorld(const BatchWorld&) = delete;
  BatchWorld& operator=(const BatchWorld&) = delete;

  /// `count` good cases; every seventh of them is refused: no age, or no JSON.
  static std::string upload(std::size_t count) {
    std::string text;
    for (std::size_t i = 1; i <= count; ++i) {
      if (i % 14 == 7) text += "{\"symptoms\":[\"cough\"],\"severity\":\"mild\"}\n";
      else if (i % 14 == 0) text += "no json\n";
      else text += "{\"age\":" + std::to_string(20 + i % 60) + ",\"symptoms\":[\"cough\",\"fever\"],\"severity\":\"mild\",\"patient_id\":\"p" + std::to_string(i) + "\"}\n";
    }
    return text;
  }
  static std::size_t refused_of(std::size_t count) { return count / 7; }

  BatchService service() { return BatchService({*keys, names, *store, *recorder, clock}); }
  static RequestContext context(const std::string& actor = "ward") { return {make_uuid(), actor, "clinician", "127.0.0.1"}; }

  /// Sent, not yet worked on: its id.
  std::string send(const std::string& text) {
    BatchService batches({*keys, names, *store, *recorder, clock});
    auto taken = batches.receive(BatchFormat::ndjson, std::nullopt, context()).value();
    EXPECT_TRUE(taken->take(text));
    return taken->finish().value()["id"];
  }

  BatchRunnerParts parts() { return {world.answerer, *keys, names, *store, *recorder, *finder_, clock}; }
  static BatchRunnerSettings settings() {
    BatchRunnerSettings settings;
    settings.threads = 2;
    settings.pause = std::chrono::milliseconds(5);
    settings.gives_way = false;
    return settings;
  }
  /// Works until the batch is at its end.
  cases::BatchInfo work(const std::string& batch) {
    BatchRunner runner(parts(), settings());
    return wait_for(batch, [](const cases::BatchInfo& info) { return info.state == cases::BatchState::done || info.state == cases::BatchState::cancelled; });
  }
  cases::BatchInfo wait_for(const std::string& batch, const std::function<bool(const cases::BatchInfo&)>& reached) {
    while (true) {
      cases::BatchInfo info = store->batches().info(batch).value();
      if (reached(info)) return info;
      std::this_thread::yield();
    }
  }

  std::vector<cases::ChunkOutcome> outcomes(const std::string& batch) { return store->batches().outcomes(batch, 0, 1'000'000).value(); }

  /// Of the audit log: how many entries name each request, of actions that begin so.
  std::map<std::string, std::vector<audit::Entry>> entries(std::string_view action) {
    recorder->stop();
    EXPECT_TRUE(log->close());
    std::map<std::string, std::vector<audit::Entry>> found;
    const auto read = audit::read_entries(*files, *audit_keys, folder_ + "/audit", [&](std::uint64_t, std::string_view json) -> Result<void> {
      const audit::LoggedEntry logged = TRY(audit::parse_entry(json));
      if (logged.entry.action == action) found[logged.entry.request_id].push_back(logged.entry);
      return ok();
    });
    EXPECT_TRUE(read);
    return found;
  }

  SmallWorld world;
  SystemClock clock;
  std::unique_ptr<FileSystem> files = make_file_system();
  const std::unique_ptr<vault::KeySource> keys = vault::fixed_keys();
  const vault::Names names = vault::Names::random();
  std::unique_ptr<cases::Store> store;
  std::unique_ptr<audit::Keys> audit_keys;
  std::unique_ptr<audit::Log> log;
  std::unique_ptr<Recorder> recorder;

 private:
  std::string folder_;
  std::optional<SimilarCaseFinder> finder_;
};

}  // namespace osler::service
