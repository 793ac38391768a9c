#include "vault/phi.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"

namespace osler::vault {
namespace {

using PhiText = Phi<std::string>;

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <typename T>
concept Comparable = requires(const T& left, const T& right) { left == right; };

static_assert(!Printable<PhiText> && Printable<std::string>);
static_assert(!Comparable<PhiText> && Comparable<std::string>);
static_assert(!std::is_convertible_v<PhiText, std::string>);
static_assert(!std::is_convertible_v<PhiText, std::string_view>);
static_assert(!std::is_convertible_v<std::string, PhiText>, "wrapping is said in the source");
static_assert(!std::is_constructible_v<Json, PhiText>);
static_assert(!std::is_constructible_v<LogText, PhiText>);
static_assert(!std::is_constructible_v<LogField, LogText, PhiText>);
static_assert(!std::is_constructible_v<std::string, PhiText>);
static_assert(!std::is_copy_constructible_v<PhiText> && !std::is_copy_assignable_v<PhiText>);
static_assert(std::is_nothrow_move_constructible_v<PhiText> && std::is_nothrow_move_assignable_v<PhiText>);

TEST(Phi, RevealsWhatItHolds) {
  PhiText phi(std::string("chest pain"));
  EXPECT_EQ(phi.reveal_phi(), "chest pain");
  PhiText moved = std::move(phi);
  EXPECT_EQ(std::move(moved).reveal_phi(), "chest pain");
}

}  // namespace
}  // namespace osler::vault
