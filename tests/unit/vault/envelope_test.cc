#include "vault/envelope.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace osler::vault {
namespace {

constexpr RowBinding kRow{"records", "id-1"};

RC_GTEST_PROP(Envelope, OpensWhatItSealed, (const std::string& text, const std::string& table, const std::string& row)) {
  const KeyRing keys = KeyRing::of(Secret::random());
  const SealedText sealed = seal(keys, {table, row}, as_bytes(text));
  RC_ASSERT(sealed.wrapped_key.size() == kWrappedKeyBytes);
  RC_ASSERT(sealed.payload.size() == text.size() + 29);
  const Bytes opened = open(keys, {table, row}, sealed).value();
  RC_ASSERT(as_text(opened) == text);
}

TEST(Envelope, RefusesEveryChangedByte) {
  const KeyRing keys = KeyRing::of(Secret::random());
  const SealedText sealed = seal(keys, kRow, as_bytes("a patient"));
  for (std::size_t i = 0; i < sealed.payload.size() + sealed.wrapped_key.size(); ++i) {
    SealedText forged = sealed;
    (i < sealed.payload.size() ? forged.payload[i] : forged.wrapped_key[i - sealed.payload.size()]) ^= 0x20;
    EXPECT_FALSE(open(keys, kRow, forged)) << i;
  }
}

TEST(Envelope, DoesNotOpenElsewhere) {
  const KeyRing keys = KeyRing::of(Secret::random());
  const SealedText sealed = seal(keys, kRow, as_bytes("a patient"));
  EXPECT_EQ(open(keys, {"records", "id-2"}, sealed).error().code, ErrorCode::corrupted);
  EXPECT_EQ(open(keys, {"record", "sid-1"}, sealed).error().code, ErrorCode::corrupted);
  EXPECT_EQ(open(KeyRing::of(Secret::random()), kRow, sealed).error().code, ErrorCode::corrupted);
  const SealedText other = seal(keys, kRow, as_bytes("a patient"));
  EXPECT_FALSE(open(keys, kRow, {other.wrapped_key, sealed.payload})) << "another record's key";
}

TEST(Envelope, EveryRecordHasItsOwnDataKey) {
  const KeyRing keys = KeyRing::of(Secret::random());
  EXPECT_NE(seal(keys, kRow, as_bytes("same")).payload, seal(keys, kRow, as_bytes("same")).payload);
}

TEST(Envelope, RotationRewrapsKeysAndTouchesNoData) {
  const std::string hex(64, 'a');
  KeyRing keys = KeyRing::from_hex_key(hex).value();
  SealedText sealed = seal(keys, kRow, as_bytes("a patient"));
  EXPECT_EQ(version_of(sealed.wrapped_key).value(), 1u);
  Bytes second = random_bytes(32);
  ASSERT_TRUE(keys.add(2, Secret(second)));
  const Bytes rewrapped = rewrap(keys, keys, kRow, sealed.wrapped_key).value();
  EXPECT_EQ(version_of(rewrapped).value(), 2u);
  EXPECT_TRUE(open(keys, kRow, sealed)) << "the old wrapping still opens while its key is held";
  EXPECT_EQ(as_text(open(keys, kRow, {rewrapped, sealed.payload}).value()), "a patient");
  EXPECT_EQ(open(KeyRing::from_hex_key(hex).value(), kRow, {rewrapped, sealed.payload}).error().code, ErrorCode::not_found);
}

TEST(Envelope, RefusesWhatIsNoEnvelope) {
  const KeyRing keys = KeyRing::of(Secret::random());
  EXPECT_EQ(open(keys, kRow, {{}, {}}).error().code, ErrorCode::corrupted);
  EXPECT_EQ(open(keys, kRow, {Bytes(kWrappedKeyBytes, 1), Bytes(3, 1)}).error().code, ErrorCode::not_found);
  EXPECT_EQ(version_of(Bytes(kWrappedKeyBytes, 2)).error().code, ErrorCode::corrupted);
}

TEST(Envelope, WhatStandsBesideAPayloadIsBoundToItAndNotToTheKey) {
  const KeyRing keys = KeyRing::of(Secret::random());
  const SealedText sealed = seal(keys, {"records", "id-1", "of ann"}, as_bytes("a patient"));
  EXPECT_EQ(as_text(open(keys, {"records", "id-1", "of ann"}, sealed).value()), "a patient");
  for (const char* other : {"of bob", "of an", ""}) EXPECT_EQ(open(keys, {"records", "id-1", other}, sealed).error().code, ErrorCode::corrupted) << other;
  SealedText unbound = sealed;
  unbound.payload[0] = 1;
  EXPECT_FALSE(open(keys, kRow, unbound)) << "nor by calling it of the first format";
  EXPECT_TRUE(open(keys, {"records", "id-1", "of ann"}, {rewrap(keys, keys, kRow, sealed.wrapped_key).value(), sealed.payload}));
}

}  // namespace
}  // namespace osler::vault
