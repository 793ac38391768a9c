#include "cases/sqlite/sqlite_store.h"

#include <filesystem>
#include <mutex>
#include <optional>

#include "cases/sqlite/database.h"
#include "cases/sqlite/schema.h"

namespace osler::cases {

namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

Error closed() { return make_error(ErrorCode::unavailable, "The store of records is closed."); }

/// A database with its statements. Not thread-safe.
class Writer {
 public:
  static Result<Writer> open(Database database) {
    Statement record = TRY(database.prepare(
        "INSERT INTO records(request_id, patient_token, time_ms, model_version, payload) VALUES(?1, ?2, ?3, ?4, ?5)"));
    Statement key = TRY(database.prepare("INSERT INTO record_keys(request_id, wrapped_key) VALUES(?1, ?2)"));
    Statement remove_key = TRY(database.prepare("DELETE FROM record_keys WHERE request_id = ?1"));
    Statement remove_record = TRY(database.prepare("DELETE FROM records WHERE request_id = ?1"));
    return Writer(std::move(database), std::move(record), std::move(key), std::move(remove_key), std::move(remove_record));
  }

  Result<void> put(std::span<const SealedRecord> records) {
    Transaction transaction = TRY(Transaction::begin(database_));
    for (const SealedRecord& record : records) {
      TRY_VOID(insert_record_.bind(1, record.request_id).bind(2, record.patient_token)
                   .bind(3, std::int64_t{record.time.time_since_epoch().count()}).bind(4, record.model_version)
                   .bind(5, ByteView(record.content.payload)).run());
      TRY_VOID(insert_key_.bind(1, record.request_id).bind(2, ByteView(record.content.wrapped_key)).run());
    }
    return transaction.commit();
  }

  Result<void> remove(std::span<const std::string> request_ids) {
    Transaction transaction = TRY(Transaction::begin(database_));
    for (const std::string& id : request_ids) {
      TRY_VOID(remove_key_.bind(1, id).run());
      TRY_VOID(remove_record_.bind(1, id).run());
    }
    return transaction.commit();
  }

  Database& database() { return database_; }

 private:
  Writer(Database database, Statement record, Statement key, Statement remove_key, Statement remove_record)
      : database_(std::move(database)), insert_record_(std::move(record)), insert_key_(std::move(key)),
        remove_key_(std::move(remove_key)), remove_record_(std::move(remove_record)) {}

  Database database_;
  Statement insert_record_, insert_key_, remove_key_, remove_record_;
};

/// Reads on their own connection, so that they never wait for a commit. Not thread-safe.
class Reader {
 public:
  static Result<Reader> open(Database database) {
    Statement get = TRY(database.prepare(
        "SELECT patient_token, time_ms, model_version, payload, wrapped_key"
        " FROM records JOIN record_keys USING(request_id) WHERE request_id = ?1"));
    Statement newest = TRY(database.prepare(
        "SELECT request_id, patient_token, time_ms, model_version, length(payload)"
        " FROM records ORDER BY sequence DESC LIMIT ?1"));
    return Reader(std::move(database), std::move(get), std::move(newest));
  }

  Result<SealedRecord> get(std::string_view request_id) {
    if (!TRY(get_.bind(1, request_id).step())) {
      get_.reset();
      return make_error(ErrorCode::not_found, "There is no record of this request.");
    }
    SealedRecord record;
    record.request_id = std::string(request_id);
    record.patient_token = get_.text(0);
    record.time = WallTime(std::chrono::milliseconds(get_.number(1)));
    record.model_version = get_.text(2);
    record.content = {get_.bytes(4), get_.bytes(3)};
    get_.reset();
    return record;
  }

  Result<std::vector<RecordSummary>> newest(std::size_t limit) {
    std::vector<RecordSummary> list;
    newest_.bind(1, static_cast<std::int64_t>(limit));
    while (TRY(newest_.step()))
      list.push_back({newest_.text(0), newest_.text(1), WallTime(std::chrono::milliseconds(newest_.number(2))),
                      newest_.text(3), static_cast<std::size_t>(newest_.number(4))});
    newest_.reset();
    return list;
  }

  Result<std::uint64_t> count() {
    return static_cast<std::uint64_t>(TRY(database_.number("SELECT count(*) FROM records")));
  }

 private:
  Reader(Database database, Statement get, Statement newest)
      : database_(std::move(database)), get_(std::move(get)), newest_(std::move(newest)) {}

  Database database_;
  Statement get_, newest_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(Writer writer, Reader reader) : writer_(std::move(writer)), reader_(std::move(reader)) {}

  Result<void> put(std::span<const SealedRecord> records) override {
    const std::lock_guard<std::mutex> guard(writer_mutex_);
    if (!writer_) return closed();
    return records.empty() ? ok() : writer_->put(records);
  }
  Result<void> remove(std::span<const std::string> request_ids) override {
    const std::lock_guard<std::mutex> guard(writer_mutex_);
    if (!writer_) return closed();
    return writer_->remove(request_ids);
  }
  Result<SealedRecord> get(std::string_view request_id) override {
    const std::lock_guard<std::mutex> guard(reader_mutex_);
    if (!reader_) return closed();
    return reader_->get(request_id);
  }
  Result<std::uint64_t> count() override {
    const std::lock_guard<std::mutex> guard(reader_mutex_);
    if (!reader_) return closed();
    return reader_->count();
  }
  Result<std::vector<RecordSummary>> newest(std::size_t limit) override {
    const std::lock_guard<std::mutex> guard(reader_mutex_);
    if (!reader_) return closed();
    return reader_->newest(limit);
  }
  Result<void> probe() override {
    const std::lock_guard<std::mutex> guard(reader_mutex_);
    if (!reader_) return closed();
    TRY(reader_->newest(1));
    return ok();
  }
  Result<void> close() override {
    const std::scoped_lock guard(writer_mutex_, reader_mutex_);
    reader_.reset();
    writer_.reset();
    return ok();
  }

 private:
  std::mutex writer_mutex_, reader_mutex_;
  std::optional<Writer> writer_;
  std::optional<Reader> reader_;
};

Result<void> set_up(Database& database) {
  if (TRY(database.text("PRAGMA journal_mode = WAL")) != "wal")
    return make_error(ErrorCode::unavailable, "The store of records cannot be opened.", "no write-ahead log on this file system");
  TRY_VOID(database.execute("PRAGMA synchronous = FULL"));
  // What is deleted, such as a wrapped key, is overwritten.
  TRY_VOID(database.execute("PRAGMA secure_delete = ON"));
  return database.execute("PRAGMA cell_size_check = ON");
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(FileSystem& files, const vault::KeyRing& keys, const SqliteOptions& options) {
  const std::string folder = std::filesystem::path(options.path).parent_path().string();
  if (!folder.empty()) TRY_VOID(files.make_folders(folder));
  // Made here so that only the owner may read it; SQLite gives its log and index the same permissions.
  if (!files.exists(options.path)) TRY(files.open_append(options.path));
  Database database = TRY(Database::open(options.path, Database::Access::read_write_create, options.vfs));
  // Asked before anything is written: a file that is not ours stays as it is.
  const std::int64_t application = TRY(database.number("PRAGMA application_id"));
  const std::int64_t tables = TRY(database.number("SELECT count(*) FROM sqlite_schema"));
  if (application != sqlite::kApplicationId && (application != 0 || tables != 0))
    return make_error(ErrorCode::configuration, "The file of DATABASE_URL is a database of another program.", options.path);
  TRY_VOID(set_up(database));
  TRY_VOID(sqlite::prepare_schema(database, keys));
  // SQLite syncs files; the name of a new one becomes durable with its folder.
  TRY_VOID(files.sync_folder(folder));
  Database reading = TRY(Database::open(options.path, Database::Access::read_only, options.vfs));
  Writer writer = TRY(Writer::open(std::move(database)));
  Reader reader = TRY(Reader::open(std::move(reading)));
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(writer), std::move(reader)));
}

}  // namespace osler::cases
