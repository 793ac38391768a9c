// The Merkle tree of RFC 6962 section 2.1: leaf = SHA-256(0x00 | entry), node = SHA-256(0x01 | left | right).
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/sha256.h"

namespace osler::audit {

Digest leaf_hash(ByteView entry);
Digest node_hash(const Digest& left, const Digest& right);

/// The right edge of a growing tree: the roots of the perfect subtrees that its size is the sum of, largest first.
/// Enough to add leaves and to know the root; at most 64 hashes.
class Frontier {
 public:
  Frontier() = default;
  /// ErrorCode::corrupted unless there is one hash for each bit set in `size`.
  static Result<Frontier> restore(std::uint64_t size, std::vector<Digest> roots);

  void add(const Digest& leaf);
  std::uint64_t size() const { return size_; }
  /// MTH of RFC 6962; SHA-256 of nothing when empty.
  Digest root() const;
  const std::vector<Digest>& roots() const { return roots_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> roots_;
};

}  // namespace osler::audit
