// A set of texts, each with a number, that finds the longest of them that a text begins with: one pass over the text's bytes,
// however many texts there are. For WordPiece, which asks nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace osler::neural {

/// Immutable, so every thread may use it. Copies what it needs of the texts.
class PieceTrie {
 public:
  using Entry = std::pair<std::string_view, std::int32_t>;
  struct Match {
    std::int32_t id = -1;
    std::size_t bytes = 0;  // 0: nothing was found
  };

  PieceTrie() : PieceTrie(std::vector<Entry>{}) {}
  /// Texts must be ascending, distinct and not empty, ids not negative, the texts together below 2^31 bytes.
  explicit PieceTrie(const std::vector<Entry>& entries);

  Match longest_prefix(std::string_view text) const;
  /// -1 when it is not in the set.
  std::int32_t id_of(std::string_view text) const;

 private:
  // Nodes in breadth-first order, so that the children of one stand side by side. Node 0 is the root.
  struct Node {
    std::uint32_t first_child = 0;
    std::uint16_t children = 0;
    std::int32_t id = -1;
  };
  static constexpr std::uint32_t kNone = 0;  // the root is nobody's child

  std::uint32_t child(std::uint32_t node, std::uint8_t label) const;

  std::vector<Node> nodes_;
  std::vector<std::uint8_t> labels_;           // of each node: the byte that leads to it
  std::array<std::uint32_t, 256> of_root_{};  // the root's children, without a search
};

}  // namespace osler::neural
