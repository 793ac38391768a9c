// The .env file: what it takes, and that a half-written one is one clear line without its content.
#include "../random_seed.h"
#include "settings.h"

namespace osler::app {

namespace {

Settings values(const std::string& content) {
  const auto parsed = parse_dot_env(content);
  EXPECT_TRUE(parsed) << content << (parsed ? "" : describe(parsed.error()));
  return parsed ? *parsed : Settings{};
}

/// The refusal's text.
std::string fault(const std::string& content) {
  const auto parsed = parse_dot_env(content);
  EXPECT_FALSE(parsed) << content;
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::configuration);
  return describe(parsed.error());
}

}  // namespace

TEST(DotEnv, TakesNamesAndValues) {
  EXPECT_EQ(values("PORT=8000\nLOG_LEVEL=info\n"), (Settings{{"PORT", "8000"}, {"LOG_LEVEL", "info"}}));
  EXPECT_EQ(values("A_1=x"), (Settings{{"A_1", "x"}})) << "a last line without an end";
  EXPECT_EQ(values("A=\nB=b=c\n"), (Settings{{"A", ""}, {"B", "b=c"}}));
}

TEST(DotEnv, SkipsCommentsBlankLinesAndSpaceAround) {
  EXPECT_EQ(values(""), Settings{});
  EXPECT_EQ(values("\n\n  \n\t\n# PORT=1\n  # x\n  PORT=2  \n"), (Settings{{"PORT", "2"}}));
}

TEST(DotEnv, TakesWindowsLineEnds) {
  EXPECT_EQ(values("PORT=8000\r\n\r\n# c\r\nLOG_LEVEL=\"info\"\r\n"), (Settings{{"PORT", "8000"}, {"LOG_LEVEL", "info"}}));
}

TEST(DotEnv, TakesQuotes) {
  EXPECT_EQ(values("A=\" x y \"\nB='$z \"q\"'\nC=\"\"\nD=''\n"),
            (Settings{{"A", " x y "}, {"B", "$z \"q\""}, {"C", ""}, {"D", ""}}));
  EXPECT_EQ(values("A=it's\n"), (Settings{{"A", "it's"}})) << "a quote inside is a character like any other";
}

TEST(DotEnv, NamesTheLineWhoseQuoteIsNotClosed) {
  for (const char* line : {"ENCRYPTION_KEY=\"canary", "ENCRYPTION_KEY='canary", "ENCRYPTION_KEY=\"", "ENCRYPTION_KEY='canary\"",
                           "ENCRYPTION_KEY=\"canary\" # comment"}) {
    const std::string text = fault(std::string("PORT=1\n\n") + line);
    EXPECT_NE(text.find(".env line 3:"), std::string::npos) << text;
    EXPECT_EQ(text.find("canary"), std::string::npos) << text;
  }
}

TEST(DotEnv, NamesTheLineThatIsNoAssignment) {
  for (const char* line : {"canary", "ENCRYPTION_K", "=canary", "canary=1", "export PORT=1", "PORT =1", "PORT: 1", "P-ORT=1", "\xEF\xBB\xBFPORT=1",
                           "P\xC3\x96RT=1", "\"PORT\"=1"}) {
    const std::string text = fault(std::string("LOG_LEVEL=info\n") + line + "\nPORT=2\n");
    EXPECT_NE(text.find(".env line 2:"), std::string::npos) << line << ": " << text;
    EXPECT_EQ(text.find("canary"), std::string::npos) << text;
  }
}

TEST(DotEnv, RefusesANameGivenTwiceWithoutItsValues) {
  const std::string text = fault("PORT=canary1\nLOG_LEVEL=info\nPORT=canary2\n");
  EXPECT_NE(text.find(".env line 3: PORT is given twice"), std::string::npos) << text;
  EXPECT_EQ(text.find("canary"), std::string::npos) << text;
  fault("PORT=1\nPORT=1\n");
}

// A file cut off while it was written either still says something whole or is refused, and never shows its secret.
TEST(DotEnv, CutAnywhereNeverShowsWhatItHeld) {
  const std::string secret = std::string(32, 'a') + std::string(32, 'b');
  const std::string whole = "PORT=\"8000\"\r\n# a comment\nENCRYPTION_KEY='" + secret + "'\nLOG_LEVEL=debug\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto parsed = parse_dot_env(whole.substr(0, length));
    const auto config = parsed ? config_of({}, *parsed) : Result<Config>(parsed.error());
    if (config) {
      EXPECT_TRUE(!config->encryption_key || *config->encryption_key == secret) << "cut to " << length;
      continue;
    }
    const std::string text = describe(config.error());
    EXPECT_EQ(text.find("aaa"), std::string::npos) << text;
    EXPECT_EQ(text.find("8000"), std::string::npos) << text;
  }
}

TEST(DotEnv, AnyBytesAreAnsweredWithoutShowingThem) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  const std::string alphabet = std::string("AB=\"'#\n\r\t _9\0\xFF", 14);
  for (int round = 0; round < 3000; ++round) {
    std::string content = "X=";
    for (std::size_t i = random() % 40; i > 0; --i) content += alphabet[random() % alphabet.size()];
    const auto parsed = parse_dot_env(content + "canary");
    if (parsed) continue;
    EXPECT_EQ(describe(parsed.error()).find("canary"), std::string::npos) << "seed " << seed;
  }
}

}  // namespace osler::app
