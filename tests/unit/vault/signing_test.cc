#include "vault/signing.h"

#include <gtest/gtest.h>

namespace osler::vault {
namespace {

// RFC 8032 section 7.1, test 2.
TEST(Signing, AgreesWithRfc8032) {
  const SigningKey key(Secret(from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").value()));
  EXPECT_EQ(to_hex(key.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(to_hex(key.sign(Bytes{0x72})),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Signing, RefusesWhatWasNotSigned) {
  const SigningKey key(Secret::random());
  const Bytes signature = key.sign(as_bytes("size 5"));
  EXPECT_TRUE(signature_is_valid(key.public_key(), as_bytes("size 5"), signature));
  EXPECT_FALSE(signature_is_valid(key.public_key(), as_bytes("size 6"), signature));
  EXPECT_FALSE(signature_is_valid(SigningKey(Secret::random()).public_key(), as_bytes("size 5"), signature));
  EXPECT_FALSE(signature_is_valid(key.public_key(), as_bytes("size 5"), ByteView(signature).first(63)));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes forged = signature;
    forged[i] ^= 1;
    EXPECT_FALSE(signature_is_valid(key.public_key(), as_bytes("size 5"), forged)) << i;
  }
}

}  // namespace
}  // namespace osler::vault
