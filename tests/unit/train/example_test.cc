#include "train/text/example.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "../random_seed.h"
#include "small_world.h"

namespace osler::train {
namespace {

using namespace clinical;

struct ExampleTest : testing::Test {
  /// What the pieces spell, without what marks them; words run together.
  std::string spelled(const TextExample& example, std::size_t first, std::size_t last) const {
    std::string text;
    for (std::size_t i = first; i <= last; ++i) {
      const std::string_view piece = word_piece.piece(example.ids[i]);
      text += piece.starts_with("##") ? piece.substr(2) : piece;
    }
    return text;
  }
  ExampleMaker maker(std::size_t max_length = 256) const { return {knowledge, word_piece, max_length}; }
  const KnowledgeBase knowledge = small_world();
  const neural::WordPiece word_piece = small_word_piece();
  const unsigned seed = fresh_seed();
  const CaseGenerator generator{knowledge, seed, 0.35};
};

std::string run_together(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != ' ') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool begins(Tag tag) { return tag == Tag::begin_present || tag == Tag::begin_absent; }
bool goes_on(Tag tag) { return tag == Tag::inside_present || tag == Tag::inside_absent; }

/// "My patient has a dry cough, no fever": one finding in a list, one denied, one in the story.
GeneratedCase handmade(const KnowledgeBase& knowledge) {
  GeneratedCase generated;
  generated.condition = knowledge.condition_by_id.at("cold");
  PatientCase& patient = generated.words.patient;
  patient.age_years = 40;
  patient.symptoms = {"dry cough"};
  patient.absent_findings = {"polydipsia"};
  patient.narrative = "Since monday. Has got a cephalgia.";
  const auto label = [&](CaseField field, std::size_t begin, std::size_t end, const char* id, Polarity polarity) {
    LabelledSpan span;
    span.span.field = field;
    span.span.begin = begin;
    span.span.end = end;
    span.finding = knowledge.finding_by_id.at(id);
    span.polarity = polarity;
    generated.words.spans.push_back(span);
  };
  label(CaseField::symptoms, 0, 9, "dry_cough", Polarity::present);
  label(CaseField::absent_findings, 0, 10, "thirst", Polarity::absent);
  label(CaseField::narrative, 24, 33, "headache", Polarity::present);
  return generated;
}

TEST_F(ExampleTest, TagsTheWordsOfEachFindingAndNothingElse) {
  const TextExample example = maker().from(handmade(knowledge));
  EXPECT_EQ(example.condition, knowledge.condition_by_id.at("cold"));
  ASSERT_EQ(example.tags.size(), example.ids.size());
  ASSERT_EQ(example.spans.size(), 3u);
  const std::vector<std::string> words = {"drycough", "polydipsia", "cephalgia"};
  const std::vector<std::string> findings = {"dry_cough", "thirst", "headache"};
  std::size_t inside = 0;
  for (std::size_t s = 0; s < words.size(); ++s) {
    const SpanTarget& span = example.spans[s];
    EXPECT_EQ(spelled(example, span.first, span.last), words[s]);
    EXPECT_EQ(knowledge.findings[span.finding].id, findings[s]);
    EXPECT_EQ(example.tags[span.first], s == 1 ? Tag::begin_absent : Tag::begin_present);
    for (std::size_t i = span.first + 1; i <= span.last; ++i) EXPECT_EQ(example.tags[i], s == 1 ? Tag::inside_absent : Tag::inside_present);
    inside += span.last - span.first + 1;
  }
  EXPECT_EQ(example.ids.size() - inside, static_cast<std::size_t>(std::count(example.tags.begin(), example.tags.end(), Tag::outside)));
  EXPECT_EQ(word_piece.piece(example.ids[example.spans[1].first - 1]), "no") << "the denial goes before its words, untagged";
}

TEST_F(ExampleTest, BeginAndInsideTagsMatchTheSpansOfGeneratedCases) {
  std::size_t spans = 0, long_ones = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const TextExample example = maker().from(generator.make(i));
    ASSERT_EQ(example.tags.size(), example.ids.size());
    std::vector<bool> covered(example.tags.size());
    for (const SpanTarget& span : example.spans) {
      ASSERT_TRUE(span.first <= span.last && span.last < example.tags.size());
      EXPECT_TRUE(begins(example.tags[span.first]));
      const bool absent = example.tags[span.first] == Tag::begin_absent;
      for (std::size_t at = span.first + 1; at <= span.last; ++at) EXPECT_EQ(example.tags[at], absent ? Tag::inside_absent : Tag::inside_present);
      for (std::size_t at = span.first; at <= span.last; ++at) covered[at] = true;
      long_ones += span.last > span.first;
    }
    for (std::size_t at = 0; at < covered.size(); ++at) EXPECT_EQ(covered[at], begins(example.tags[at]) || goes_on(example.tags[at])) << i;
    spans += example.spans.size();
  }
  EXPECT_GT(spans, 2000u);
  EXPECT_GT(long_ones, 1000u);
}

TEST_F(ExampleTest, SpansSpellTheLabelledWords) {
  for (std::uint64_t i = 0; i < 500; ++i) {
    const GeneratedCase generated = generator.make(i);
    const TextExample example = maker(512).from(generated);
    ASSERT_EQ(example.spans.size(), generated.words.spans.size()) << i;
    // The text is read in another order than it was written in, so by what they say.
    std::multiset<std::pair<FindingIndex, std::string>> labelled, read;
    for (const LabelledSpan& label : generated.words.spans) {
      const std::string text = text_of(generated.words.patient, label.span);
      labelled.emplace(label.finding, run_together(text.substr(label.span.begin, label.span.end - label.span.begin)));
    }
    for (const SpanTarget& span : example.spans) read.emplace(span.finding, spelled(example, span.first, span.last));
    EXPECT_EQ(read, labelled) << i;
  }
}

TEST_F(ExampleTest, NothingIsLongerThanItsLimit) {
  WrittenCase long_one;
  long_one.patient.symptoms = {"cough"};
  for (int i = 0; i < 200; ++i) long_one.patient.narrative += "Cough for days. ";
  for (const std::size_t limit : {16u, 40u, 64u}) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      const TextExample example = maker(limit).from(generator.make(i));
      EXPECT_LE(example.ids.size(), limit);
      EXPECT_EQ(example.ids.front(), word_piece.begin());
      EXPECT_EQ(example.ids.back(), word_piece.separator());
      for (const SpanTarget& span : example.spans) EXPECT_LT(span.last, example.ids.size());
    }
    EXPECT_EQ(maker(limit).from(long_one).ids.size(), limit);
    EXPECT_EQ(maker(limit).from_plain(long_one.patient.narrative).ids.size(), limit);
    EXPECT_EQ(maker(limit).from_plain(long_one.patient.narrative).ids.back(), word_piece.separator());
  }
}

TEST_F(ExampleTest, WhatPeopleWroteHasNoTagsAndItsCondition) {
  WrittenCase written;
  written.patient = generator.make(3).words.patient;
  written.condition = knowledge.condition_by_id.at("sweetness");
  const TextExample example = maker().from(written);
  EXPECT_EQ(example.condition, written.condition);
  EXPECT_EQ(example.tags, std::vector<Tag>(example.ids.size(), Tag::unknown));
  EXPECT_TRUE(example.spans.empty());
  EXPECT_EQ(example.ids, maker().from(generator.make(3)).ids) << "read as a generated one is";
}

TEST_F(ExampleTest, PlainTextHasNoTagsAndNoCondition) {
  const TextExample example = maker().from_plain("Headache and cough.");
  EXPECT_EQ(example.condition, kNone);
  EXPECT_EQ(example.tags, std::vector<Tag>(example.ids.size(), Tag::unknown));
  EXPECT_TRUE(example.spans.empty());
  EXPECT_EQ(spelled(example, 0, example.ids.size() - 1), "[CLS]headacheandcough.[SEP]");
}

}  // namespace
}  // namespace osler::train
