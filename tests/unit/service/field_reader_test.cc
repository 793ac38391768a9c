#include "service/field_reader.h"

#include <limits>

namespace osler::service {

class Fields : public testing::Test {
 protected:
  FieldReader reader(const char* json) {
    object_ = parse_json(json).value();
    return FieldReader(object_, "/at", errors_);
  }
  /// "pointer problem" of the one error there is.
  std::string error() const {
    return errors_.size() == 1 ? errors_[0].pointer + " " + errors_[0].problem : std::to_string(errors_.size()) + " errors";
  }

  Json object_;
  std::vector<FieldError> errors_;
};

TEST(FoldWhiteSpace, TrimsAndFolds) {
  EXPECT_EQ(fold_white_space(""), "");
  EXPECT_EQ(fold_white_space("a"), "a");
  EXPECT_EQ(fold_white_space(" \t a \r\n b\u00A0\u3000c "), "a b c");
  EXPECT_EQ(fold_white_space(std::string("a\0\0b\0", 5)), "a b");
  EXPECT_EQ(fold_white_space("\U0001F912  \U0001F912"), "\U0001F912 \U0001F912");
}

TEST(FoldWhiteSpace, EveryWhiteSpaceOfUnicodeFolds) {
  for (const char* space : {"\u0009", "\u000A", "\u000B", "\u000C", "\u000D", "\u0020", "\u0085", "\u00A0", "\u1680", "\u2000",
                            "\u2005", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"})
    EXPECT_EQ(fold_white_space(std::string(space) + "a" + space + space + "b" + space), "a b");
}

TEST(FoldWhiteSpace, EveryControlCharacterFolds) {
  for (int c = 1; c < 0x20; ++c)
    EXPECT_EQ(fold_white_space(std::string("a") + static_cast<char>(c) + "b"), "a b") << c;
  EXPECT_EQ(fold_white_space("a\x7f" "b\u0080c\u009Fd"), "a b c d");
}

TEST(FoldWhiteSpace, InvisibleCharactersGoWithoutATrace) {
  for (const char* mark : {"\u00AD", "\u200B", "\u200C", "\u200D", "\u200E", "\u2060", "\u2066", "\uFEFF"})
    EXPECT_EQ(fold_white_space(std::string(mark) + "a" + mark + "b " + mark + " c" + mark), "ab c");
}

TEST(FoldWhiteSpace, IsIdempotent) {
  for (const char* text : {" a  b ", "\u200B \u200B", "x\u00A0\u00AD y", "\n\n"})
    EXPECT_EQ(fold_white_space(fold_white_space(text)), fold_white_space(text)) << text;
}

TEST(LowerCase, FollowsUnicodeInTheRootLocale) {
  EXPECT_EQ(lower_case("CHEST Pain 42"), "chest pain 42");
  EXPECT_EQ(lower_case("\u0130"), "i\u0307");
  EXPECT_EQ(lower_case("I"), "i") << "never a Turkish dotless i";
  EXPECT_EQ(lower_case("\u00DF\u1E9E"), "\u00DF\u00DF");
  EXPECT_EQ(lower_case("\u03A3\u039F\u03A3"), "\u03C3\u03BF\u03C2") << "a sigma that ends a word";
  EXPECT_EQ(lower_case("\u00C9\u0416"), "\u00E9\u0436");
}

TEST(CountCharacters, CountsCodePoints) {
  EXPECT_EQ(count_characters(""), 0u);
  EXPECT_EQ(count_characters("abc"), 3u);
  EXPECT_EQ(count_characters("\u00E9\u75DB\U0001F912"), 3u);
  EXPECT_EQ(count_characters("e\u0301"), 2u);
}

TEST_F(Fields, FindTreatsNullAsMissing) {
  const FieldReader fields = reader(R"({"a":null,"b":0})");
  EXPECT_EQ(fields.find("a"), nullptr);
  EXPECT_EQ(fields.find("c"), nullptr);
  ASSERT_NE(fields.find("b"), nullptr);
}

TEST_F(Fields, PointersAreEscaped) { EXPECT_EQ(reader("{}").pointer_to("a/b~"), "/at/a~1b~0"); }

TEST_F(Fields, NumberTakesItsBoundsAndNothingBeyond) {
  const FieldReader fields = reader(R"({"low":-2,"high":3.5,"under":-2.0001,"text":"1","bool":true})");
  EXPECT_EQ(fields.number("low", -2, 3.5, true), -2.0);
  EXPECT_EQ(fields.number("high", -2, 3.5, true), 3.5);
  EXPECT_TRUE(errors_.empty());
  EXPECT_EQ(fields.number("under", -2, 3.5, false), std::nullopt);
  EXPECT_EQ(error(), "/at/under is out of range");
  EXPECT_EQ(errors_[0].allowed, "a number from -2 to 3.5");
  EXPECT_EQ(fields.number("text", -2, 3.5, false), std::nullopt);
  EXPECT_EQ(fields.number("bool", -2, 3.5, false), std::nullopt);
  EXPECT_EQ(errors_.size(), 3u);
}

TEST_F(Fields, NumberRefusesWhatIsNotFinite) {
  object_ = {{"nan", std::nan("")}, {"inf", std::numeric_limits<double>::infinity()}};
  const FieldReader fields(object_, "", errors_);
  const double any = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(fields.number("nan", -any, any, false));
  EXPECT_FALSE(fields.number("inf", -any, any, false));
  EXPECT_EQ(errors_.size(), 2u);
}

TEST_F(Fields, MissingIsAnErrorOnlyWhereRequired) {
  const FieldReader fields = reader("{}");
  EXPECT_FALSE(fields.number("x", 0, 1, false));
  EXPECT_FALSE(fields.boolean("x", false));
  EXPECT_FALSE(fields.choice("x", {"a"}, false));
  EXPECT_EQ(fields.text("x", 5), "");
  EXPECT_TRUE(fields.texts("x", 0, 5, 5).empty());
  EXPECT_TRUE(errors_.empty());
  EXPECT_FALSE(fields.number("n", 0, 1, true));
  EXPECT_FALSE(fields.boolean("b", true));
  EXPECT_FALSE(fields.choice("c", {"a"}, true));
  EXPECT_TRUE(fields.texts("t", 1, 5, 5).empty());
  ASSERT_EQ(errors_.size(), 4u);
  for (const FieldError& field : errors_) EXPECT_EQ(field.problem, "is missing") << field.pointer;
}

TEST_F(Fields, BooleanIsNoNumberAndNoText) {
  const FieldReader fields = reader(R"({"yes":true,"no":false,"one":1,"text":"true"})");
  EXPECT_EQ(fields.boolean("yes", true), true);
  EXPECT_EQ(fields.boolean("no", true), false);
  EXPECT_FALSE(fields.boolean("one", false));
  EXPECT_FALSE(fields.boolean("text", false));
  EXPECT_EQ(errors_.size(), 2u);
}

TEST_F(Fields, ChoiceGivesThePosition) {
  const FieldReader fields = reader(R"({"c":"two","d":"Two"})");
  EXPECT_EQ(fields.choice("c", {"one", "two"}, true), 1u);
  EXPECT_FALSE(fields.choice("d", {"one", "two"}, true));
  EXPECT_EQ(error(), "/at/d is not a known value");
  EXPECT_EQ(errors_[0].allowed, "one of one, two");
}

TEST_F(Fields, TextIsFoldedBeforeItIsMeasured) {
  const FieldReader fields = reader(R"({"t":"  a   b  ","long":"abcd"})");
  EXPECT_EQ(fields.text("t", 3), "a b");
  EXPECT_EQ(fields.text("long", 3), "");
  EXPECT_EQ(error(), "/at/long is too long");
}

TEST_F(Fields, TextsDropBlanksAndNameEachBadItem) {
  EXPECT_EQ(reader(R"({"t":["a"," ","b"]})").texts("t", 1, 3, 5), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(errors_.empty());
  reader(R"({"t":["toolong",1,"ok"]})").texts("t", 1, 3, 5);
  ASSERT_EQ(errors_.size(), 2u);
  EXPECT_EQ(errors_[0].pointer, "/at/t/0");
  EXPECT_EQ(errors_[1].pointer, "/at/t/1");
}

TEST_F(Fields, TextsThatAreAllBadAreNotAlsoCalledEmpty) {
  reader(R"({"t":[1]})").texts("t", 1, 3, 5);
  EXPECT_EQ(error(), "/at/t/0 is not a string");
}

}  // namespace osler::service
