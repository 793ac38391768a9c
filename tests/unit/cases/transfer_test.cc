#include "cases/transfer.h"

#include <fstream>

#include "store_fixture.h"

namespace osler::cases {
namespace {

/// Export from one kind of store, import into the other.
class Transfer : public StoreContract {
 protected:
  std::unique_ptr<Store> opened() {
    std::unique_ptr<Store> store = open().value();
    EXPECT_TRUE(store->keys().note(1, keys_.check_value(1)));
    return store;
  }
  /// A store of the other kind, empty.
  std::unique_ptr<Store> other() {
    if (GetParam() == sql::Dialect::postgres) return open_sqlite_store(*files_, keys_, {folder_ + "/other-" + make_uuid() + ".db", ""}).value();
    if (!PostgresCluster::get()) return open_sqlite_store(*files_, keys_, {folder_ + "/other-" + make_uuid() + ".db", ""}).value();
    return open_postgres_store(keys_, {.url = PostgresCluster::get()->create_database()}).value();
  }
  void fill(Store& store) {
    std::vector<SealedRecord> records;
    for (int i = 0; i < 450; ++i) {  // more than two pages
      const std::string id = "id-" + std::to_string(i);
      records.push_back(i % 3 ? record_with(id, {0.6F, 0.8F}) : record(id, "payload of " + id));
    }
    ASSERT_TRUE(store.put(records));
    ASSERT_TRUE(store.share("id-7", "ann"));
    ASSERT_TRUE(store.set_hold("1:held", true));
    ASSERT_TRUE(store.keys().put_secret("names", names_.sealed(keys_)));
    ASSERT_TRUE(store.api_keys().add({"ward", "clinician", "abcdefgh", Digest{1, 2, 3}, at_ms(5), at_ms(9), {}}));
  }
  Result<TransferCounts> write(Store& store) { return export_store(*files_, store, SystemClock(), out_, {}); }
  Result<TransferCounts> read(Store& store) { return import_store(*files_, store, out_, {}); }
  void change(const char* file, const std::function<void(std::string&)>& edit) {
    const Bytes bytes = files_->read(out_ + "/" + file, 1 << 26).value();
    std::string text(as_text(bytes));
    edit(text);
    ASSERT_TRUE(files_->write_atomically(out_ + "/" + file, as_bytes(text), 0600));
  }

  const std::string out_ = folder_ + "/out";
};

TEST_P(Transfer, MovesEverythingToTheOtherKindOfStore) {
  const auto from = opened(), to = other();
  fill(*from);
  const TransferCounts written = write(*from).value(), stored = read(*to).value();
  EXPECT_EQ(written.records, 450u);
  EXPECT_EQ(stored.records, 450u);
  EXPECT_EQ(stored.summaries, written.summaries);
  EXPECT_EQ(to->count().value(), 450u);
  for (const RecordSummary& one : from->page(0, 1000).value()) {
    const SealedRecord before = from->get(one.request_id).value(), after = to->get(one.request_id).value();
    EXPECT_EQ(open_record(keys_, after).value().reveal_phi(), open_record(keys_, before).value().reveal_phi());
    EXPECT_EQ(after.patient_token, before.patient_token);
    EXPECT_EQ(after.owner, before.owner);
    EXPECT_EQ(after.time, before.time);
  }
  EXPECT_EQ(to->similar_cases().summary("id-1").value().vector, (std::vector<float>{0.6F, 0.8F}));
  EXPECT_EQ(to->readers("id-7").value(), std::vector<std::string>{"ann"});
  EXPECT_EQ(to->holds().value(), std::vector<std::string>{"1:held"});
  EXPECT_EQ(to->api_keys().all().value().at(0).expires, at_ms(9));
  EXPECT_EQ(vault::Names::open(keys_, *to->keys().secret("names").value()).value().token("patient", "p"), names_.token("patient", "p"));
}

TEST_P(Transfer, ThePlainWordsOfAPatientAreNotInTheFiles) {
  const auto from = opened();
  ASSERT_TRUE(put(*from, {record("id", "{\"symptoms\":[\"zebra cough\"]}")}));
  ASSERT_TRUE(write(*from));
  for (const std::string& name : files_->list(out_).value()) {
    EXPECT_EQ(as_text(files_->read(out_ + "/" + name, 1 << 26).value()).find("zebra"), std::string_view::npos) << name;
    EXPECT_EQ(files_->permissions(out_ + "/" + name).value(), 0600u) << name;
  }
}

TEST_P(Transfer, RefusesAFolderThatHoldsSomethingAndAStoreThatDoes) {
  const auto from = opened();
  fill(*from);
  ASSERT_TRUE(write(*from));
  EXPECT_EQ(write(*from).error().code, ErrorCode::conflict);
  EXPECT_EQ(read(*from).error().code, ErrorCode::conflict);
}

TEST_P(Transfer, FillsTheSameStoreAgainAndKeepsWhatWasRevokedSince) {
  const auto store = opened();
  fill(*store);
  ASSERT_TRUE(write(*store));
  std::vector<std::string> ids;
  for (const RecordSummary& one : store->page(0, 1000).value()) ids.push_back(one.request_id);
  ASSERT_TRUE(store->remove(ids));
  ASSERT_TRUE(store->api_keys().revoke("ward", at_ms(7)));
  EXPECT_EQ(read(*store).value().records, 450u);
  EXPECT_TRUE(store->api_keys().all().value()[0].revoked.has_value());
}

TEST_P(Transfer, TakesNoRecordsUnderOtherNames) {
  const auto from = opened(), to = other();
  fill(*from);
  ASSERT_TRUE(write(*from));
  ASSERT_TRUE(to->keys().put_secret("names", vault::Names::random().sealed(keys_)));
  EXPECT_EQ(read(*to).error().code, ErrorCode::conflict);
  EXPECT_EQ(to->count().value(), 0u);
}

TEST_P(Transfer, SaysWhereAnExportIsDamaged) {
  const auto from = opened();
  fill(*from);
  ASSERT_TRUE(write(*from));
  change("records.ndjson", [](std::string& text) { text.replace(text.find("\"payload\":\"", text.find('\n')), 12, "\"payload\":\"!"); });
  const auto damaged = read(*other());
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::corrupted);
  EXPECT_NE(damaged.error().external.find("records.ndjson line 2"), std::string::npos) << damaged.error().external;
}

TEST_P(Transfer, TakesNoExportThatIsCutOrWhoseKeysAreOthers) {
  const auto from = opened();
  fill(*from);
  ASSERT_TRUE(write(*from));
  const Bytes keys = files_->read(out_ + "/keys.ndjson", 1 << 26).value();
  change("keys.ndjson", [](std::string& text) { text.erase(text.find('\n', 10) + 1, 40); });
  EXPECT_EQ(read(*other()).error().code, ErrorCode::corrupted);
  ASSERT_TRUE(files_->write_atomically(out_ + "/keys.ndjson", keys, 0600));
  change("records.ndjson", [](std::string& text) { text.erase(text.rfind('\n', text.size() - 2) + 1); });
  EXPECT_NE(read(*other()).error().external.find("449 of 450"), std::string::npos);
  std::filesystem::remove(out_ + "/manifest.json");
  EXPECT_EQ(read(*other()).error().code, ErrorCode::not_found);
}

TEST_P(Transfer, LosesNoHoldAndNoApiKeyWithoutAWord) {
  const auto from = opened();
  fill(*from);
  ASSERT_TRUE(write(*from));
  const Bytes rest = files_->read(out_ + "/rest.ndjson", 1 << 26).value();
  for (const char* kind : {"\"hold\"", "\"api_key\""}) {
    ASSERT_TRUE(files_->write_atomically(out_ + "/rest.ndjson", rest, 0600));
    change("rest.ndjson", [&](std::string& text) {
      const std::size_t begin = text.rfind('\n', text.find(kind)) + 1;
      text.erase(begin, text.find('\n', begin) + 1 - begin);
    });
    const auto stored = read(*other());
    ASSERT_FALSE(stored) << kind;
    EXPECT_NE(stored.error().external.find("0 of 1"), std::string::npos);
  }
}

TEST_P(Transfer, AManifestOfAnotherShapeIsAnErrorAndNoCrash) {
  const auto from = opened();
  ASSERT_TRUE(write(*from));
  for (const char* text : {"[]", "7", "{}", "{\"format\":\"1\"}", "{\"format\":1,\"records\":\"many\"}", "{\"format\":2,\"records\":0}", "{"}) {
    change("manifest.json", [&](std::string& manifest) { manifest = text; });
    EXPECT_EQ(read(*other()).error().code, ErrorCode::corrupted) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, Transfer, kBothStores, name_of_store);

}  // namespace
}  // namespace osler::cases
