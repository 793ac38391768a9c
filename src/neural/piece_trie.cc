#include "neural/piece_trie.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace osler::neural {

namespace {

/// The entries below a node: they share their first `depth` bytes.
struct Below {
  std::size_t begin, end, depth;
};

std::uint8_t byte_at(std::string_view text, std::size_t index) { return static_cast<std::uint8_t>(text[index]); }

}  // namespace

PieceTrie::PieceTrie(const std::vector<Entry>& entries) {
  nodes_.emplace_back();
  labels_.push_back(0);
  std::vector<Below> below{{0, entries.size(), 0}};
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    auto [at, end, depth] = below[node];
    if (at < end && entries[at].first.size() == depth) nodes_[node].id = entries[at++].second;  // the shortest comes first
    CHECK(node > 0 || nodes_[node].id == -1);
    nodes_[node].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (at < end) {
      const std::uint8_t label = byte_at(entries[at].first, depth);
      const std::size_t begin = at;
      while (at < end && byte_at(entries[at].first, depth) == label) ++at;
      ++nodes_[node].children;
      nodes_.emplace_back();
      labels_.push_back(label);
      below.push_back({begin, at, depth + 1});
    }
  }
  for (std::uint32_t i = 0; i < nodes_[0].children; ++i) of_root_[labels_[nodes_[0].first_child + i]] = nodes_[0].first_child + i;
}

std::uint32_t PieceTrie::child(std::uint32_t node, std::uint8_t label) const {
  if (node == 0) return of_root_[label];
  const Node& parent = nodes_[node];
  const std::uint8_t* first = labels_.data() + parent.first_child;
  if (parent.children > 8) {
    const void* found = std::memchr(first, label, parent.children);
    return found ? static_cast<std::uint32_t>(static_cast<const std::uint8_t*>(found) - labels_.data()) : kNone;
  }
  for (std::uint32_t i = 0; i < parent.children; ++i)
    if (first[i] == label) return parent.first_child + i;
  return kNone;
}

PieceTrie::Match PieceTrie::longest_prefix(std::string_view text) const {
  Match match;
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    node = child(node, byte_at(text, i));
    if (node == kNone) break;
    if (nodes_[node].id >= 0) match = {nodes_[node].id, i + 1};
  }
  return match;
}

std::int32_t PieceTrie::id_of(std::string_view text) const {
  const Match match = longest_prefix(text);
  return match.bytes == text.size() ? match.id : -1;
}

}  // namespace osler::neural
