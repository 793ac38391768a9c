#include "audit/merkle.h"

#include <bit>

namespace osler::audit {

namespace {

constexpr std::uint8_t kLeaf[] = {0x00};
constexpr std::uint8_t kNode[] = {0x01};

}  // namespace

Digest leaf_hash(ByteView entry) { return sha256({ByteView(kLeaf), entry}); }

Digest node_hash(const Digest& left, const Digest& right) {
  return sha256({ByteView(kNode), ByteView(left), ByteView(right)});
}

Result<Frontier> Frontier::restore(std::uint64_t size, std::vector<Digest> roots) {
  if (static_cast<std::size_t>(std::popcount(size)) != roots.size())
    return make_error(ErrorCode::corrupted, "The audit log is damaged.", "frontier does not fit its size");
  Frontier frontier;
  frontier.size_ = size;
  frontier.roots_ = std::move(roots);
  return frontier;
}

void Frontier::add(const Digest& leaf) {
  roots_.push_back(leaf);
  // Each trailing one bit of the old size is a perfect subtree as large as the one just made.
  for (std::uint64_t size = size_; (size & 1) != 0; size >>= 1) {
    const Digest right = roots_.back();
    roots_.pop_back();
    roots_.back() = node_hash(roots_.back(), right);
  }
  ++size_;
}

Digest Frontier::root() const {
  if (roots_.empty()) return sha256(ByteView{});
  Digest hash = roots_.back();
  for (std::size_t i = roots_.size() - 1; i > 0; --i) hash = node_hash(roots_[i - 1], hash);
  return hash;
}

}  // namespace osler::audit
