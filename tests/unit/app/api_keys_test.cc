#include "app/api_keys.h"

#include "base/sha256.h"

namespace osler::app {

namespace {

const std::string kHash = to_hex(sha256(as_bytes("a key")));

}  // namespace

TEST(ApiKeys, OneALineWithCommentsBlanksAndWindowsLineEnds) {
  const auto keys = parse_api_keys("# who may ask\r\n\r\nward:clinician:" + kHash + "\r\n  \nehr:integrator:" + kHash);
  ASSERT_TRUE(keys) << describe(keys.error());
  EXPECT_EQ(keys->size(), 2u);
  EXPECT_EQ(parse_api_keys("")->size(), 0u);
}

TEST(ApiKeys, ABadLineIsNamedByNumberWithoutItsContent) {
  for (const std::string& bad : {std::string("canary"), std::string("canary:clinician"), "ward:canary:" + kHash, "ward:clinician:canary" + kHash,
                                 std::string("ward:clinician:"), ":clinician:" + kHash, "ward:clinician:" + kHash + ":canary"}) {
    const auto keys = parse_api_keys("# x\nward:clinician:" + kHash + "\n" + bad + "\n");
    ASSERT_FALSE(keys) << bad;
    EXPECT_EQ(keys.error().code, ErrorCode::configuration);
    EXPECT_NE(keys.error().external.find("line 3"), std::string::npos) << keys.error().external;
    EXPECT_EQ(describe(keys.error()).find("canary"), std::string::npos) << describe(keys.error());
  }
}

TEST(ApiKeys, AFileThatIsNotThereIsAConfigurationError) {
  const auto files = make_file_system();
  EXPECT_EQ(read_api_keys(*files, "/nonexistent/keys").error().code, ErrorCode::configuration);
}

}  // namespace osler::app
