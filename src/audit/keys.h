// The two keys of an audit log: one authenticates each frame, one signs checkpoints.
#pragma once

#include "vault/key_file.h"
#include "vault/signing.h"

namespace osler::audit {

class Keys {
 public:
  explicit Keys(vault::AuditSecrets secrets) : chain_(std::move(secrets.chain)), signer_(std::move(secrets.signature)) {}

  /// HMAC-SHA-256 under the chain key.
  Digest authenticate(ByteView message) const { return hmac_sha256(chain_.view(), message); }
  const vault::SigningKey& signer() const { return signer_; }

 private:
  vault::Secret chain_;
  vault::SigningKey signer_;
};

}  // namespace osler::audit
