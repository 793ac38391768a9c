#include "service/recorder.h"

#include <future>
#include <iterator>
#include <memory>

namespace osler::service {

namespace {

constexpr std::size_t kMaxEscapedBytes = 6;    // \u001f
constexpr std::size_t kEntryFrameBytes = 512;  // names, index and time
constexpr std::size_t kMaxOrphans = 10'000;

/// An upper bound of the canonical form.
std::size_t largest_form_of(const audit::Entry& entry) {
  std::size_t characters = entry.request_id.size() + entry.actor.size() + entry.role.size() +
                                 entry.client_address.size() + entry.action.size() + entry.outcome.size() +
                                 entry.model_version.size() + entry.subject.size() + entry.commitment.size();
  for (const std::string& token : entry.also_shown) characters += token.size() + 1;
  return kEntryFrameBytes + characters * kMaxEscapedBytes;
}

Error not_recorded(const char* part, const Error& cause) {
  return make_error(ErrorCode::unavailable, "The answer could not be recorded, so it is not given. Try again shortly.",
                    std::string(part) + ": " + describe(cause));
}

}  // namespace

Result<RecordRequest> make_record_request(const vault::KeyRing& keys, const vault::Names& names, audit::Entry entry, const cases::RecordDraft& draft) {
  RecordRequest request{std::move(entry), TRY(cases::seal_record(keys, names, draft))};
  request.entry.request_id = draft.request_id;
  request.entry.model_version = draft.model_version;
  request.entry.subject = request.record->patient_token;
  request.entry.commitment = names.commitment(as_bytes(draft.payload.reveal_phi()));
  return request;
}

Recorder::Recorder(cases::Store& store, audit::Log& log, vault::KeySource& keys, FailureObserver on_failure, std::size_t queue_limit,
                   std::chrono::milliseconds retry_interval)
    : store_(store), log_(log), keys_(keys), on_failure_(std::move(on_failure)), queue_limit_(queue_limit),
      retry_interval_(retry_interval), thread_([this] { run(); }) {}

Recorder::~Recorder() { stop(); }

void Recorder::submit(RecordRequest request, Done done) {
  std::vector<Item> items;
  items.push_back({std::move(request), std::move(done)});
  enqueue(std::move(items));
}

namespace {

/// Waits for several, then calls `done` once.
struct Gathering {
  Gathering(Recorder::Done all_done, std::size_t count) : done(std::move(all_done)), left(count) {}

  Recorder::Done done;
  std::size_t left;
  Result<void> outcome = ok();
  std::mutex mutex{};  // a refusal comes on the thread that submits

  static Recorder::Done part_of(const std::shared_ptr<Gathering>& all) {
    return [all](Result<void> one) {
      {
        const std::lock_guard<std::mutex> guard(all->mutex);
        if (!one && all->outcome) all->outcome = std::move(one);
        if (--all->left > 0) return;
      }
      all->done(all->outcome);
    };
  }
};

}  // namespace

void Recorder::submit_all(std::vector<RecordRequest> requests, Done done) {
  if (requests.empty()) return done(ok());
  const auto all = std::make_shared<Gathering>(std::move(done), requests.size());
  std::vector<Item> items;
  for (RecordRequest& request : requests) items.push_back({std::move(request), Gathering::part_of(all)});
  enqueue(std::move(items));
}

Result<void> Recorder::record(std::vector<RecordRequest> requests) {
  std::promise<Result<void>> recorded;
  submit_all(std::move(requests), [&](Result<void> outcome) { recorded.set_value(std::move(outcome)); });
  return recorded.get_future().get();
}

Result<void> Recorder::record(audit::Entry entry) {
  std::vector<RecordRequest> one;
  one.push_back({std::move(entry), std::nullopt});
  return record(std::move(one));
}

void Recorder::enqueue(std::vector<Item> items) {
  std::optional<Error> refusal;
  for (const Item& item : items)
    if (largest_form_of(item.request.entry) > limits::kMaxAuditEntryBytes)
      refusal = make_error(ErrorCode::too_large, "The request is too large to be audited.");
  if (!refusal) {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (stopping_) {
      refusal = make_error(ErrorCode::unavailable, "The server is stopping.");
    } else if (submissions_ >= queue_limit_) {
      ++counts_.overloaded;
      refusal = make_error(ErrorCode::overloaded, "Too many requests wait to be recorded. Try again shortly.");
    } else {
      ++submissions_;
      std::move(items.begin(), items.end(), std::back_inserter(queue_));
    }
  }
  if (!refusal) return wake_.notify_one();
  for (const Item& item : items) item.done(*refusal);
}

void Recorder::stop() {
  const std::lock_guard<std::mutex> one_stopper(stop_mutex_);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Recorder::run() {
  std::vector<Item> batch;
  while (true) {
    {
      std::unique_lock<std::mutex> guard(mutex_);
      const auto called = [this] { return stopping_ || !queue_.empty(); };
      if (healthy_) wake_.wait(guard, called);
      else wake_.wait_for(guard, retry_interval_, called);
      if (queue_.empty() && stopping_) return;
      batch.swap(queue_);
      submissions_ = 0;
    }
    if (batch.empty()) {
      try_to_heal();
      continue;
    }
    // A frame holds only so many entries.
    while (batch.size() > audit::kMaxFrameEntries) {
      std::vector<Item> part(std::make_move_iterator(batch.end() - audit::kMaxFrameEntries), std::make_move_iterator(batch.end()));
      batch.resize(batch.size() - audit::kMaxFrameEntries);
      process(part);
    }
    process(batch);
    batch.clear();
  }
}

/// A number that is taken is the matter of one request; the others have nothing to do with it.
void Recorder::process_one_by_one(std::vector<Item>& batch) {
  for (Item& item : batch) {
    std::vector<Item> one;
    one.push_back(std::move(item));
    process(one);
  }
}

void Recorder::process(std::vector<Item>& batch) {
  Result<void> outcome = log_.broken() ? log_.recover() : ok();
  auto counter = &RecorderCounts::audit_failures;
  Result<void> stored = outcome ? store_records(batch) : ok();
  const bool taken = !stored && stored.error().code == ErrorCode::conflict;
  if (taken && batch.size() > 1) return process_one_by_one(batch);
  if (RecordRequest& request = batch.front().request; taken && request.again) {
    request.record.reset();
    request.entry.outcome += ":resumed";
    request.entry.commitment.clear();  // what is stored came from the other run
    stored = ok();
  }
  if (!outcome) {
    outcome = not_recorded("audit", outcome.error());
  } else if (!stored) {
    counter = &RecorderCounts::store_failures;
    outcome = not_recorded("store", stored.error());
    // The interaction took place all the same: the log says that it got no answer.
    for (Item& item : batch) {
      item.request.entry.outcome = "unavailable";
      item.request.entry.commitment.clear();
    }
    static_cast<void>(append_entries(batch));
  } else if (const Result<void> audited = append_entries(batch); !audited) {
    outcome = not_recorded("audit", audited.error());
    forget_records(batch);
  }
  healthy_ = outcome.has_value();
  count(outcome ? &RecorderCounts::recorded : counter, batch.size());
  count(&RecorderCounts::batches, 1);
  if (!outcome && on_failure_) on_failure_(outcome.error());
  for (Item& item : batch) item.done(outcome);
}

Result<void> Recorder::store_records(std::vector<Item>& batch) {
  TRY_VOID(remove_orphans());
  std::vector<cases::SealedRecord*> places;
  for (Item& item : batch) {
    if (item.request.record) places.push_back(&*item.request.record);
    if (item.request.film) places.push_back(&*item.request.film);
  }
  if (places.empty()) return ok();
  std::vector<cases::SealedRecord> records;
  for (cases::SealedRecord* place : places) records.push_back(std::move(*place));
  Result<void> stored = put(records);
  for (std::size_t i = 0; i < places.size(); ++i) *places[i] = std::move(records[i]);  // another attempt may follow
  // The connection may have been lost after they were committed.
  if (!stored && stored.error().code == ErrorCode::unavailable) remove_later(batch);
  return stored;
}

Result<void> Recorder::put(std::vector<cases::SealedRecord>& records) {
  Result<void> stored = store_.put(records);
  if (stored || stored.error().code != ErrorCode::not_found) return stored;
  TRY(keys_.reload());
  for (cases::SealedRecord& record : records) TRY_VOID(wrap_anew(record));
  return store_.put(records);
}

Result<void> Recorder::wrap_anew(cases::SealedRecord& record) {
  record.content.wrapped_key = TRY(keys_.rewrapped({cases::kRecordTable, record.request_id}, record.content.wrapped_key));
  if (record.summary)
    record.summary->content.wrapped_key = TRY(keys_.rewrapped({cases::kSummaryTable, record.request_id}, record.summary->content.wrapped_key));
  return ok();
}

Result<void> Recorder::append_entries(const std::vector<Item>& batch) {
  std::vector<audit::Entry> entries;
  for (const Item& item : batch) entries.push_back(item.request.entry);
  const Result<std::uint64_t> first = log_.append(entries);
  return first ? ok() : Result<void>(first.error());
}

template <typename Wanted>
std::vector<std::string> Recorder::record_ids(const std::vector<Item>& batch, Wanted wanted) {
  std::vector<std::string> ids;
  for (const Item& item : batch) {
    if (!wanted(item.request)) continue;
    if (item.request.record) ids.push_back(item.request.entry.request_id);
    if (item.request.film) ids.push_back(item.request.film_id);
  }
  return ids;
}

/// Their requests get an error, so nothing of them is kept; what cannot be removed now is removed before the next batch.
void Recorder::forget_records(const std::vector<Item>& batch) {
  const std::vector<std::string> ids = record_ids(batch, [](const RecordRequest&) { return true; });
  if (!ids.empty() && !store_.remove(ids)) remove_later(batch);
}

/// Not those that are asked for again under the same number: by then another run may have answered from them.
void Recorder::remove_later(const std::vector<Item>& batch) {
  const std::vector<std::string> ids = record_ids(batch, [](const RecordRequest& request) { return !request.again; });
  if (orphans_.size() + ids.size() <= kMaxOrphans) orphans_.insert(orphans_.end(), ids.begin(), ids.end());
}

Result<void> Recorder::remove_orphans() {
  if (orphans_.empty()) return ok();
  TRY_VOID(store_.remove(orphans_));
  orphans_.clear();
  return ok();
}

void Recorder::try_to_heal() {
  const bool log_works = !log_.broken() || log_.recover();
  if (log_works && remove_orphans() && store_.probe()) healthy_ = true;
}

void Recorder::count(std::uint64_t RecorderCounts::*counter, std::uint64_t amount) {
  const std::lock_guard<std::mutex> guard(mutex_);
  counts_.*counter += amount;
}

RecorderCounts Recorder::counts() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return counts_;
}

std::size_t Recorder::waiting() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return submissions_;
}

}  // namespace osler::service
