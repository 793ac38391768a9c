#include "cases/record.h"

#include "base/limits.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

class RecordTest : public StoreTest {};

TEST_F(RecordTest, OpensToWhatWasSealed) {
  const SealedRecord sealed = record("id-1", "{\"symptoms\":[\"chest pain\"]}");
  EXPECT_EQ(open_record(keys_, sealed).value().reveal_phi(), "{\"symptoms\":[\"chest pain\"]}");
  EXPECT_EQ(sealed.patient_token, names_.token("patient", "patient of id-1"));
  EXPECT_EQ(as_text(sealed.content.payload).find("chest"), std::string_view::npos);
}

TEST_F(RecordTest, DoesNotOpenUnderAnotherRequestId) {
  SealedRecord sealed = record("id-1");
  sealed.request_id = "id-2";
  EXPECT_EQ(open_record(keys_, sealed).error().code, ErrorCode::corrupted);
}

TEST_F(RecordTest, RefusesWhatIsTooLarge) {
  const auto draft = [](std::size_t size) {
    return RecordDraft{"id", vault::Phi<std::string>("p"), "owner", {}, "m", vault::Phi<std::string>(std::string(size, 'x'))};
  };
  EXPECT_TRUE(seal_record(keys_, names_, draft(limits::kMaxRecordBytes)));
  EXPECT_EQ(seal_record(keys_, names_, draft(limits::kMaxRecordBytes + 1)).error().code, ErrorCode::too_large);
}

TEST_F(RecordTest, DoesNotOpenWhenWhatStandsBesideItWasChanged) {
  const SealedRecord good = record("id-1"), other = record_of("id-2", "another patient");
  EXPECT_TRUE(open_record(keys_, good));
  const auto changed = [&](auto change) {
    SealedRecord sealed = good;
    change(sealed);
    return open_record(keys_, sealed);
  };
  EXPECT_FALSE(changed([&](SealedRecord& one) { one.patient_token = other.patient_token; })) << "given to another patient";
  EXPECT_FALSE(changed([](SealedRecord& one) { one.owner = "dr-wilson"; })) << "given to another owner";
  EXPECT_FALSE(changed([](SealedRecord& one) { one.time += std::chrono::hours(1); })) << "kept from a deletion that is repeated, or from retention";
  EXPECT_FALSE(changed([](SealedRecord& one) { one.model_version = "network-2"; }));
  EXPECT_FALSE(changed([](SealedRecord& one) {
    one.owner.back() = '1';
    one.model_version = "";
  }));
}

TEST_F(RecordTest, OpensWhatAnEarlierVersionSealed) {
  SealedRecord sealed = record("id-1");
  sealed.content = vault::seal(keys_, {kRecordTable, "id-1"}, as_bytes("{\"format\":1}"));
  EXPECT_EQ(open_record(keys_, sealed).value().reveal_phi(), "{\"format\":1}");
}

}  // namespace
}  // namespace osler::cases
