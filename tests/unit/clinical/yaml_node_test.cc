// The first floors of the loader: clinical/yaml_node.h and clinical/raw_knowledge.h.
#include "clinical/yaml_node.h"

#include "base/limits.h"
#include "clinical/raw_knowledge.h"

namespace osler::clinical {

class YamlReader : public testing::Test {
 protected:
  YamlMap map(const std::string& content) {
    document_ = parse_yaml(content, faults_).value_or(YamlNode());
    return YamlMap(document_, faults_, "thing");
  }
  std::string first_fault() const { return all_.empty() ? "" : describe(all_.front()); }

  YamlNode document_;
  std::vector<KnowledgeFault> all_;
  FaultList faults_{"a.yaml", all_};
};

TEST_F(YamlReader, ReadsTypedMembers) {
  const YamlMap thing = map("name: x\nsize: 2.5\nflag: true\nlist: [a, b]\nkind: two");
  EXPECT_EQ(thing.text("name", true), "x");
  EXPECT_EQ(thing.number("size"), 2.5);
  EXPECT_TRUE(thing.boolean("flag", false));
  EXPECT_EQ(thing.texts("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(thing.choice("kind", {"one", "two"}, true), 1u);
  EXPECT_TRUE(all_.empty());
}

TEST_F(YamlReader, AFaultNamesFileAndLine) {
  map("name: x\nsize: many").number("size");
  EXPECT_EQ(first_fault(), "a.yaml:2: thing: 'size' must be a number");
}

TEST_F(YamlReader, OutOfRangeGivesTheFallbackAndAFault) {
  EXPECT_EQ(map("p: 2").number_in("p", 0, 1, 0.5, true), 0.5);
  EXPECT_NE(first_fault().find("'p' must lie in [0, 1]"), std::string::npos);
}

TEST_F(YamlReader, ReportsUnknownMissingAndDoubledKeys) {
  const YamlMap thing = map("a: 1\nb: 2\na: 3");
  thing.allow_only({"a"});
  thing.text("c", true);
  std::string text;
  for (const KnowledgeFault& fault : all_) text += describe(fault) + "\n";
  EXPECT_NE(text.find("unknown key 'b'"), std::string::npos) << text;
  EXPECT_NE(text.find("key 'a' occurs twice"), std::string::npos) << text;
  EXPECT_NE(text.find("'c' is missing"), std::string::npos) << text;
}

TEST_F(YamlReader, BrokenSyntaxIsAFaultWithItsLine) {
  EXPECT_FALSE(parse_yaml("a: 1\nb: [", faults_));
  EXPECT_NE(first_fault().find("not valid YAML"), std::string::npos);
}

TEST_F(YamlReader, WhatTheSchemaNeverNeedsIsRefused) {
  EXPECT_FALSE(parse_yaml("a: &x 1\nb: *x", faults_));            // anchors and aliases: a billion laughs
  EXPECT_FALSE(parse_yaml("a: 1\n---\nb: 2", faults_));           // a second document
  EXPECT_FALSE(parse_yaml(std::string(100, '[') + std::string(100, ']'), faults_));
  EXPECT_EQ(all_.size(), 3u);
  std::string deepest = "1";
  for (int i = 0; i < limits::kMaxYamlDepth; ++i) deepest = "[" + deepest + "]";
  EXPECT_TRUE(parse_yaml(deepest, faults_));
  EXPECT_FALSE(parse_yaml("[" + deepest + "]", faults_));
}

TEST_F(YamlReader, SomethingThatIsNoMapIsAFaultNotACrash) {
  const YamlMap thing = map("[1, 2]");
  EXPECT_FALSE(thing.has("a"));
  EXPECT_NE(first_fault().find("must be a mapping"), std::string::npos);
}

TEST(Identifier, IsLowerCaseWithUnderscores) {
  for (const char* good : {"a", "chest_pain", "t4_low"}) EXPECT_TRUE(is_identifier(good)) << good;
  for (const char* bad : {"", "Chest", "1a", "a-b", "a b", "_a"}) EXPECT_FALSE(is_identifier(bad)) << bad;
}

TEST(RawKnowledge, KeepsThePlaceOfEachFinding) {
  std::vector<KnowledgeFault> all;
  FaultList faults("findings/x.yaml", all);
  RawKnowledge raw;
  const std::optional<YamlNode> document = parse_yaml("findings:\n  cough:\n    {name: cough, kind: symptom, leak: 0.1, clinical: [cough]}\n", faults);
  ASSERT_TRUE(document);
  read_findings(*document, faults, raw);
  ASSERT_EQ(raw.findings.size(), 1u);
  EXPECT_EQ(raw.findings[0].place.path, "findings/x.yaml");
  EXPECT_EQ(raw.findings[0].place.line, 3);
}

}  // namespace osler::clinical
