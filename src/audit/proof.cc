#include "audit/proof.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace osler::audit {

namespace {

/// The k of RFC 6962: where a tree of this many leaves, at least two, is split.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

}  // namespace

std::vector<LeafRange> inclusion_ranges(std::uint64_t index, std::uint64_t size) {
  CHECK(index < size);
  std::vector<LeafRange> ranges;  // from the root down; PATH lists them from the leaf up
  LeafRange tree{0, size};
  while (tree.end - tree.begin > 1) {
    const std::uint64_t middle = tree.begin + split_of(tree.end - tree.begin);
    if (index < middle) {
      ranges.push_back({middle, tree.end});
      tree.end = middle;
    } else {
      ranges.push_back({tree.begin, middle});
      tree.begin = middle;
    }
  }
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

std::vector<LeafRange> consistency_ranges(std::uint64_t first, std::uint64_t second) {
  CHECK(first > 0 && first <= second);
  std::vector<LeafRange> ranges;
  LeafRange tree{0, second};
  while (tree.end != first) {  // SUBPROOF ends where the subtree ends with the first tree
    const std::uint64_t middle = tree.begin + split_of(tree.end - tree.begin);
    if (first <= middle) {
      ranges.push_back({middle, tree.end});
      tree.end = middle;
    } else {
      ranges.push_back({tree.begin, middle});
      tree.begin = middle;
    }
  }
  if (tree.begin != 0) ranges.push_back(tree);  // else it is the first tree itself, whose root the reader has
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

void RangeRoots::add(const Digest& leaf) {
  for (std::size_t i = 0; i < ranges_.size(); ++i)
    if (ranges_[i].begin <= next_ && next_ < ranges_[i].end) frontiers_[i].add(leaf);
  ++next_;
}

std::vector<Digest> RangeRoots::roots() const {
  std::vector<Digest> roots;
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    CHECK(frontiers_[i].size() == ranges_[i].end - ranges_[i].begin);
    roots.push_back(frontiers_[i].root());
  }
  return roots;
}

bool inclusion_is_valid(const Digest& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest> path, const Digest& root) {
  if (index >= size) return false;
  const std::vector<LeafRange> ranges = inclusion_ranges(index, size);
  if (path.size() != ranges.size()) return false;
  Digest hash = leaf;
  for (std::size_t i = 0; i < path.size(); ++i) hash = ranges[i].end <= index ? node_hash(path[i], hash) : node_hash(hash, path[i]);
  return hash == root;
}

bool consistency_is_valid(std::uint64_t first, const Digest& first_root, std::uint64_t second, const Digest& second_root, std::span<const Digest> path) {
  if (first == 0 || first > second) return false;
  const std::vector<LeafRange> ranges = consistency_ranges(first, second);
  if (path.size() != ranges.size()) return false;
  // The subtree that both trees share and end the first one with: it is listed unless it is the whole first tree.
  const bool listed = !ranges.empty() && ranges.front().end == first;
  Digest earlier = listed ? path.front() : first_root;
  Digest later = earlier;
  for (std::size_t i = listed ? 1 : 0; i < path.size(); ++i) {
    const bool left = ranges[i].end <= first;  // it stands in both trees; what is to the right came later
    later = left ? node_hash(path[i], later) : node_hash(later, path[i]);
    if (left) earlier = node_hash(path[i], earlier);
  }
  return earlier == first_root && later == second_root;
}

}  // namespace osler::audit
