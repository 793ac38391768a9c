// Memory that grows and is kept, aligned for vectors and cache lines.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace osler::neural {

class AlignedBuffer {
 public:
  /// At least so many bytes, zero when new; growing loses what was there.
  void* at_least(std::size_t bytes) {
    if (bytes > size_) {
      bytes_.reset();
      bytes_.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
      std::memset(bytes_.get(), 0, bytes);
      size_ = bytes;
    }
    return bytes_.get();
  }
  template <class T>
  T* at_least_of(std::size_t count) {
    return static_cast<T*>(at_least(count * sizeof(T)));
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(std::byte* bytes) const { ::operator delete(bytes, kAlignment); }
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t size_ = 0;
};

}  // namespace osler::neural
