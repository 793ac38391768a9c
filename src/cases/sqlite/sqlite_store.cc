#include "cases/sqlite/sqlite_store.h"

#include <atomic>
#include <filesystem>

#include "cases/sql/schema.h"
#include "cases/sql/sql_store.h"
#include "cases/sqlite/connection.h"

namespace osler::cases {

namespace {

using sqlite::Connection;

constexpr std::size_t kReaders = 4;
constexpr std::chrono::milliseconds kPatience{5000};
constexpr std::chrono::milliseconds kCheckedFor{500};  // some 300 MB; docs/adr/0020
constexpr const char* kDamaged = "The store of records is damaged and was left as it is. Put a backup in its place (what was deleted since is deleted again at the start), "
                                 "or name a new file in DATABASE_URL and run `osler import` on an export.";

// One statement, so that both are of one moment: another process may be making the tables.
constexpr sql::Query kApplicationAndTables{"application_and_tables", "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id", "ii"};

/// Asked before anything is written: a file that is not ours stays as it is.
Result<void> require_ours(Connection& connection, const std::string& path) {
  sql::Rows rows = TRY(connection.run(kApplicationAndTables));
  const std::int64_t application = rows[0].number(0), tables = rows[0].number(1);
  if (application == sql::kApplicationId || (application == 0 && tables == 0)) return ok();
  return make_error(ErrorCode::configuration, "The file of DATABASE_URL is a database of another program.", path);
}

Result<void> set_up(Connection& connection) {
  TRY_VOID(connection.write_ahead());
  TRY_VOID(connection.script("PRAGMA synchronous = FULL"));
  // What is deleted, such as a wrapped key, is overwritten.
  TRY_VOID(connection.script("PRAGMA secure_delete = ON"));
  return connection.script("PRAGMA cell_size_check = ON");
}

Result<bool> has_bytes(FileSystem& files, const std::string& path) {
  const Result<std::uint64_t> size = files.size(path);
  if (!size && size.error().code != ErrorCode::not_found) return size.error();
  return size && *size > 0;
}

/// SQLite would take an empty file for a new database and throw its write-ahead log away. The log is looked at first: whoever makes a store at this moment
/// fills the file before its log.
Result<void> require_file_of_log(FileSystem& files, const std::string& path) {
  if (!TRY(has_bytes(files, path + "-wal")) || TRY(has_bytes(files, path))) return ok();
  return make_error(ErrorCode::corrupted, kDamaged, path + " is missing or empty, and its write-ahead log is not");
}

/// Before anything is written: pages that are given out twice would take others' data with them.
Result<void> require_sound(Connection& connection, const std::string& path) {
  const std::optional<std::string> damage = TRY(connection.find_damage(kCheckedFor));
  if (!damage) return ok();
  return make_error(ErrorCode::corrupted, kDamaged, path + ": " + *damage);
}

/// Says which file it is and what to do, whichever call met the damage.
Error explain(Error error, const std::string& path) {
  if (error.code != ErrorCode::corrupted || error.external == kDamaged) return error;
  return make_error(ErrorCode::corrupted, kDamaged, path + ": " + error.external + " " + error.internal);
}

Result<std::unique_ptr<sql::Connection>> open_writer(const SqliteOptions& options, bool keeps_log) {
  std::unique_ptr<Connection> connection = TRY(Connection::open(options.path, Connection::Access::read_write_create, options.vfs));
  connection->keep_log_at_close(keeps_log);
  TRY_VOID(require_ours(*connection, options.path));
  TRY_VOID(require_sound(*connection, options.path));
  TRY_VOID(set_up(*connection));
  return std::unique_ptr<sql::Connection>(std::move(connection));
}

/// On connections of their own, readers never wait for a commit.
Result<std::unique_ptr<sql::Connection>> open_reader(const SqliteOptions& options) {
  std::unique_ptr<Connection> connection = TRY(Connection::open(options.path, Connection::Access::read_only, options.vfs));
  TRY_VOID(connection->script("PRAGMA cell_size_check = ON"));
  return std::unique_ptr<sql::Connection>(std::move(connection));
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(FileSystem& files, const vault::KeyRing& keys, const SqliteOptions& options) {
  const std::string folder = std::filesystem::path(options.path).parent_path().string();
  if (!folder.empty()) TRY_VOID(files.make_folders(folder));
  // Made here so that only the owner may read it; SQLite gives its log and index the same permissions.
  TRY_VOID(require_file_of_log(files, options.path));
  if (const Result<void> made = files.create(options.path); !made && made.error().code != ErrorCode::conflict) return made.error();
  // A store that is refused stays as it is. Where there is no log yet, SQLite takes away the empty one that it makes.
  const auto keeps_log = std::make_shared<std::atomic<bool>>(TRY(has_bytes(files, options.path + "-wal")));
  auto writers = std::make_unique<sql::Pool>([options, keeps_log] { return open_writer(options, *keeps_log); }, 1, kPatience);
  const Result<void> prepared = [&]() -> Result<void> {
    const sql::Loan writer = TRY(writers->lend());
    TRY_VOID(sql::prepare_schema(*writer, keys));
    static_cast<Connection&>(*writer).keep_log_at_close(false);
    *keeps_log = false;
    return ok();
  }();
  if (!prepared) return explain(prepared.error(), options.path);
  // SQLite syncs files; the name of a new one becomes durable with its folder.
  TRY_VOID(files.sync_folder(folder));
  auto readers = std::make_unique<sql::Pool>([options] { return open_reader(options); }, kReaders, kPatience);
  TRY(readers->lend());
  return std::unique_ptr<Store>(std::make_unique<sql::SqlStore>(
      std::make_unique<sql::Database>(sql::Dialect::sqlite, std::move(writers), std::move(readers))));
}

}  // namespace osler::cases
