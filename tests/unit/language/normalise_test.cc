#include "language/normalise.h"

#include <gtest/gtest.h>

#include "../random_seed.h"

namespace osler::language {
namespace {

TEST(Normalise, FoldsCaseAccentsAndTypography) {
  EXPECT_EQ(normalise("M\xC3\xA9ni\xC3\xA8re").text, "meniere");
  EXPECT_EQ(normalise("Don\xE2\x80\x99t").text, "don't");
  EXPECT_EQ(normalise("38.5\xE2\x84\x83").text, "38.5\xC2\xB0" "c");
  EXPECT_EQ(normalise("90 \xC2\xB5mol").text, "90 umol");
  EXPECT_EQ(normalise("2\xC2\xBD").text, "2.5");
  EXPECT_EQ(normalise("x10\xE2\x81\xB9").text, "x10^9");
  EXPECT_EQ(normalise("\xC5\x93" "dema").text, "oedema");
  EXPECT_EQ(normalise("a\xE2\x80\x94" "b").text, "a - b");
  EXPECT_EQ(normalise("\xEF\xBC\xA3ough").text, "cough");  // full-width C
}

TEST(Normalise, KeepsTheWayBackToTheSource) {
  const std::string source = "M\xC3\xA9ni\xC3\xA8re";
  const NormalText normal = normalise(source);
  ASSERT_EQ(normal.begins.size(), normal.text.size());
  EXPECT_EQ(normal.begins[1], 1u);
  EXPECT_EQ(normal.ends[1], 3u);
  EXPECT_EQ(normal.begins.back(), source.size() - 1);
  EXPECT_EQ(normal.ends.back(), source.size());
}

TEST(Normalise, InvalidBytesBecomeBlanksAndOffsetsStayInside) {
  EXPECT_EQ(normalise("a\xFFz").text, "a z");
  std::mt19937 random(fresh_seed());
  for (int round = 0; round < 300; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const NormalText normal = normalise(bytes);
    ASSERT_EQ(normal.begins.size(), normal.text.size());
    ASSERT_EQ(normal.ends.size(), normal.text.size());
    for (std::size_t i = 0; i < normal.text.size(); ++i) {
      ASSERT_LT(normal.begins[i], normal.ends[i]);
      ASSERT_LE(normal.ends[i], bytes.size());
    }
  }
}

}  // namespace
}  // namespace osler::language
