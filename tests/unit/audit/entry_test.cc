#include "audit/entry.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace osler::audit {
namespace {

LoggedEntry sample() {
  return {7, "2026-11-21T22:03:25.120Z",
          {"id", "trial", "clinician", "127.0.0.1", "diagnose", "answered", "network-1", "1:ab", "1:cd"}};
}

TEST(Entry, HasOneCanonicalForm) {
  EXPECT_EQ(to_canonical_json(sample()),
            R"({"index":7,"time":"2026-11-21T22:03:25.120Z","request_id":"id","actor":"trial","role":"clinician",)"
            R"("client":"127.0.0.1","action":"diagnose","outcome":"answered","model":"network-1","subject":"1:ab","commitment":"1:cd"})");
  EXPECT_EQ(parse_entry(to_canonical_json(sample())).value(), sample());
}

TEST(Entry, NamesWhoElseWasShownOnlyWhereSomebodyWas) {
  LoggedEntry logged = sample();
  logged.entry.also_shown = {"1:ef", "1:01"};
  const std::string text = to_canonical_json(logged), plain = to_canonical_json(sample());
  EXPECT_EQ(text, plain.substr(0, plain.size() - 1) + R"(,"also_shown":["1:ef","1:01"]})");
  EXPECT_EQ(parse_entry(text).value(), logged);
  for (const char* wrong : {"[]", "[1]", "{}", "\"1:ef\"", "null"})
    EXPECT_EQ(parse_entry(plain.substr(0, plain.size() - 1) + ",\"also_shown\":" + wrong + "}").error().code, ErrorCode::corrupted) << wrong;
}

TEST(Entry, RefusesOtherForms) {
  const std::string good = to_canonical_json(sample());
  std::string spaced = good, moved = good;
  spaced.insert(1, " ");
  moved.replace(moved.find("\"actor\""), 7, "\"Actor\"");
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"), spaced, moved, good + " "})
    EXPECT_EQ(parse_entry(text).error().code, ErrorCode::corrupted) << text;
}

RC_GTEST_PROP(Entry, AnyTextGoesInAndIsCanonical, (const std::string& actor, const std::string& outcome)) {
  LoggedEntry logged = sample();
  logged.entry.actor = actor;
  logged.entry.outcome = outcome;
  const std::string text = to_canonical_json(logged);
  RC_ASSERT(to_canonical_json(parse_entry(text).value()) == text);
  RC_ASSERT(text.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace osler::audit
