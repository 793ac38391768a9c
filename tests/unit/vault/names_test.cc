#include "vault/names.h"

#include <gtest/gtest.h>

#include "base/ids.h"

namespace osler::vault {
namespace {

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

class NamesTest : public ::testing::Test {
 protected:
  const KeyRing ring_ = KeyRing::of(Secret::random());
  const Names names_ = Names::random();
};

TEST_F(NamesTest, TokensAreStableKeyedAndApartByKind) {
  EXPECT_EQ(names_.token("patient", "4711"), names_.token("patient", "4711"));
  EXPECT_NE(names_.token("patient", "4711"), names_.token("patient", "4712"));
  EXPECT_NE(names_.token("patient", "4711"), names_.token("actor", "4711"));
  EXPECT_NE(names_.token("ab", "c"), names_.token("a", "bc"));
  EXPECT_NE(names_.token("patient", "4711"), Names::random().token("patient", "4711"));
  EXPECT_EQ(names_.token("patient", "4711").size(), 2u + 32u);
  EXPECT_EQ(names_.token("patient", "4711").find("4711"), std::string::npos);
}

TEST_F(NamesTest, SealedNamesAreStableAndOpenForWhoeverHoldsTheSecret) {
  for (const std::string& name : {std::string(), std::string("ann"), std::string("user:Dr. M\xc3\xbcller"), std::string(33, 'x'), std::string(200, 'y')}) {
    const std::string sealed = names_.sealed_name("reader", name);
    EXPECT_EQ(sealed, names_.sealed_name("reader", name));
    EXPECT_EQ(names_.open_name("reader", sealed).value(), name);
    EXPECT_EQ(names_.open_name("owner", sealed).error().code, ErrorCode::corrupted);
    EXPECT_EQ(Names::random().open_name("reader", sealed).error().code, ErrorCode::corrupted);
    EXPECT_TRUE(name.empty() || sealed.find(name) == std::string::npos);
  }
  EXPECT_NE(names_.sealed_name("reader", "ann"), names_.sealed_name("reader", "bob"));
  EXPECT_NE(names_.sealed_name("reader", "ann").substr(24), names_.sealed_name("reader", "anx").substr(24)) << "what two names begin with is not seen";
}

TEST_F(NamesTest, AChangedSealedNameDoesNotOpen) {
  const std::string sealed = names_.sealed_name("reader", "ann");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(names_.open_name("reader", changed).error().code, ErrorCode::corrupted) << i;
  }
  for (const char* text : {"", "*", "ann", "1:", "1:AAAA", "2:AAAA"}) EXPECT_FALSE(names_.open_name("reader", text)) << text;
}

TEST_F(NamesTest, ALineOfABatchHasOneNumber) {
  const std::string batch = "6f1ed002-ab54-4f1c-9a3f-0123456789ab", id = names_.request_id(batch, 17);
  EXPECT_TRUE(is_uuid(id)) << id;
  EXPECT_EQ(id[14], '8');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_EQ(id, names_.request_id(batch, 17));
  EXPECT_NE(id, names_.request_id(batch, 18));
  EXPECT_NE(id, names_.request_id("7f1ed002-ab54-4f1c-9a3f-0123456789ab", 17));
  EXPECT_NE(id, Names::random().request_id(batch, 17));
}

TEST_F(NamesTest, CommitmentsBindTheContent) {
  const std::string commitment = names_.commitment(as_bytes("content"));
  EXPECT_EQ(commitment.size(), 2u + 64u);
  EXPECT_TRUE(names_.commits_to(commitment, as_bytes("content")));
  EXPECT_FALSE(names_.commits_to(commitment, as_bytes("Content")));
  EXPECT_FALSE(Names::random().commits_to(commitment, as_bytes("content")));
  for (const char* text : {"", ":", "1", "1:", "9:00", "x:00"}) EXPECT_FALSE(names_.commits_to(text, as_bytes("content")));
}

TEST_F(NamesTest, StayTheSameThroughARotation) {
  KeyRing both = KeyRing::from_hex_key(kHex).value();
  const SealedText sealed = names_.sealed(both);
  ASSERT_TRUE(both.add(2, Secret::random()));
  const Names opened = Names::open(both, sealed).value();
  EXPECT_EQ(opened.token("patient", "4711"), names_.token("patient", "4711"));
  EXPECT_EQ(opened.commitment(as_bytes("content")), names_.commitment(as_bytes("content")));
  EXPECT_EQ(opened.digest("key"), names_.digest("key"));
  EXPECT_EQ(to_hex(opened.rotation_seed("set").view()), to_hex(names_.rotation_seed("set").view()));
}

TEST_F(NamesTest, OpenUnderNoOtherKey) {
  EXPECT_EQ(Names::open(KeyRing::of(Secret::random()), names_.sealed(ring_)).error().code, ErrorCode::corrupted);
  EXPECT_EQ(Names::open(KeyRing::of(Secret::random(), 2), names_.sealed(ring_)).error().code, ErrorCode::not_found);
}

// What stores of schema 1 wrote under this key, taken from that version.
TEST_F(NamesTest, FindWhatTheFirstSchemaNamed) {
  const Names names = Names::of_first_key(KeyRing::from_hex_key(kHex).value());
  EXPECT_EQ(names.token("patient", "4711"), "1:95322e814adc7d8bcf1cb4e87d85256e");
  EXPECT_EQ(names.commitment(as_bytes("content")), "1:759e602a07086586756b451b081019432ac88e05afeda0b866ff70fb36839abe");
}

TEST_F(NamesTest, PurposesAreApart) {
  EXPECT_NE(names_.digest("a"), Names::random().digest("a"));
  EXPECT_NE(to_hex(names_.digest("patient")), names_.commitment(as_bytes("patient")).substr(2));
  EXPECT_NE(to_hex(names_.rotation_seed("a").view()), to_hex(names_.rotation_seed("b").view()));
}

}  // namespace
}  // namespace osler::vault
