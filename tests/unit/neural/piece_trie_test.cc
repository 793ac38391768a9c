#include "neural/piece_trie.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>

namespace osler::neural {
namespace {

TEST(PieceTrie, FindsTheLongest) {
  const PieceTrie trie({{"a", 1}, {"ab", 2}, {"abcd", 3}, {"b", 4}});
  EXPECT_EQ(trie.longest_prefix("abce").id, 2);
  EXPECT_EQ(trie.longest_prefix("abce").bytes, 2u);
  EXPECT_EQ(trie.longest_prefix("abcde").id, 3);
  EXPECT_EQ(trie.longest_prefix("c").bytes, 0u);
  EXPECT_EQ(trie.longest_prefix("").bytes, 0u);
  EXPECT_EQ(trie.id_of("abcd"), 3);
  EXPECT_EQ(trie.id_of("abc"), -1);
  EXPECT_EQ(trie.id_of(""), -1);
}

TEST(PieceTrie, MayBeEmpty) {
  EXPECT_EQ(PieceTrie().longest_prefix("a").bytes, 0u);
  EXPECT_EQ(PieceTrie().id_of("a"), -1);
}

RC_GTEST_PROP(PieceTrie, IsASetOfTexts, ()) {
  // Of all bytes at the root and few elsewhere, so that nodes have many children and depth.
  const auto text = rc::gen::mapcat(rc::gen::arbitrary<char>(), [](char first) {
    const auto rests = rc::gen::container<std::string>(rc::gen::element('a', 'b', '\xFF'));
    return rc::gen::map(rests, [first](const std::string& rest) { return first + rest; });
  });
  const auto texts = *rc::gen::container<std::set<std::string>>(text);
  std::vector<PieceTrie::Entry> entries;
  for (const std::string& entry : texts) entries.emplace_back(entry, static_cast<std::int32_t>(entries.size()));
  const PieceTrie trie(entries);
  for (const auto& [entry, id] : entries) RC_ASSERT(trie.id_of(entry) == id);
  const std::string sought = *text;
  RC_ASSERT((trie.id_of(sought) >= 0) == texts.contains(sought));
  std::size_t longest = 0;
  for (std::size_t length = 1; length <= sought.size(); ++length)
    if (texts.contains(sought.substr(0, length))) longest = length;
  RC_ASSERT(trie.longest_prefix(sought).bytes == longest);
}

}  // namespace
}  // namespace osler::neural
