#include "audit/entry_proof.h"

#include <set>

#include "audit_fixture.h"
#include "base/json.h"

namespace osler::audit {
namespace {

class EntryProofTest : public AuditTest {
 protected:
  void SetUp() override {
    options_.checkpoint_entries = 10;
    options_.segment_bytes = 4000;
    const auto log = open().value();
    fill(*log, 57);
  }
  const vault::PublicKey& key() const { return keys_.signer().public_key(); }
  std::string proof_of(std::uint64_t index) { return to_json(prove_entry(*files_, keys_, options_.folder, index).value(), key()); }
};

TEST_F(EntryProofTest, ProvesEveryEntryWithNothingButTheFileAndTheKey) {
  std::set<std::uint64_t> signed_sizes;
  for (const Checkpoint& checkpoint : read_checkpoints(*files_, "/audit/checkpoints.log", key()).value().checkpoints) signed_sizes.insert(checkpoint.size);
  ASSERT_GT(signed_sizes.size(), 5u);
  for (std::uint64_t index = 0; index < 57; ++index) {
    const ProvedEntry proved = check_proof(proof_of(index), key()).value();
    EXPECT_EQ(proved.entry.index, index);
    EXPECT_EQ(proved.entry.entry, entry(index));
    EXPECT_EQ(proved.covered_by.size, *signed_sizes.upper_bound(index)) << "the first that covers it";
    EXPECT_EQ(proved.newest.size, 57u);
  }
}

TEST_F(EntryProofTest, HoldsUnderNoOtherKeyAndWithNoOtherBytes) {
  const std::string good = proof_of(23);
  EXPECT_EQ(check_proof(good, fresh_keys().signer().public_key()).error().code, ErrorCode::corrupted);
  Json json = Json::parse(good);
  for (const char* list : {"inclusion", "consistency"})
    for (std::size_t i = 0; i < json[list].size(); ++i) {
      Json forged = json;
      std::string hash = forged[list][i];
      hash[7] = hash[7] == '0' ? '1' : '0';
      forged[list][i] = hash;
      EXPECT_FALSE(check_proof(forged.dump(), key())) << list << i;
    }
  ASSERT_FALSE(json["consistency"].empty());
  const auto with = [&](const char* member, const Json& value) {
    Json forged = json;
    forged[member] = value;
    return check_proof(forged.dump(), key());
  };
  std::string other = json["entry"];
  other.replace(other.find("answered"), 8, "refused!");
  EXPECT_FALSE(with("entry", other));
  EXPECT_FALSE(with("checkpoint", json["newest_checkpoint"]));
  EXPECT_FALSE(with("newest_checkpoint", json["checkpoint"]));
  for (const char* member : {"format", "entry", "checkpoint", "inclusion", "newest_checkpoint", "consistency"}) {
    EXPECT_EQ(with(member, nullptr).error().code, ErrorCode::malformed) << member;
    EXPECT_EQ(with(member, Json::array({1})).error().code, ErrorCode::malformed) << member;
  }
  for (const char* text : {"", "[]", "{}", "{"}) EXPECT_EQ(check_proof(text, key()).error().code, ErrorCode::malformed) << text;
}

TEST_F(EntryProofTest, SaysWhenAnEntryIsNotThereOrNotYetCovered) {
  EXPECT_EQ(prove_entry(*files_, keys_, options_.folder, 57).error().code, ErrorCode::not_found);
  const auto log = open().value();
  fill(*log, 1);
  EXPECT_EQ(prove_entry(*files_, keys_, options_.folder, 57).error().code, ErrorCode::not_found) << "no checkpoint yet";
  ASSERT_TRUE(log->checkpoint());
  EXPECT_TRUE(prove_entry(*files_, keys_, options_.folder, 57));
}

TEST_F(EntryProofTest, FindsARequest) {
  EXPECT_EQ(find_request(*files_, keys_, options_.folder, "request-31").value(), 31u);
  EXPECT_EQ(find_request(*files_, keys_, options_.folder, "request-").error().code, ErrorCode::not_found) << "a part of an id is none";
}

}  // namespace
}  // namespace osler::audit
