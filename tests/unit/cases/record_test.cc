#include "cases/record.h"

#include "base/limits.h"
#include "store_fixture.h"

namespace osler::cases {
namespace {

class RecordTest : public StoreTest {};

TEST_F(RecordTest, OpensToWhatWasSealed) {
  const SealedRecord sealed = record("id-1", "{\"symptoms\":[\"chest pain\"]}");
  EXPECT_EQ(open_record(keys_, sealed).value().reveal_phi(), "{\"symptoms\":[\"chest pain\"]}");
  EXPECT_EQ(sealed.patient_token, keys_.token("patient", "patient of id-1"));
  EXPECT_EQ(as_text(sealed.content.payload).find("chest"), std::string_view::npos);
}

TEST_F(RecordTest, DoesNotOpenUnderAnotherRequestId) {
  SealedRecord sealed = record("id-1");
  sealed.request_id = "id-2";
  EXPECT_EQ(open_record(keys_, sealed).error().code, ErrorCode::corrupted);
}

TEST_F(RecordTest, RefusesWhatIsTooLarge) {
  const auto draft = [](std::size_t size) {
    return RecordDraft{"id", vault::Phi<std::string>("p"), {}, "m", vault::Phi<std::string>(std::string(size, 'x'))};
  };
  EXPECT_TRUE(seal_record(keys_, draft(limits::kMaxRecordBytes)));
  EXPECT_EQ(seal_record(keys_, draft(limits::kMaxRecordBytes + 1)).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace osler::cases
