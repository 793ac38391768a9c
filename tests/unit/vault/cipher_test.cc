#include "vault/cipher.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace osler::vault {
namespace {

RC_GTEST_PROP(Cipher, OpensWhatItSealed, (const Bytes& plaintext, const Bytes& associated)) {
  const Secret key = Secret::random();
  const Bytes sealed = encrypt(key, associated, plaintext);
  RC_ASSERT(sealed.size() == plaintext.size() + kNonceBytes + kTagBytes);
  RC_ASSERT(decrypt(key, associated, sealed).value() == plaintext);
}

// NIST GCM test vector: AES-256, test case 16 of the GCM submission.
TEST(Cipher, AgreesWithTheGcmTestVector) {
  const Secret key(from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").value());
  const Bytes associated = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
  const Bytes sealed = from_hex("cafebabefacedbaddecaf888"
                                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                                "76fc6ece0f4e1768cddf8853bb2d551b").value();
  EXPECT_EQ(to_hex(decrypt(key, associated, sealed).value()),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST(Cipher, RefusesEveryFlippedBit) {
  const Secret key = Secret::random();
  const Bytes sealed = encrypt(key, as_bytes("row 1"), as_bytes("a plain text"));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes forged = sealed;
    forged[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_EQ(decrypt(key, as_bytes("row 1"), forged).error().code, ErrorCode::corrupted) << bit;
  }
}

TEST(Cipher, RefusesOtherKeysOtherDataAndCutTexts) {
  const Secret key = Secret::random();
  const Bytes sealed = encrypt(key, as_bytes("row 1"), as_bytes("a plain text"));
  EXPECT_FALSE(decrypt(Secret::random(), as_bytes("row 1"), sealed));
  EXPECT_FALSE(decrypt(key, as_bytes("row 2"), sealed));
  for (std::size_t length = 0; length < sealed.size(); ++length)
    EXPECT_FALSE(decrypt(key, as_bytes("row 1"), ByteView(sealed).first(length))) << length;
}

TEST(Cipher, NeverRepeatsANonce) {
  const Secret key = Secret::random();
  EXPECT_NE(encrypt(key, {}, as_bytes("same")), encrypt(key, {}, as_bytes("same")));
}

}  // namespace
}  // namespace osler::vault
