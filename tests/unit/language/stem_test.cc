#include "language/stem.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

TEST(Stem, InflectionsMeet) {
  for (const char* word : {"coughs", "coughed", "coughing", "cough's"}) EXPECT_EQ(stem(word), stem("cough")) << word;
  for (const char* word : {"vomits", "vomited", "vomiting", "vomitting"}) EXPECT_EQ(stem(word), stem("vomit")) << word;
  for (const char* word : {"aches", "ached", "aching"}) EXPECT_EQ(stem(word), stem("ache")) << word;
  EXPECT_EQ(stem("allergies"), stem("allergy"));
  EXPECT_EQ(stem("rashes"), stem("rash"));
  EXPECT_EQ(stem("stopped"), stem("stop"));
}

TEST(Stem, BritishAndAmericanMeet) {
  EXPECT_EQ(stem("haemoptysis"), stem("hemoptysis"));
  EXPECT_EQ(stem("diarrhoea"), stem("diarrhea"));
  EXPECT_EQ(stem("oedema"), stem("edema"));
  EXPECT_EQ(stem("tumours"), stem("tumor"));
  EXPECT_EQ(stem("hospitalised"), stem("hospitalized"));
  EXPECT_EQ(stem("paralysed"), stem("paralyzed"));
  EXPECT_EQ(stem("fibre"), stem("fiber"));
}

TEST(Stem, IrregularFormsMeet) {
  EXPECT_EQ(stem("lost"), stem("losing"));
  EXPECT_EQ(stem("lost"), stem("loss"));
  EXPECT_EQ(stem("swollen"), stem("swelling"));
  EXPECT_EQ(stem("threw"), stem("throwing"));
  EXPECT_EQ(stem("feet"), stem("foot"));
}

TEST(Stem, DifferentWordsStayApart) {
  EXPECT_NE(stem("loose"), stem("lose"));
  EXPECT_NE(stem("hour"), stem("hoarse"));
  EXPECT_NE(stem("lactating"), stem("lactate"));
  EXPECT_NE(stem("morning"), stem("more"));
}

TEST(Stem, ShortAndOddWordsSurvive) {
  for (const char* word : {"", "s", "'", "ae", "es", "ing", "ed", "'s"}) EXPECT_LE(stem(word).size(), 4u) << word;
}

}  // namespace
}  // namespace osler::language
