#include "models/encoder_input.h"

#include <gtest/gtest.h>

#include "../random_seed.h"

namespace osler::models {
namespace {

using language::CaseTextUnit;
using neural::TokenId;

constexpr const char* kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\ncough\n##ing\nfever\nno\n.\nold\n";
enum : TokenId { kUnknown = 1, kBegin = 2, kEnd = 3, kCough = 4, kIng = 5, kFever = 6, kNo = 7, kStop = 8, kOld = 9 };

neural::WordPiece word_piece(const std::string& vocabulary = kVocabulary) { return neural::WordPiece::from_vocabulary(vocabulary, {}).value(); }

std::vector<CaseTextUnit> units_of(const std::vector<std::string>& texts) {
  std::vector<CaseTextUnit> units;
  for (const std::string& text : texts) units.push_back({{}, text, 0});
  return units;
}

struct Reading : testing::Test {
  EncoderInput read(const std::vector<std::string>& texts, std::size_t max_length = 100, const std::vector<bool>& use = {}) const {
    return encoder_input(pieces_of(units_of(texts), pieces), use, pieces, max_length);
  }
  std::vector<TokenId> ids(const std::vector<std::string>& texts, std::size_t max_length = 100, const std::vector<bool>& use = {}) const {
    return read(texts, max_length, use).ids;
  }
  const neural::WordPiece pieces = word_piece();
};

TEST_F(Reading, EndsEachUnitWithAStop) {
  EXPECT_EQ(ids({"coughing", "no fever"}), (std::vector<TokenId>{kBegin, kCough, kIng, kStop, kNo, kFever, kStop, kEnd}));
}

TEST_F(Reading, AUnitThatHasItsStopGetsNoSecond) {
  EXPECT_EQ(ids({"no fever.", "old"}), (std::vector<TokenId>{kBegin, kNo, kFever, kStop, kOld, kStop, kEnd}));
}

TEST_F(Reading, OfNothingIsBeginningAndEnd) {
  EXPECT_EQ(ids({}), (std::vector<TokenId>{kBegin, kEnd}));
  EXPECT_EQ(ids({"", " "}), (std::vector<TokenId>{kBegin, kEnd})) << "a unit without pieces has no stop either";
}

TEST_F(Reading, AVocabularyWithoutAStopHasNone) {
  const neural::WordPiece without = word_piece("[PAD]\n[UNK]\n[CLS]\n[SEP]\ncough\nfever\n");
  EXPECT_EQ(encoder_input(pieces_of(units_of({"cough", "fever"}), without), {}, without, 100).ids, (std::vector<TokenId>{kBegin, 4, 5, kEnd}));
}

TEST_F(Reading, WhatIsNotUsedIsNotRead) {
  const std::vector<std::string> texts = {"cough", "fever", "old"};
  EXPECT_EQ(ids(texts, 100, {true, false, true}), ids({"cough", "old"}));
  EXPECT_EQ(ids(texts, 100, {false, false, false}), ids({}));
  EXPECT_EQ(ids(texts, 100, {true, true, true}), ids(texts));
  EXPECT_EQ(read(texts, 100, {true, false, true}).places.at(3).unit, 2u) << "units keep their number";
}

TEST_F(Reading, EachPieceKnowsItsPlace) {
  const EncoderInput input = read({"coughing", "no fever"});
  ASSERT_EQ(input.places.size(), input.ids.size());
  const auto place = [&](std::size_t i) { return std::tuple(input.places[i].unit, input.places[i].begin, input.places[i].end); };
  EXPECT_EQ(place(1), std::tuple(0u, 0u, 5u));
  EXPECT_EQ(place(2), std::tuple(0u, 5u, 8u));
  EXPECT_EQ(place(4), std::tuple(1u, 0u, 2u));
  EXPECT_EQ(place(5), std::tuple(1u, 3u, 8u));
  for (const std::size_t i : {0u, 3u, 6u, 7u}) EXPECT_EQ(input.places[i].unit, PiecePlace::kNoUnit) << i;
}

TEST_F(Reading, CutsTheEndAndCountsIt) {
  const EncoderInput input = read({"coughing", "no fever", "old"}, 6);
  EXPECT_EQ(input.ids, (std::vector<TokenId>{kBegin, kCough, kIng, kStop, kNo, kEnd}));
  EXPECT_EQ(input.pieces_cut, 2u);
  EXPECT_EQ(input.first_cut_unit, 1u);
}

TEST_F(Reading, WhatJustFitsIsNotCut) {
  EXPECT_EQ(read({"no fever"}, 5).pieces_cut, 0u);
  EXPECT_EQ(read({"no fever"}, 4).pieces_cut, 0u) << "only the stop had no place";
  EXPECT_EQ(ids({"no fever"}, 4), (std::vector<TokenId>{kBegin, kNo, kFever, kEnd}));
  EXPECT_EQ(read({"no fever"}, 3).pieces_cut, 1u);
}

TEST_F(Reading, AUnitThatIsNotUsedIsNotCounted) {
  const EncoderInput input = read({"cough", "no fever no fever", "old fever"}, 4, {true, false, true});
  EXPECT_EQ(input.pieces_cut, 2u);
  EXPECT_EQ(input.first_cut_unit, 2u);
}

TEST_F(Reading, TooShortALengthOrAnotherNumberOfUsesIsABrokenPromise) {
  EXPECT_DEATH(read({"cough"}, 2), "");
  EXPECT_DEATH(read({"cough"}, 10, {true, true}), "");
}

// Whatever the units and the length: never longer, begins and ends as it must, and nothing is lost without being counted.
TEST_F(Reading, NothingIsLostUncounted) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  const std::vector<std::string> words = {"cough", "coughing", "fever", ".", "zzz", "", "no"};
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> texts(random() % 8);
    for (std::string& text : texts)
      for (std::size_t i = random() % 6; i > 0; --i) text += words[random() % words.size()] + " ";
    const UnitPieces all = pieces_of(units_of(texts), pieces);
    std::size_t total = 0;
    for (const auto& unit : all) total += unit.size();
    const std::size_t max_length = 3 + random() % 40;
    const EncoderInput input = encoder_input(all, {}, pieces, max_length);
    ASSERT_LE(input.ids.size(), max_length) << "seed " << seed;
    ASSERT_EQ(input.places.size(), input.ids.size()) << "seed " << seed;
    ASSERT_TRUE(input.ids.front() == kBegin && input.ids.back() == kEnd) << "seed " << seed;
    std::size_t placed = 0;
    for (const PiecePlace& place : input.places) placed += place.unit != PiecePlace::kNoUnit;
    ASSERT_EQ(placed + input.pieces_cut, total) << "seed " << seed;
  }
}

}  // namespace
}  // namespace osler::models
