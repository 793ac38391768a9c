#include "clinical/loinc.h"

namespace osler::clinical {

TEST(Loinc, ShapeIsOneToSevenDigitsADashAndACheckDigit) {
  for (const char* text : {"1-8", "2345-7", "1234567-4", "12345-6"}) EXPECT_TRUE(LoincCode::parse(text)) << text;
  for (const char* text : {"", "-", "1", "1-", "-7", "12345678-1", "2345-77", "23a5-7", "2345 7", " 2345-7", "2345-x"})
    EXPECT_FALSE(LoincCode::parse(text)) << text;
}

// Real codes (LOINC: glucose, haemoglobin, creatinine, hs troponin I) and the two of the reference request.
TEST(Loinc, CheckDigitIsMod10) {
  for (const char* text : {"2345-7", "718-7", "2160-0", "89579-7", "4548-4"})
    EXPECT_TRUE(LoincCode::parse(text)->check_digit_is_right()) << text;
  for (const char* text : {"12345-6", "67890-1", "2345-8"}) EXPECT_FALSE(LoincCode::parse(text)->check_digit_is_right()) << text;
}

TEST(Loinc, EveryOtherCheckDigitIsWrong) {
  int right = 0;
  for (char digit = '0'; digit <= '9'; ++digit) right += LoincCode::parse(std::string("2345-") + digit)->check_digit_is_right();
  EXPECT_EQ(right, 1);
}

}  // namespace osler::clinical
