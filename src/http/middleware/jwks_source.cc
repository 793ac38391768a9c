#include "http/middleware/jwks_source.h"

namespace osler::http {

KeySetSource::KeySetSource(Load load, Timing timing, const Clock& clock, Logger logger)
    : load_(std::move(load)), timing_(timing), clock_(clock), logger_(logger) {
  load_once();
  thread_ = std::thread([this] { run(); });
}

KeySetSource::~KeySetSource() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<const KeySet> KeySetSource::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void KeySetSource::miss() {
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    if (last_miss_ && now - *last_miss_ < timing_.unknown_key) return;
    last_miss_ = now;
    wanted_ = true;
  }
  wake_.notify_all();
}

void KeySetSource::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, failing_ ? timing_.retry : timing_.refresh, [this] { return stopping_ || wanted_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    load_once();
    lock.lock();
  }
}

bool KeySetSource::load_once() {
  Result<std::string> text = load_();
  Result<KeySet> parsed = text ? KeySet::parse(*text) : Result<KeySet>(std::move(text).error());
  const std::lock_guard lock(mutex_);
  const bool failed_before = std::exchange(failing_, !parsed);
  if (!parsed) {
    if (!failed_before) logger_.error("token_keys_unavailable", {{"detail", LogText::safe(describe(parsed.error()))}});
    return false;
  }
  if (failed_before || !keys_) logger_.info("token_keys_loaded", {{"keys", parsed->size()}});
  keys_ = std::make_shared<const KeySet>(std::move(*parsed));
  return true;
}

}  // namespace osler::http
