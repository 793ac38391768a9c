#include "service/key_rotation.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"

namespace osler::service {
namespace {

class KeyRotation : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(ring_.add(2, second_.copy()));
    store_ = cases::open_sqlite_store(*files_, first_, {folder_ + "/store.sqlite", ""}).value();
    ASSERT_TRUE(accept_keys(store_->keys(), first_));
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void put(const vault::KeyRing& keys, int from, int to) {
    std::vector<cases::SealedRecord> records;
    for (int i = from; i < to; ++i)
      records.push_back(cases::seal_record(keys, names_, {"id-" + std::to_string(i), vault::Phi<std::string>("p"), "ward", {}, "m", vault::Phi<std::string>("payload " + std::to_string(i))}).value());
    ASSERT_TRUE(store_->put(records));
  }
  std::uint64_t wrapped_under(vault::KeyVersion version) {
    for (const cases::KeyVersionUse& use : store_->keys().versions().value())
      if (use.version == version) return use.wrapped_keys;
    return 0;
  }

  const std::string folder_ = testing::TempDir() + "osler-rotation-" + make_uuid();
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const vault::Secret root_ = vault::Secret::random(), second_ = vault::Secret::random();
  const vault::KeyRing first_ = vault::KeyRing::of(root_.copy());
  vault::KeyRing ring_ = vault::KeyRing::of(root_.copy());
  const vault::Names names_ = vault::Names::random();
  std::unique_ptr<cases::Store> store_;
};

TEST_F(KeyRotation, WrapsEverythingAnewAndTouchesNoData) {
  put(first_, 0, 2500);  // more than two transactions
  const Bytes payload = store_->get("id-7")->content.payload;
  ASSERT_TRUE(accept_keys(store_->keys(), ring_));
  std::uint64_t shown = 0;
  EXPECT_EQ(wrap_all_anew(store_->keys(), ring_, [&](std::uint64_t done, std::uint64_t total) {
              EXPECT_LE(done, total);
              shown = done;
            }).value(), 2500u);
  EXPECT_EQ(shown, 2500u);
  EXPECT_EQ(wrapped_under(1), 0u);
  EXPECT_EQ(store_->get("id-7")->content.payload, payload);
  const vault::KeyRing only_second = vault::KeyRing::of(second_.copy(), 2);
  EXPECT_EQ(cases::open_record(only_second, *store_->get("id-7"))->reveal_phi(), "payload 7");
}

TEST_F(KeyRotation, ARetiredKeyOpensNothingAndSealsNothing) {
  put(first_, 0, 3);
  ASSERT_TRUE(accept_keys(store_->keys(), ring_));
  EXPECT_EQ(store_->keys().forget(1).error().code, ErrorCode::conflict) << "it wraps three keys";
  ASSERT_TRUE(wrap_all_anew(store_->keys(), ring_, {}));
  ASSERT_TRUE(store_->keys().forget(1));
  EXPECT_EQ(cases::open_record(first_, *store_->get("id-1")).error().code, ErrorCode::not_found);
  const std::vector<cases::SealedRecord> late{cases::seal_record(first_, names_, {"late", vault::Phi<std::string>("p"), "ward", {}, "m", vault::Phi<std::string>("x")}).value()};
  EXPECT_EQ(store_->put(late).error().code, ErrorCode::not_found);
  EXPECT_EQ(accept_keys(store_->keys(), first_).error().code, ErrorCode::conflict) << "it does not come back";
}

TEST_F(KeyRotation, StopsWhereAnOlderKeyIsNotHeld) {
  put(first_, 0, 3);
  const vault::KeyRing only_second = vault::KeyRing::of(second_.copy(), 2);
  ASSERT_TRUE(store_->keys().note(2, only_second.check_value(2)));
  EXPECT_EQ(wrap_all_anew(store_->keys(), only_second, {}).error().code, ErrorCode::conflict);
  EXPECT_EQ(wrapped_under(1), 3u);
}

TEST_F(KeyRotation, ARetiredKeyMayStayInTheRingOfAServer) {
  ASSERT_TRUE(accept_keys(store_->keys(), ring_));
  ASSERT_TRUE(store_->keys().forget(1));
  EXPECT_TRUE(accept_keys(store_->keys(), ring_)) << "the key file is changed after the store";
}

TEST_F(KeyRotation, AKeyThatWrapsSomethingIsNotGivenUp) {
  put(first_, 0, 1);
  ASSERT_TRUE(accept_keys(store_->keys(), ring_));
  const vault::KeyRing only_second = vault::KeyRing::of(second_.copy(), 2);
  EXPECT_EQ(accept_keys(store_->keys(), only_second).error().code, ErrorCode::conflict);
}

TEST_F(KeyRotation, ADataKeyThatIsDamagedIsNamedAndTheOthersAreWrapped) {
  put(first_, 0, 2);
  ASSERT_TRUE(accept_keys(store_->keys(), ring_));
  const std::vector<cases::WrappedKey> keys = store_->keys().wrapped_under(1, 1).value();
  Bytes damaged = keys[0].wrapped;
  damaged.back() ^= 1;
  const std::vector<cases::Rewrapped> change{{keys[0], damaged}};
  ASSERT_EQ(store_->keys().replace(change).value(), 1u);
  const Result<std::uint64_t> wrapped = wrap_all_anew(store_->keys(), ring_, {});
  ASSERT_FALSE(wrapped);
  EXPECT_EQ(wrapped.error().code, ErrorCode::corrupted);
  EXPECT_NE(wrapped.error().internal.find(keys[0].row), std::string::npos) << wrapped.error().internal;
  EXPECT_EQ(store_->keys().wrapped_under(1, 10).value().size(), 1u);
}

TEST_F(KeyRotation, AVersionOfAnotherKeyIsRefused) {
  EXPECT_EQ(accept_keys(store_->keys(), vault::KeyRing::of(vault::Secret::random())).error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace osler::service
