#include "vault/key_source.h"

namespace osler::vault {

Result<std::unique_ptr<KeySource>> KeySource::create(Load load) {
  KeyRing ring = TRY(load());
  return std::unique_ptr<KeySource>(new KeySource(std::move(load), std::move(ring)));
}

KeySource::KeySource(Load load, KeyRing ring) : load_(std::move(load)), ring_(std::make_shared<const KeyRing>(std::move(ring))) {}

std::shared_ptr<const KeyRing> KeySource::ring() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return ring_;
}

void KeySource::require(std::function<Result<void>(const KeyRing&)> accept) {
  const std::lock_guard<std::mutex> one_reload(reload_mutex_);
  accept_ = std::move(accept);
}

std::shared_ptr<const KeyRing> KeySource::holder_of(KeyVersion version) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (ring_->holds(version)) return ring_;
  return previous_ && previous_->holds(version) ? previous_ : nullptr;
}

std::shared_ptr<const KeyRing> KeySource::ring_for(ByteView wrapped_key) const {
  const Result<KeyVersion> version = version_of(wrapped_key);
  if (!version) return ring();
  if (auto holder = holder_of(*version)) return holder;
  const std::lock_guard<std::mutex> one_reload(reload_mutex_);
  if (auto holder = holder_of(*version)) return holder;  // somebody else's reload brought it
  static_cast<void>(load_again());
  const auto holder = holder_of(*version);
  return holder ? holder : ring();
}

Result<bool> KeySource::reload() {
  const std::lock_guard<std::mutex> one_reload(reload_mutex_);
  return load_again();
}

Result<bool> KeySource::load_again() const {
  auto loaded = std::make_shared<const KeyRing>(TRY(load_()));
  if (loaded->versions() == ring()->versions()) return false;
  if (accept_) TRY_VOID(accept_(*loaded));
  const std::lock_guard<std::mutex> guard(mutex_);
  previous_ = std::exchange(ring_, std::move(loaded));
  return true;
}

Result<Bytes> KeySource::rewrapped(const RowBinding& binding, ByteView wrapped_key) const {
  const auto holder = holder_of(TRY(version_of(wrapped_key)));
  const auto now = ring();
  return rewrap(holder ? *holder : *now, *now, binding, wrapped_key);
}

}  // namespace osler::vault
