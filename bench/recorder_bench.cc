// What durability costs: the disk's own fdatasync, one durable record at a time, and group commit at 32 in flight. Prints
// JSON. Usage: recorder_bench [folder] [seconds]
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "audit/verify.h"
#include "base/ids.h"
#include "base/json.h"
#include "cases/sqlite/sqlite_store.h"
#include "service/recorder.h"

namespace {

using namespace osler;

constexpr std::size_t kPayloadBytes = 20'000;  // an answer with ten explained candidates
constexpr std::size_t kInFlight = 32;

double milliseconds_since(SteadyTime begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

std::unique_ptr<vault::KeySource> fresh_keys() {
  const auto root = std::make_shared<const vault::Secret>(vault::Secret::random());
  return vault::KeySource::create([root]() -> Result<vault::KeyRing> { return vault::KeyRing::of(root->copy()); }).value();
}

/// Everything that a server has for its records, in a folder of its own.
struct Stack {
  explicit Stack(const std::string& folder) : keys(fresh_keys()) {
    store = cases::open_sqlite_store(*files, *keys->ring(), {folder + "/osler.db", ""}).value();
    audit::LogOptions options;
    options.folder = folder + "/audit";
    log = audit::Log::open(*files, clock, audit_keys, options).value();
    recorder = std::make_unique<service::Recorder>(*store, *log, *keys);
  }

  service::RecordRequest request() {
    audit::Entry entry;
    entry.actor = "bench";
    entry.role = "integrator";
    entry.client_address = "127.0.0.1";
    entry.action = "diagnose";
    entry.outcome = "answered";
    const cases::RecordDraft draft{make_uuid(), vault::Phi<std::string>(make_uuid()), "bench", clock.now(), "osler-network-1+kb.0123456789ab",
                                   vault::Phi<std::string>(std::string(kPayloadBytes, 'x'))};
    return service::make_record_request(*keys->ring(), names, entry, draft).value();
  }

  SystemClock clock;
  std::unique_ptr<FileSystem> files = make_file_system();
  std::unique_ptr<vault::KeySource> keys;
  const vault::Names names = vault::Names::random();
  audit::Keys audit_keys{vault::AuditSecrets{vault::Secret::random(), vault::Secret::random()}};
  std::unique_ptr<cases::Store> store;
  std::unique_ptr<audit::Log> log;
  std::unique_ptr<service::Recorder> recorder;
};

std::vector<double> time_syncs(FileSystem& files, const std::string& folder) {
  const auto file = files.open_append(folder + "/sync").value();
  const Bytes bytes(4096, 1);
  std::vector<double> times;
  for (int i = 0; i < 300; ++i) {
    const SteadyTime begin = std::chrono::steady_clock::now();
    file->append(bytes).value();
    file->sync().value();
    times.push_back(milliseconds_since(begin));
  }
  return times;
}

std::vector<double> time_single_records(Stack& stack, double seconds) {
  std::vector<double> times;
  const SteadyTime start = std::chrono::steady_clock::now();
  while (milliseconds_since(start) < seconds * 1000) {
    const SteadyTime begin = std::chrono::steady_clock::now();
    std::promise<void> done;
    stack.recorder->submit(stack.request(), [&](Result<void> outcome) { outcome.value(); done.set_value(); });
    done.get_future().wait();
    times.push_back(milliseconds_since(begin));
  }
  return times;
}

/// Keeps a number in flight from one thread.
class Window {
 public:
  void enter() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return in_flight_ < kInFlight; });
    ++in_flight_;
  }
  void leave() {
    const std::lock_guard guard(mutex_);
    --in_flight_;
    changed_.notify_one();
  }
  void drain() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return in_flight_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t in_flight_ = 0;
};

double records_per_second(Stack& stack, double seconds, bool with_records) {
  Window window;
  std::size_t count = 0;
  const SteadyTime start = std::chrono::steady_clock::now();
  for (; milliseconds_since(start) < seconds * 1000; ++count) {
    window.enter();
    service::RecordRequest request = stack.request();
    if (!with_records) request.record.reset();
    stack.recorder->submit(std::move(request), [&](Result<void> outcome) { outcome.value(); window.leave(); });
  }
  window.drain();
  return static_cast<double>(count) / milliseconds_since(start) * 1000;
}

/// As many threads as are in flight, each with one entry at a time and no record: what group commit makes of one log.
double entries_per_second(Stack& stack, double seconds) {
  const audit::Entry entry = stack.request().entry;
  std::atomic<std::size_t> count{0};
  std::vector<std::thread> submitters;
  const SteadyTime start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kInFlight; ++i)
    submitters.emplace_back([&] {
      for (; milliseconds_since(start) < seconds * 1000; ++count) {
        std::promise<void> done;
        stack.recorder->submit({entry, std::nullopt}, [&](Result<void> outcome) { outcome.value(); done.set_value(); });
        done.get_future().wait();
      }
    });
  for (std::thread& submitter : submitters) submitter.join();
  return static_cast<double>(count) / milliseconds_since(start) * 1000;
}

double time_verify(Stack& stack, const std::string& folder, std::size_t entries) {
  std::vector<audit::Entry> batch(100, stack.request().entry);
  while (stack.log->size() < entries) stack.log->append(batch).value();
  const SteadyTime begin = std::chrono::steady_clock::now();
  const auto report = audit::verify(*stack.files, stack.audit_keys, {folder + "/audit", "", audit::kCheckpointEntries}).value();
  CHECK(report.sound());
  return milliseconds_since(begin) * 100'000 / static_cast<double>(report.entries);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string folder = (count > 1 ? arguments[1] : std::string(".")) + "/recorder-bench-" + make_uuid();
  const double seconds = count > 2 ? std::atof(arguments[2]) : 5;
  std::filesystem::create_directories(folder);
  Json result;
  {
    Stack stack(folder);
    const std::vector<double> syncs = time_syncs(*stack.files, folder);
    const std::vector<double> singles = time_single_records(stack, seconds);
    const double before = static_cast<double>(stack.recorder->counts().batches);
    result["payload_bytes"] = kPayloadBytes;
    result["fdatasync_ms"] = {{"p50", percentile(syncs, 0.5)}, {"p99", percentile(syncs, 0.99)}};
    result["single_record_ms"] = {{"p50", percentile(singles, 0.5)}, {"p99", percentile(singles, 0.99)}};
    result["single_record_in_fdatasyncs"] = percentile(singles, 0.5) / percentile(syncs, 0.5);
    const double recorded = static_cast<double>(stack.recorder->counts().recorded);
    result["records_per_second_32_in_flight"] = records_per_second(stack, seconds, true);
    result["records_in_a_batch"] = (static_cast<double>(stack.recorder->counts().recorded) - recorded) /
                                   (static_cast<double>(stack.recorder->counts().batches) - before);
    result["audit_entries_per_second_32_in_flight"] = records_per_second(stack, seconds, false);
    const double batches = static_cast<double>(stack.recorder->counts().batches), entries = static_cast<double>(stack.recorder->counts().recorded);
    result["audit_entries_per_second_32_submitters"] = entries_per_second(stack, seconds);
    result["entries_in_a_batch_32_submitters"] = (static_cast<double>(stack.recorder->counts().recorded) - entries) /
                                                 (static_cast<double>(stack.recorder->counts().batches) - batches);
    result["verify_100000_entries_ms"] = time_verify(stack, folder, 100'000);
  }
  std::filesystem::remove_all(folder);
  std::puts(result.dump(2).c_str());
  return 0;
}
