// Proofs of RFC 6962 about the Merkle tree of a log: that an entry is in it (section 2.1.1), and that a later tree only added to an earlier one (2.1.2).
//
// A proof is a list of roots of subtrees. Which subtrees follows from the numbers alone, so whoever makes a proof lets the leaves pass by once and keeps
// some dozens of hashes, however long the log is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audit/merkle.h"

namespace osler::audit {

/// The leaves from `begin` up to, but not with, `end`.
struct LeafRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool operator==(const LeafRange&) const = default;
};

/// The subtrees whose roots are PATH(index, D[size]), in its order. Requires index < size.
std::vector<LeafRange> inclusion_ranges(std::uint64_t index, std::uint64_t size);
/// Those of PROOF(first, D[second]). Requires 0 < first <= second.
std::vector<LeafRange> consistency_ranges(std::uint64_t first, std::uint64_t second);

/// Takes the leaves of a tree in order, from the first, and works out the roots of some of its subtrees.
class RangeRoots {
 public:
  explicit RangeRoots(std::vector<LeafRange> ranges) : ranges_(std::move(ranges)), frontiers_(ranges_.size()) {}

  void add(const Digest& leaf);
  /// In the order of the ranges. All their leaves must have come (CHECK).
  std::vector<Digest> roots() const;

 private:
  std::vector<LeafRange> ranges_;
  std::vector<Frontier> frontiers_;
  std::uint64_t next_ = 0;
};

/// Whether `leaf` (a leaf hash) is the one at `index` of the tree of `size` leaves that has this root. False for whatever does not fit.
bool inclusion_is_valid(const Digest& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest> path, const Digest& root);

/// Whether the tree of `second` leaves begins with all those of the tree of `first` leaves. False for whatever does not fit, also for first = 0.
bool consistency_is_valid(std::uint64_t first, const Digest& first_root, std::uint64_t second, const Digest& second_root, std::span<const Digest> path);

}  // namespace osler::audit
