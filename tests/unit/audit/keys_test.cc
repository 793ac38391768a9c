#include "audit/keys.h"

#include <gtest/gtest.h>

namespace osler::audit {
namespace {

TEST(Keys, AuthenticateAndSignUnderTheirOwnSecrets) {
  const Bytes chain(32, 1), seed(32, 2);
  const Keys keys(vault::AuditSecrets{vault::Secret(chain), vault::Secret(seed)});
  EXPECT_EQ(keys.authenticate(as_bytes("x")), hmac_sha256(chain, as_bytes("x")));
  EXPECT_EQ(keys.signer().public_key(), vault::SigningKey(vault::Secret(seed)).public_key());
}

}  // namespace
}  // namespace osler::audit
