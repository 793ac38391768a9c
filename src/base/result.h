// Result<T>: a value or an Error (the shape of std::expected, which g++ 12 lacks).
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace osler {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  /// The value; asking for it when there is none is a broken invariant.
  T& value() & { CHECK(has_value()); return *std::get_if<0>(&state_); }
  const T& value() const& { CHECK(has_value()); return *std::get_if<0>(&state_); }
  T value() && { CHECK(has_value()); return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { CHECK(!has_value()); return *std::get_if<1>(&state_); }
  Error&& error() && { CHECK(!has_value()); return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const { CHECK(has_value()); }
  const Error& error() const& { CHECK(!has_value()); return *error_; }
  Error&& error() && { CHECK(!has_value()); return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

/// Success of an operation that yields nothing: `return ok();`
inline Result<void> ok() { return {}; }

}  // namespace osler

// A fresh name for each use, so that one TRY may stand inside another.
#define OSLER_TRY_NAME_(counter) try_result_##counter
#define OSLER_TRY_(expression, name)                           \
  __extension__({                                              \
    auto name = (expression);                                  \
    if (!name.has_value()) return std::move(name).error();     \
    std::move(name).value();                                   \
  })
#define OSLER_TRY_EXPAND_(expression, counter) OSLER_TRY_(expression, OSLER_TRY_NAME_(counter))

/// `auto x = TRY(f());` gives the value or returns the error from the enclosing function.
#define TRY(expression) OSLER_TRY_EXPAND_(expression, __COUNTER__)

/// `TRY_VOID(f());` returns the error of a Result<void> from the enclosing function.
#define TRY_VOID(expression) TRY(expression)
