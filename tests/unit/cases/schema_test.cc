#include "cases/sqlite/schema.h"

#include "store_fixture.h"

namespace osler::cases::sqlite {
namespace {

class Schema : public StoreTest {
 protected:
  Database database() { return Database::open(folder_ + "/x.db", Database::Access::read_write_create, "").value(); }
};

TEST_F(Schema, IsMadeOnceAndAcceptedAgain) {
  Database db = database();
  ASSERT_TRUE(prepare_schema(db, keys_));
  ASSERT_TRUE(prepare_schema(db, keys_));
  EXPECT_EQ(db.number("PRAGMA application_id").value(), kApplicationId);
  EXPECT_EQ(db.number("PRAGMA user_version").value(), kSchemaVersion);
  EXPECT_EQ(db.number("SELECT count(*) FROM key_checks").value(), 1);
}

TEST_F(Schema, RefusesOtherVersionsOtherProgramsAndOtherKeys) {
  Database db = database();
  ASSERT_TRUE(prepare_schema(db, keys_));
  EXPECT_EQ(prepare_schema(db, vault::KeyRing::of(vault::Secret::random())).error().code, ErrorCode::configuration);
  ASSERT_TRUE(db.execute("PRAGMA user_version = 2"));
  EXPECT_EQ(prepare_schema(db, keys_).error().code, ErrorCode::configuration);
  ASSERT_TRUE(db.execute("PRAGMA user_version = 1"));
  ASSERT_TRUE(db.execute("PRAGMA application_id = 7"));
  EXPECT_EQ(prepare_schema(db, keys_).error().code, ErrorCode::configuration);
}

}  // namespace
}  // namespace osler::cases::sqlite
