// The contract of cases/store.h, as every store must keep it.
#include "cases/store.h"

#include "store_fixture.h"

namespace osler::cases {
namespace {

class StoreContract : public StoreTest {};

TEST_F(StoreContract, GivesBackWhatWasPut) {
  const auto store = open().value();
  const SealedRecord put_in = record("id-1");
  ASSERT_TRUE(put(*store, {put_in}));
  const SealedRecord got = store->get("id-1").value();
  EXPECT_EQ(got.request_id, put_in.request_id);
  EXPECT_EQ(got.patient_token, put_in.patient_token);
  EXPECT_EQ(got.time, put_in.time);
  EXPECT_EQ(got.model_version, put_in.model_version);
  EXPECT_EQ(got.content.payload, put_in.content.payload);
  EXPECT_EQ(got.content.wrapped_key, put_in.content.wrapped_key);
  EXPECT_EQ(store->get("id-2").error().code, ErrorCode::not_found);
}

TEST_F(StoreContract, PutsAllOrNothing) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1")}));
  EXPECT_EQ(put(*store, {record("id-2"), record("id-1"), record("id-3")}).error().code, ErrorCode::conflict);
  EXPECT_EQ(store->count().value(), 1u);
  EXPECT_EQ(store->get("id-2").error().code, ErrorCode::not_found);
  EXPECT_TRUE(put(*store, {record("id-2"), record("id-3")})) << "and works on";
  EXPECT_TRUE(put(*store, {}));
  EXPECT_EQ(store->count().value(), 3u);
}

TEST_F(StoreContract, ListsTheNewestFirst) {
  const auto store = open().value();
  EXPECT_TRUE(store->newest(5).value().empty());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put(*store, {record("id-" + std::to_string(i))}));
  const auto list = store->newest(3).value();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].request_id, "id-4");
  EXPECT_EQ(list[2].request_id, "id-2");
  EXPECT_EQ(list[0].bytes, record("id-4").bytes());
}

TEST_F(StoreContract, RemovesRecordsWithTheirKeys) {
  const auto store = open().value();
  ASSERT_TRUE(put(*store, {record("id-1"), record("id-2")}));
  const std::vector<std::string> ids = {"id-1", "id-9"};
  ASSERT_TRUE(store->remove(ids));
  EXPECT_EQ(store->get("id-1").error().code, ErrorCode::not_found);
  EXPECT_EQ(store->count().value(), 1u);
}

TEST_F(StoreContract, IsClosedForGood) {
  const auto store = open().value();
  EXPECT_TRUE(store->probe());
  ASSERT_TRUE(store->close());
  EXPECT_EQ(store->probe().error().code, ErrorCode::unavailable);
  EXPECT_EQ(put(*store, {record("id-1")}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->get("id-1").error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->count().error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->newest(1).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->remove({}).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(store->close());
}

}  // namespace
}  // namespace osler::cases
