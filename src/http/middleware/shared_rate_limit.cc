#include "http/middleware/shared_rate_limit.h"

#include <algorithm>

#include "base/limits.h"

namespace osler::http {

namespace {

constexpr std::chrono::milliseconds kConnectTimeout{1000};
constexpr std::chrono::milliseconds kFirstRetry{100}, kLastRetry{2000};
constexpr std::size_t kMostAtOnce = 256;
constexpr const char* kKeyStart = "osler:rate:";

/// One bucket is one number, the time (in microseconds of the server's own clock) at which it will be full again: each token moves it on by the time that a
/// token takes to come back, and there is none left when it lies more than a whole bucket ahead. Answers 0, or the microseconds to wait. A server whose
/// clock was set back forgets rather than locks out.
constexpr std::string_view kScript = R"(local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
full = math.min(full, now + burst * interval) + interval
local wait = full - now - burst * interval
if wait > 0.5 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.2f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return 0)";

RedisLink::Deadline within(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

bool is_missing_script(const RedisReply& reply) { return reply.kind == RedisReply::Kind::error && reply.text.starts_with("NOSCRIPT"); }

Result<RateVerdict> verdict_of(const RedisReply& reply) {
  if (reply.kind != RedisReply::Kind::integer || reply.integer < 0)
    return make_error(ErrorCode::unavailable, "The server of the rate limit cannot count.", reply.kind == RedisReply::Kind::error ? "it answered with an error" : "it answered something else");
  return RateVerdict{std::chrono::ceil<std::chrono::seconds>(std::chrono::microseconds(reply.integer))};
}

}  // namespace

SharedRateLimit::SharedRateLimit(Settings settings, Logger logger, Observer observer)
    : settings_(std::move(settings)), logger_(logger), observer_(std::move(observer)) {
  if (const auto joined = join(); joined) begin();
  else give_up({}, joined.error());
  thread_ = std::thread([this] { run(); });
}

SharedRateLimit::~SharedRateLimit() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  for (const Waiting& waiting : queue_) waiting.answer(std::nullopt);
}

void SharedRateLimit::take(std::string_view client, Answer answer) {
  std::string name = kKeyStart + settings_.name_of(client);
  {
    const std::lock_guard lock(mutex_);
    if (shared_ && !stopping_ && queue_.size() < limits::kMaxSharedRateLimitQueue) {
      queue_.push_back({std::move(name), std::move(answer)});
      answer = nullptr;
    }
  }
  if (answer) return answer(std::nullopt);
  wake_.notify_one();
}

void SharedRateLimit::run() {
  std::chrono::milliseconds retry = kFirstRetry;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (link_ == nullptr) {
      if (wake_.wait_for(lock, retry, [this] { return stopping_; })) return;
      lock.unlock();
      const Result<void> joined = join();
      if (joined) begin();
      retry = joined ? kFirstRetry : std::min(2 * retry, kLastRetry);
      lock.lock();
      continue;
    }
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::size_t count = std::min(queue_.size(), kMostAtOnce);
    std::vector<Waiting> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + static_cast<std::ptrdiff_t>(count)));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    serve(std::move(batch));
    lock.lock();
  }
}

/// A connection that has the script and on which it can count: a server that may not write is as good as none.
Result<void> SharedRateLimit::join() {
  std::unique_ptr<RedisLink> link = TRY(RedisLink::connect(settings_.address, within(kConnectTimeout)));
  const std::vector<RedisReply> replies = TRY(link->exchange({{"SCRIPT", "LOAD", std::string(kScript)}}, within(kConnectTimeout)));
  if (replies.front().kind != RedisReply::Kind::text) return make_error(ErrorCode::unavailable, "The server of the rate limit takes no scripts.");
  script_id_ = replies.front().text;
  TRY_VOID(verdict_of(TRY(link->exchange({take_command(std::string(kKeyStart) + "probe")}, within(kConnectTimeout))).front()));
  link_ = std::move(link);
  return ok();
}

void SharedRateLimit::begin() {
  {
    const std::lock_guard lock(mutex_);
    shared_ = true;
  }
  logger_.info("rate_limit_shared");
  if (observer_) observer_(true);
}

RedisCommand SharedRateLimit::take_command(const std::string& name) const {
  return {"EVALSHA", script_id_, "1", name, std::to_string(60e6 / settings_.per_minute), std::to_string(settings_.per_minute)};
}

void SharedRateLimit::serve(std::vector<Waiting> batch) {
  const Result<std::vector<RateVerdict>> verdicts = ask(batch);
  if (!verdicts) return give_up(std::move(batch), verdicts.error());
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].answer((*verdicts)[i]);
}

Result<std::vector<RateVerdict>> SharedRateLimit::ask(const std::vector<Waiting>& batch) {
  const auto deadline = within(settings_.patience);
  std::vector<RedisCommand> commands;
  for (const Waiting& waiting : batch) commands.push_back(take_command(waiting.name));
  std::vector<RedisReply> replies = TRY(link_->exchange(commands, deadline));
  // Scripts were flushed: those that it was missing for were not counted, so they are asked again.
  if (std::any_of(replies.begin(), replies.end(), is_missing_script)) {
    std::vector<RedisCommand> again = {{"SCRIPT", "LOAD", std::string(kScript)}};
    for (std::size_t i = 0; i < replies.size(); ++i)
      if (is_missing_script(replies[i])) again.push_back(commands[i]);
    const std::vector<RedisReply> later = TRY(link_->exchange(again, deadline));
    for (std::size_t i = 0, next = 1; i < replies.size(); ++i)
      if (is_missing_script(replies[i])) replies[i] = later[next++];
  }
  std::vector<RateVerdict> verdicts;
  for (const RedisReply& reply : replies) verdicts.push_back(TRY(verdict_of(reply)));
  return verdicts;
}

void SharedRateLimit::give_up(std::vector<Waiting> batch, const Error& error) {
  link_.reset();  // replies that are still to come are nobody's
  {
    const std::lock_guard lock(mutex_);
    shared_ = false;
    std::move(queue_.begin(), queue_.end(), std::back_inserter(batch));
    queue_.clear();
  }
  logger_.warning("rate_limit_not_shared", {{"detail", LogText::safe(describe(error))}});
  if (observer_) observer_(false);
  for (const Waiting& waiting : batch) waiting.answer(std::nullopt);
}

}  // namespace osler::http
