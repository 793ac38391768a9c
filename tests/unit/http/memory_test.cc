#include "http/memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace osler::http {
namespace {

TEST(ResidentBytes, SeesMemoryThatIsTouched) {
  const std::uint64_t before = resident_bytes();
  EXPECT_GT(before, 1024u * 1024u);
  std::vector<char> block(64 * 1024 * 1024, 1);
  EXPECT_GT(resident_bytes(), before + 32u * 1024u * 1024u);
  EXPECT_EQ(block.back(), 1);
}

TEST(MemoryWatch, WarnsOnceForEachCrossing) {
  MemoryWatch watch(1000);
  EXPECT_FALSE(watch.crosses(1000));
  EXPECT_TRUE(watch.crosses(1001));
  EXPECT_FALSE(watch.crosses(2000));
  EXPECT_FALSE(watch.crosses(980));  // hovering is not a new crossing
  EXPECT_FALSE(watch.crosses(1001));
  EXPECT_FALSE(watch.crosses(900));
  EXPECT_TRUE(watch.crosses(1001));
}

TEST(MemoryWatch, ZeroNeverWarns) {
  MemoryWatch watch(0);
  EXPECT_FALSE(watch.crosses(1ull << 40));
}

}  // namespace
}  // namespace osler::http
