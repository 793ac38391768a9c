#include "vault/key_source.h"

#include <gtest/gtest.h>

#include <map>

namespace osler::vault {
namespace {

constexpr RowBinding kRow{"records", "id-1"};

/// Keys that a test adds, takes away or breaks.
class KeySourceTest : public ::testing::Test {
 protected:
  Result<KeyRing> load() {
    if (broken_) return make_error(ErrorCode::configuration, "broken");
    std::optional<KeyRing> ring;
    for (const auto& [version, secret] : keys_) {
      if (!ring) ring = KeyRing::of(secret.copy(), version);
      else TRY_VOID(ring->add(version, secret.copy()));
    }
    return std::move(*ring);
  }

  std::unique_ptr<KeySource> source() { return KeySource::create([this] { return load(); }).value(); }
  void add(KeyVersion version) { keys_.emplace(version, Secret::random()); }

  std::map<KeyVersion, Secret> keys_;
  bool broken_ = false;
};

TEST_F(KeySourceTest, LearnsOfANewKey) {
  add(1);
  const auto keys = source();
  const auto before = keys->ring();
  EXPECT_FALSE(keys->reload().value());
  add(2);
  EXPECT_TRUE(keys->reload().value());
  EXPECT_EQ(keys->ring()->current_version(), 2u);
  EXPECT_EQ(before->current_version(), 1u);  // whoever holds it keeps it whole
}

TEST_F(KeySourceTest, KeepsItsKeysWhenTheyCannotBeRead) {
  add(1);
  const auto keys = source();
  broken_ = true;
  EXPECT_EQ(keys->reload().error().code, ErrorCode::configuration);
  EXPECT_EQ(keys->ring()->current_version(), 1u);
  EXPECT_FALSE(KeySource::create([this] { return load(); }));
}

TEST_F(KeySourceTest, WrapsAnewWhatWasSealedUnderAKeyThatWasRetiredMeanwhile) {
  add(1);
  const auto keys = source();
  const SealedText sealed = seal(*keys->ring(), kRow, as_bytes("content"));
  add(2);
  keys_.erase(1);
  ASSERT_TRUE(keys->reload().value());
  EXPECT_EQ(open(*keys->ring(), kRow, sealed).error().code, ErrorCode::not_found);
  const Bytes wrapped = keys->rewrapped(kRow, sealed.wrapped_key).value();
  EXPECT_EQ(version_of(wrapped).value(), 2u);
  EXPECT_EQ(as_text(open(*keys->ring(), kRow, {wrapped, sealed.payload}).value()), "content");
}

TEST_F(KeySourceTest, UsesNoNewKeyBeforeItIsAccepted) {
  add(1);
  const auto keys = source();
  std::vector<KeyVersion> asked;
  bool fine = false;
  keys->require([&](const KeyRing& ring) -> Result<void> {
    asked.push_back(ring.current_version());
    if (fine) return ok();
    return make_error(ErrorCode::unavailable, "not now");
  });
  add(2);
  EXPECT_EQ(keys->reload().error().code, ErrorCode::unavailable);
  EXPECT_EQ(keys->ring()->current_version(), 1u);
  fine = true;
  EXPECT_TRUE(keys->reload().value());
  EXPECT_EQ(keys->ring()->current_version(), 2u);
  EXPECT_EQ(asked, (std::vector<KeyVersion>{2, 2}));
}

TEST_F(KeySourceTest, FindsTheRingThatOpensWhatIsReadDuringARotation) {
  add(1);
  const auto keys = source();
  const SealedText earlier = seal(*keys->ring(), kRow, as_bytes("earlier"));
  add(2);
  keys_.erase(1);
  KeyRing newer = KeyRing::of(keys_.at(2).copy(), 2);
  const SealedText later = seal(newer, kRow, as_bytes("later"));
  EXPECT_EQ(as_text(open(*keys->ring_for(later.wrapped_key), kRow, later).value()), "later") << "loaded again";
  EXPECT_EQ(keys->ring()->current_version(), 2u);
  EXPECT_EQ(as_text(open(*keys->ring_for(earlier.wrapped_key), kRow, earlier).value()), "earlier") << "by the ring before";
  broken_ = true;
  const SealedText unknown = seal(KeyRing::of(Secret::random(), 9), kRow, as_bytes("x"));
  EXPECT_EQ(keys->ring_for(unknown.wrapped_key), keys->ring());
  EXPECT_EQ(keys->ring_for(as_bytes("no wrapped key")), keys->ring());
}

TEST_F(KeySourceTest, ForgetsARetiredKeyAtTheNextChange) {
  add(1);
  const auto keys = source();
  const SealedText sealed = seal(*keys->ring(), kRow, as_bytes("content"));
  add(2);
  keys_.erase(1);
  ASSERT_TRUE(keys->reload().value());
  add(3);
  ASSERT_TRUE(keys->reload().value());
  EXPECT_EQ(keys->rewrapped(kRow, sealed.wrapped_key).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace osler::vault
