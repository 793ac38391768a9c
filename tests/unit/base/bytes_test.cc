#include "base/bytes.h"

#include "base/ids.h"
#include "base/sha256.h"

namespace osler {

TEST(Bytes, HexGoesBothWays) {
  const Bytes bytes = {0x00, 0x7f, 0xff};
  EXPECT_EQ(to_hex(bytes), "007fff");
  for (const auto& [text, expected] : std::map<std::string, std::string>{{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}})  // RFC 4648 section 10
    EXPECT_EQ(to_base64(as_bytes(text)), expected);
  EXPECT_EQ(from_hex("007FfF"), bytes);
}

TEST(Bytes, HexRefusesOddLengthAndOtherDigits) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_TRUE(from_hex("")->empty());
}

// RFC 4648 section 10, and what a lenient decoder would let pass.
TEST(Bytes, Base64UrlIsStrict) {
  for (const auto& [bytes, text] : std::initializer_list<std::pair<std::string, std::string>>{{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}}) {
    EXPECT_EQ(to_base64url(as_bytes(bytes)), text);
    ASSERT_TRUE(from_base64url(text)) << text;
    EXPECT_EQ(as_text(*from_base64url(text)), bytes);
  }
  for (const char* text : {"Z", "Zg=", "Zg==", "Zh", "Zm9=", "+/8", "Zm 9v", "Zm9v\n", "Zm9vY"}) EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(Bytes, ConstantTimeEqualComparesContentAndLength) {
  EXPECT_TRUE(constant_time_equal(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("ab")));
}

TEST(Bytes, RandomBytesDiffer) { EXPECT_NE(random_bytes(32), random_bytes(32)); }

TEST(Ids, UuidIsVersionFour) {
  const std::string id = make_uuid();
  EXPECT_TRUE(is_uuid(id)) << id;
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_NE(id, make_uuid());
}

TEST(Ids, OtherShapesAreNoUuid) {
  EXPECT_FALSE(is_uuid(""));
  EXPECT_FALSE(is_uuid("123e4567-e89b-12d3-a456-42661417400"));
  EXPECT_FALSE(is_uuid("123e4567ae89b-12d3-a456-426614174000"));
  EXPECT_FALSE(is_uuid("123e4567-e89b-12d3-a456-42661417400g"));
}

// FIPS 180-4 example and RFC 4231 test case 2.
TEST(Sha256, MatchesPublishedVectors) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({as_bytes("a"), as_bytes("bc")}), sha256(as_bytes("abc")));
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace osler
