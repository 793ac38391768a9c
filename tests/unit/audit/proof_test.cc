#include "audit/proof.h"

#include <gtest/gtest.h>

#include <random>

#include "../random_seed.h"

namespace osler::audit {
namespace {

using Hashes = std::vector<Digest>;

// RFC 6962 section 2.1 word for word, over whole lists of leaves: slow, plain, and not what the program does.
std::size_t k_of(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
Hashes slice(const Hashes& d, std::size_t from, std::size_t to) {
  return {d.begin() + static_cast<std::ptrdiff_t>(from), d.begin() + static_cast<std::ptrdiff_t>(to)};
}
Digest mth(const Hashes& d) {
  if (d.empty()) return sha256(ByteView{});
  if (d.size() == 1) return d[0];
  return node_hash(mth(slice(d, 0, k_of(d.size()))), mth(slice(d, k_of(d.size()), d.size())));
}
Hashes plus(Hashes list, const Digest& last) {
  list.push_back(last);
  return list;
}
Hashes path(std::size_t m, const Hashes& d) {
  if (d.size() == 1) return {};
  const std::size_t k = k_of(d.size());
  if (m < k) return plus(path(m, slice(d, 0, k)), mth(slice(d, k, d.size())));
  return plus(path(m - k, slice(d, k, d.size())), mth(slice(d, 0, k)));
}
Hashes subproof(std::size_t m, const Hashes& d, bool b) {
  if (m == d.size()) return b ? Hashes{} : Hashes{mth(d)};
  const std::size_t k = k_of(d.size());
  if (m <= k) return plus(subproof(m, slice(d, 0, k), b), mth(slice(d, k, d.size())));
  return plus(subproof(m - k, slice(d, k, d.size()), false), mth(slice(d, 0, k)));
}

// Verifying after RFC 9162 (sections 2.1.3.2 and 2.1.4.2), which walks bits and knows no ranges.
bool walks_to(const Digest& leaf, std::uint64_t index, std::uint64_t size, const Hashes& proof, const Digest& root) {
  if (index >= size) return false;
  std::uint64_t fn = index, sn = size - 1;
  Digest r = leaf;
  for (const Digest& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && r == root;
}
bool extends(std::uint64_t first, const Digest& first_root, std::uint64_t second, const Digest& second_root, Hashes proof) {
  if (first == second) return proof.empty() && first_root == second_root;
  if (proof.empty()) return false;
  if ((first & (first - 1)) == 0) proof.insert(proof.begin(), first_root);
  std::uint64_t fn = first - 1, sn = second - 1;
  while ((fn & 1) != 0) fn >>= 1, sn >>= 1;
  Digest fr = proof[0], sr = proof[0];
  for (std::size_t i = 1; i < proof.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(proof[i], fr), sr = node_hash(proof[i], sr);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      sr = node_hash(sr, proof[i]);
    }
    fn >>= 1, sn >>= 1;
  }
  return fr == first_root && sr == second_root && sn == 0;
}

Hashes leaves(std::size_t count) {
  Hashes list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(leaf_hash(as_bytes("entry " + std::to_string(i))));
  return list;
}
Hashes collected(const std::vector<LeafRange>& ranges, const Hashes& list) {
  RangeRoots roots(ranges);
  for (const Digest& leaf : list) roots.add(leaf);
  return roots.roots();
}

TEST(Proof, InclusionAgreesWithTheRfcAtEverySizeAndPlace) {
  const Hashes all = leaves(70);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const Hashes tree = slice(all, 0, size);
    const Digest root = mth(tree);
    for (std::size_t index = 0; index < size; ++index) {
      const Hashes made = collected(inclusion_ranges(index, size), tree);
      ASSERT_EQ(made, path(index, tree)) << index << " of " << size;
      ASSERT_TRUE(inclusion_is_valid(tree[index], index, size, made, root)) << index << " of " << size;
      ASSERT_TRUE(walks_to(tree[index], index, size, made, root)) << index << " of " << size;
    }
  }
}

TEST(Proof, ConsistencyAgreesWithTheRfcForEveryPairOfSizes) {
  const Hashes all = leaves(70);
  for (std::size_t second = 1; second <= all.size(); ++second) {
    const Hashes tree = slice(all, 0, second);
    for (std::size_t first = 1; first <= second; ++first) {
      const Digest before = mth(slice(all, 0, first)), after = mth(tree);
      const Hashes made = collected(consistency_ranges(first, second), tree);
      ASSERT_EQ(made, subproof(first, tree, true)) << first << " " << second;
      ASSERT_TRUE(consistency_is_valid(first, before, second, after, made)) << first << " " << second;
      ASSERT_TRUE(extends(first, before, second, after, made)) << first << " " << second;
    }
  }
}

TEST(Proof, LargeTreesAtRandom) {
  std::mt19937_64 random(fresh_seed());
  const Hashes all = leaves(20'000);
  for (int i = 0; i < 20; ++i) {
    const std::size_t second = 1 + random() % all.size(), first = 1 + random() % second, index = random() % second;
    Frontier before, after;
    for (std::size_t leaf = 0; leaf < second; ++leaf) {
      after.add(all[leaf]);
      if (leaf < first) before.add(all[leaf]);
    }
    const Hashes tree = slice(all, 0, second);
    EXPECT_TRUE(walks_to(all[index], index, second, collected(inclusion_ranges(index, second), tree), after.root())) << index << " of " << second;
    const Hashes steps = collected(consistency_ranges(first, second), tree);
    EXPECT_TRUE(extends(first, before.root(), second, after.root(), steps)) << first << " " << second;
    EXPECT_TRUE(consistency_is_valid(first, before.root(), second, after.root(), steps)) << first << " " << second;
  }
}

TEST(Proof, AnythingElseThanTheProofIsRefused) {
  const Hashes all = leaves(37);
  const Digest root = mth(all), earlier = mth(slice(all, 0, 21));
  const Hashes good = collected(inclusion_ranges(5, 37), all), steps = collected(consistency_ranges(21, 37), all);
  ASSERT_TRUE(inclusion_is_valid(all[5], 5, 37, good, root));
  for (std::uint64_t size = 0; size < 80; ++size)
    for (std::uint64_t index = 0; index < 80; ++index)
      EXPECT_FALSE((size != 37 || index != 5) && inclusion_is_valid(all[5], index, size, good, root) && !walks_to(all[5], index, size, good, root));
  for (std::uint64_t index = 0; index < 37; ++index) EXPECT_EQ(inclusion_is_valid(all[5], index, 37, good, root), index == 5);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Hashes forged = good;
    forged[i][i] ^= 1;
    EXPECT_FALSE(inclusion_is_valid(all[5], 5, 37, forged, root));
  }
  EXPECT_FALSE(inclusion_is_valid(all[6], 5, 37, good, root));
  EXPECT_FALSE(inclusion_is_valid(all[5], 5, 37, plus(good, root), root));
  EXPECT_FALSE(inclusion_is_valid(all[5], 5, 37, slice(good, 1, good.size()), root));
  ASSERT_TRUE(consistency_is_valid(21, earlier, 37, root, steps));
  EXPECT_FALSE(consistency_is_valid(21, root, 37, root, steps));
  EXPECT_FALSE(consistency_is_valid(21, earlier, 37, earlier, steps));
  EXPECT_FALSE(consistency_is_valid(20, earlier, 37, root, steps));
  EXPECT_FALSE(consistency_is_valid(0, earlier, 37, root, steps));
  EXPECT_FALSE(consistency_is_valid(38, earlier, 37, root, steps));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Hashes forged = steps;
    forged[i][0] ^= 1;
    EXPECT_FALSE(consistency_is_valid(21, earlier, 37, root, forged));
  }
}

}  // namespace
}  // namespace osler::audit
