// Phi<T> wraps whatever identifies or describes a patient, so that it cannot reach a log, an error text or a JSON
// document by accident: no <<, no JSON writer, no conversion, no comparison, no copy. The one way in is to build it, the
// one way out is called what it does.
#pragma once

#include <ostream>
#include <type_traits>
#include <utility>

namespace osler::vault {

template <typename T>
class Phi {
 public:
  explicit Phi(T value) : value_(std::move(value)) {}
  Phi(Phi&&) noexcept(std::is_nothrow_move_constructible_v<T>) = default;
  Phi& operator=(Phi&&) noexcept(std::is_nothrow_move_assignable_v<T>) = default;
  Phi(const Phi&) = delete;
  Phi& operator=(const Phi&) = delete;

  /// The value itself. Whoever calls this answers for where it goes.
  const T& reveal_phi() const& { return value_; }
  T reveal_phi() && { return std::move(value_); }

 private:
  T value_;
};

template <typename T>
std::ostream& operator<<(std::ostream&, const Phi<T>&) = delete;
template <typename T>
bool operator==(const Phi<T>&, const Phi<T>&) = delete;

}  // namespace osler::vault
