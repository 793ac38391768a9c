#include "audit/merkle.h"

#include <gtest/gtest.h>

namespace osler::audit {
namespace {

/// MTH of RFC 6962 section 2.1, word for word.
Digest plain_root(const std::vector<Digest>& leaves) {
  if (leaves.empty()) return sha256(ByteView{});
  if (leaves.size() == 1) return leaves[0];
  std::size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(split);
  return node_hash(plain_root({leaves.begin(), middle}), plain_root({middle, leaves.end()}));
}

TEST(Merkle, TheEmptyTreeAndTheEmptyLeafAreThoseOfRfc6962) {
  EXPECT_EQ(to_hex(Frontier().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(leaf_hash({})), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(Merkle, TheFrontierAgreesWithTheDefinitionAtEverySize) {
  Frontier frontier;
  std::vector<Digest> leaves;
  for (int i = 0; i < 130; ++i) {
    EXPECT_EQ(frontier.root(), plain_root(leaves)) << i;
    EXPECT_EQ(Frontier::restore(frontier.size(), frontier.roots()).value().root(), frontier.root());
    leaves.push_back(leaf_hash(as_bytes("entry " + std::to_string(i))));
    frontier.add(leaves.back());
    EXPECT_EQ(frontier.size(), leaves.size());
  }
}

// The reference tree of certificate-transparency's own tests: eight leaves.
TEST(Merkle, AgreesWithKnownRoots) {
  const char* leaves[] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  Frontier frontier;
  for (const char* leaf : leaves) frontier.add(leaf_hash(from_hex(leaf).value()));
  EXPECT_EQ(to_hex(frontier.root()), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(Merkle, ALeafIsNoNode) {
  const Digest left = leaf_hash(as_bytes("a")), right = leaf_hash(as_bytes("b"));
  Bytes both(left.begin(), left.end());
  both.insert(both.end(), right.begin(), right.end());
  EXPECT_NE(leaf_hash(both), node_hash(left, right));
}

TEST(Merkle, RefusesAFrontierThatDoesNotFit) { EXPECT_FALSE(Frontier::restore(3, {Digest{}})); }

}  // namespace
}  // namespace osler::audit
