#include "vault/key_ring.h"

#include <gtest/gtest.h>

namespace osler::vault {
namespace {

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

TEST(KeyRing, TakesExactly64HexadecimalDigits) {
  EXPECT_TRUE(KeyRing::from_hex_key(kHex));
  EXPECT_TRUE(KeyRing::from_hex_key(std::string(64, 'A')));
  std::vector<std::string> bad{kHex.substr(1), kHex.substr(2)};
  for (const char* text : {"", "secret", "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}) bad.emplace_back(text);
  for (const char* suffix : {"0", "00", "\n", " "}) bad.push_back(kHex + suffix);
  for (const char* prefix : {" ", "0x"}) bad.push_back(prefix + kHex);
  for (const std::string& text : bad) {
    const Result<KeyRing> ring = KeyRing::from_hex_key(text);
    ASSERT_FALSE(ring) << text.size();
    EXPECT_EQ(ring.error().code, ErrorCode::configuration);
    EXPECT_NE(ring.error().external.find("64 hexadecimal digits"), std::string::npos);
    if (!text.empty()) {
      EXPECT_EQ(describe(ring.error()).find(text), std::string::npos) << "the error repeats the key";
    }
  }
}

TEST(KeyRing, TheHighestVersionIsCurrent) {
  KeyRing ring = KeyRing::from_hex_key(kHex).value();
  EXPECT_EQ(ring.current_version(), 1u);
  ASSERT_TRUE(ring.add(3, Secret::random()));
  EXPECT_EQ(ring.current_version(), 3u);
  EXPECT_EQ(ring.versions(), (std::vector<KeyVersion>{1, 3}));
  EXPECT_EQ(ring.add(3, Secret::random()).error().code, ErrorCode::conflict);
  EXPECT_EQ(ring.add(0, Secret::random()).error().code, ErrorCode::conflict);
}

TEST(KeyRing, PurposesHaveTheirOwnKeys) {
  const KeyRing ring = KeyRing::from_hex_key(kHex).value();
  EXPECT_NE(to_hex(ring.wrapping_key(1).view()), kHex);
  EXPECT_NE(to_hex(ring.check_value(1)), to_hex(KeyRing::of(Secret::random()).check_value(1)));
  EXPECT_NE(to_hex(ring.check_value(1)), to_hex(ring.wrapping_key(1).view()));
}

}  // namespace
}  // namespace osler::vault
