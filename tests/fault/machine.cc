#include "fault/machine.h"

#include <condition_variable>

#include "base/ids.h"

namespace osler::fault {

namespace {

constexpr const char* kKeyFile = "/var/vault/keys";
constexpr const char* kAuditKeyFile = "/var/vault/audit.key";

std::string payload_of(const std::string& id) { return "{\"request\":\"" + id + "\",\"answer\":\"" + std::string(900, 'x') + "\"}"; }

/// Waits for a number of answers.
class Latch {
 public:
  explicit Latch(std::size_t count) : left_(count) {}
  void count_down() {
    const std::lock_guard guard(mutex_);
    if (--left_ == 0) done_.notify_all();
  }
  void wait() {
    std::unique_lock guard(mutex_);
    done_.wait(guard, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t left_;
};

}  // namespace

Machine::Machine(FaultDisk& disk) : disk_(disk), vfs_(disk), files_(make_fault_file_system(disk)) {}

Result<void> Machine::start() {
  stop();
  TRY(vault::load_or_create_key_file(*files_, kKeyFile));
  keys_ = TRY(vault::KeySource::create([this] { return vault::load_key_file(*files_, kKeyFile); }));
  names_.emplace(vault::Names::of_first_key(*keys_->ring()));
  audit_keys_.emplace(TRY(vault::load_or_create_audit_secrets(*files_, kAuditKeyFile, *keys_->ring())));
  store_ = TRY(cases::open_sqlite_store(*files_, *keys_->ring(), {kStorePath, vfs_.name()}));
  audit::LogOptions options;
  options.folder = kAuditFolder;
  options.segment_bytes = 8 * 1024;  // so that rotation happens often
  options.checkpoint_entries = 10;
  log_ = TRY(audit::Log::open(*files_, clock_, *audit_keys_, options));
  recorder_ = std::make_unique<service::Recorder>(*store_, *log_, *keys_);
  return ok();
}

void Machine::stop() {
  recorder_.reset();
  log_.reset();
  store_.reset();
  audit_keys_.reset();
  keys_.reset();
}

service::RecordRequest Machine::make_request(const std::string& id, bool refused) const {
  audit::Entry entry;
  entry.request_id = id;
  entry.actor = "trial";
  entry.action = "diagnose";
  entry.outcome = refused ? "refused:invalid" : "answered";
  if (refused) return {entry, std::nullopt};
  const cases::RecordDraft draft{id, vault::Phi<std::string>("patient " + id), "trial", clock_.now(), "network-1",
                                 vault::Phi<std::string>(payload_of(id))};
  return service::make_record_request(*keys_->ring(), *names_, entry, draft).value();
}

void Machine::serve(std::size_t count, std::mt19937_64& random) {
  Latch latch(count);
  std::mutex mutex;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = make_uuid();
    const bool refused = random() % 4 == 0;
    recorder_->submit(make_request(id, refused), [&, id, refused](Result<void> outcome) {
      {
        const std::lock_guard guard(mutex);
        (!outcome ? told.failed : refused ? told.refused : told.answered).insert(id);
      }
      latch.count_down();
    });
  }
  latch.wait();
}

void Machine::check_records(std::vector<std::string>& broken) {
  for (const std::string& id : told.answered) {
    const Result<cases::SealedRecord> record = store_->get(id);
    if (!record) {
      broken.push_back("an acknowledged record is gone: " + describe(record.error()));
      continue;
    }
    const auto payload = cases::open_record(*keys_->ring(), *record);
    if (!payload || payload->reveal_phi() != payload_of(id)) broken.push_back("an acknowledged record does not open");
  }
}

void Machine::check_entries(std::vector<std::string>& broken) {
  const auto logged = outcomes();
  const auto expect = [&](const std::set<std::string>& ids, const std::string& outcome) {
    for (const std::string& id : ids) {
      const auto found = logged.find(id);
      if (found == logged.end()) broken.push_back("an acknowledged entry is gone");
      else if (found->second != outcome) broken.push_back("an acknowledged entry says " + found->second);
    }
  };
  expect(told.answered, "answered");
  expect(told.refused, "refused:invalid");
}

std::vector<std::string> Machine::broken_promises() {
  std::vector<std::string> broken;
  check_records(broken);
  check_entries(broken);
  audit::VerifyOptions options;
  options.folder = kAuditFolder;
  options.checkpoint_entries = 10;
  const Result<audit::VerifyReport> report = audit::verify(*files_, *audit_keys_, options);
  if (!report) broken.push_back("the log cannot be read: " + describe(report.error()));
  else for (const audit::Problem& problem : report->problems)
    broken.push_back("entry " + std::to_string(problem.index) + " in " + problem.file + ": " + problem.text);
  return broken;
}

std::map<std::string, std::string> Machine::outcomes() {
  std::map<std::string, std::string> outcomes;
  const audit::Keys& keys = *audit_keys_;
  const auto segments = audit::list_segments(*files_, kAuditFolder).value();
  for (const auto& [first, name] : segments) {
    const Bytes bytes = files_->read(std::string(kAuditFolder) + "/" + name, audit::kMaxSegmentBytes).value();
    audit::scan_frames(keys, bytes, audit::decode_header(keys, bytes).value(), [&](std::string_view json, const audit::ChainState&) {
      const audit::LoggedEntry logged = audit::parse_entry(json).value();
      outcomes[logged.entry.request_id] = logged.entry.outcome;
    });
  }
  return outcomes;
}

}  // namespace osler::fault
