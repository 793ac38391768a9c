#include "cases/transfer.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "base/json.h"
#include "base/limits.h"
#include "cases/api_keys.h"
#include "cases/key_table.h"
#include "cases/similar_cases.h"

namespace osler::cases {

namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr std::size_t kAtOnce = 200;  // records a page and a transaction
constexpr const char* kManifest = "manifest.json";
constexpr const char* kRecords = "records.ndjson";
constexpr const char* kKeys = "keys.ndjson";
constexpr const char* kRest = "rest.ndjson";
constexpr const char* kNames = "names";
constexpr std::string_view kSecretTable = "secrets";

std::int64_t milliseconds(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall_time(std::int64_t milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

std::string text_of(std::span<const float> vector) {
  Bytes bytes(vector.size() * sizeof(float));
  std::memcpy(bytes.data(), vector.data(), bytes.size());
  return to_base64url(bytes);
}

/// A file of lines that is synced when it ends.
class LineWriter {
 public:
  static Result<LineWriter> create(FileSystem& files, const std::string& path) { return LineWriter(TRY(files.open_append(path))); }
  void add(const Json& line) { waiting_ += line.dump() + "\n"; }
  Result<void> flush() {
    TRY_VOID(file_->append(as_bytes(waiting_)));
    waiting_.clear();
    return ok();
  }
  Result<void> finish() {
    TRY_VOID(flush());
    return file_->sync();
  }

 private:
  explicit LineWriter(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}
  std::unique_ptr<AppendFile> file_;
  std::string waiting_;
};

/// Lines of a file as JSON objects; errors name the file and the line.
class LineReader {
 public:
  static Result<LineReader> open(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return make_error(ErrorCode::not_found, "The export is not complete: " + path.filename().string() + " is missing.", path.string());
    return LineReader(std::move(file), path.filename().string());
  }

  /// Null at the end of the file.
  Result<Json> next() {
    std::string line;
    ++number_;
    if (!std::getline(file_, line)) return Json(nullptr);
    Result<Json> json = parse_json(line);
    if (!json || !json->is_object()) return damaged();
    return std::move(*json);
  }

  Error damaged() const {
    return make_error(ErrorCode::corrupted, name_ + " line " + std::to_string(number_) + " is not what an export writes.");
  }

 private:
  LineReader(std::ifstream file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  std::ifstream file_;
  std::string name_;
  std::size_t number_ = 0;
};

Json key_line(std::string_view table, std::string_view row, const Bytes& wrapped) {
  return {{"table", table}, {"row", row}, {"wrapped_key", to_hex(wrapped)}};
}

class Exporter {
 public:
  Exporter(Store& store, LineWriter records, LineWriter keys, LineWriter rest)
      : store_(store), records_(std::move(records)), keys_(std::move(keys)), rest_(std::move(rest)) {}

  Result<TransferCounts> run(const TransferProgress& progress) {
    const std::uint64_t total = TRY(store_.count());
    TRY_VOID(write_rest());
    std::uint64_t after = 0;
    while (true) {
      const std::vector<RecordSummary> page = TRY(store_.page(after, kAtOnce));
      for (const RecordSummary& summary : page) TRY_VOID(write_record(summary.request_id));
      TRY_VOID(records_.flush());
      TRY_VOID(keys_.flush());
      if (progress) progress(counts_.records, std::max(total, counts_.records));
      if (page.size() < kAtOnce) break;
      after = page.back().sequence;
    }
    TRY_VOID(records_.finish());
    TRY_VOID(keys_.finish());
    TRY_VOID(rest_.finish());
    return counts_;
  }

 private:
  Result<void> write_rest() {
    for (const KeyVersionUse& use : TRY(store_.keys().versions()))
      rest_.add({{"kind", "key_version"}, {"version", use.version}, {"check_value", to_hex(use.check_value)}});
    if (const std::optional<vault::SealedText> names = TRY(store_.keys().secret(kNames))) {
      rest_.add({{"kind", "secret"}, {"name", kNames}, {"payload", to_base64url(names->payload)}});
      keys_.add(key_line(kSecretTable, kNames, names->wrapped_key));
    }
    for (const std::string& token : TRY(store_.holds())) {
      rest_.add({{"kind", "hold"}, {"patient_token", token}});
      ++counts_.holds;
    }
    for (const StoredApiKey& key : TRY(store_.api_keys().all())) {
      Json line{{"kind", "api_key"}, {"name", key.name}, {"role", key.role}, {"prefix", key.prefix}, {"digest", to_hex(key.digest)}, {"created", milliseconds(key.created)}};
      if (key.expires) line["expires"] = milliseconds(*key.expires);
      if (key.revoked) line["revoked"] = milliseconds(*key.revoked);
      rest_.add(line);
      ++counts_.api_keys;
    }
    return ok();
  }

  Result<void> write_record(const std::string& id) {
    const Result<SealedRecord> record = store_.get(id);
    if (!record && record.error().code == ErrorCode::not_found) return ok();  // removed meanwhile
    if (!record) return record.error();
    Json line{{"request_id", id}, {"patient_token", record->patient_token}, {"owner", record->owner}, {"time_ms", milliseconds(record->time)},
              {"model_version", record->model_version}, {"payload", to_base64url(record->content.payload)}};
    const std::vector<std::string> readers = TRY(store_.readers(id));
    if (!readers.empty()) line["readers"] = readers;
    keys_.add(key_line(kRecordTable, id, record->content.wrapped_key));
    const Result<CaseSummary> summary = store_.similar_cases().summary(id);
    if (summary) write_summary(id, *summary, line);
    else if (summary.error().code != ErrorCode::not_found) return summary.error();
    records_.add(line);
    ++counts_.records;
    return ok();
  }

  void write_summary(const std::string& id, const CaseSummary& summary, Json& line) {
    line["summary"] = {{"vector_set", summary.vector_set}, {"vector", text_of(summary.vector)}, {"age_band", summary.age_band},
                       {"sex", summary.sex}, {"condition", summary.condition}, {"payload", to_base64url(summary.content.payload)}};
    keys_.add(key_line(kSummaryTable, id, summary.content.wrapped_key));
    ++counts_.summaries;
  }

  Store& store_;
  LineWriter records_, keys_, rest_;
  TransferCounts counts_;
};

class Importer {
 public:
  Importer(Store& store, LineReader records, LineReader keys, LineReader rest)
      : store_(store), records_(std::move(records)), keys_(std::move(keys)), rest_(std::move(rest)) {}

  Result<TransferCounts> run(std::uint64_t total, const TransferProgress& progress) {
    try {
      TRY_VOID(read_rest());
      TRY_VOID(read_records(total, progress));
    } catch (const nlohmann::json::exception&) {  // a member that is missing or of another type
      return records_.damaged();
    }
    return counts_;
  }

 private:
  Result<void> read_rest() {
    while (true) {
      const Json line = TRY(rest_.next());
      if (line.is_null()) return ok();
      const std::string kind = line.value("kind", "");
      if (kind == "key_version") TRY_VOID(read_version(line));
      else if (kind == "secret") TRY_VOID(read_names({TRY(key_of(kSecretTable, kNames)), TRY(bytes_of(line, "payload"))}));
      else if (kind == "hold") TRY_VOID(store_.set_hold(line.at("patient_token").get<std::string>(), true));
      else if (kind == "api_key") TRY_VOID(read_api_key(line));
      else return rest_.damaged();
      if (kind == "hold") ++counts_.holds;
      if (kind == "api_key") ++counts_.api_keys;
    }
  }

  /// Under other names nobody would find a patient's records again, not even to delete them.
  Result<void> read_names(const vault::SealedText& names) {
    const std::optional<vault::SealedText> present = TRY(store_.keys().secret(kNames));
    if (!present) return store_.keys().put_secret(kNames, names);
    if (present->payload == names.payload) return ok();
    return make_error(ErrorCode::conflict, "The store has begun with names of its own: import into a new database, before a server starts on it.");
  }

  Result<void> read_version(const Json& line) { return store_.keys().note(line.at("version").get<vault::KeyVersion>(), TRY(digest_of(line, "check_value"))); }

  Result<void> read_api_key(const Json& line) {
    StoredApiKey key{line.at("name"), line.at("role"), line.at("prefix"), TRY(digest_of(line, "digest")), wall_time(line.at("created").get<std::int64_t>()), {}, {}};
    if (line.contains("expires")) key.expires = wall_time(line["expires"].get<std::int64_t>());
    if (line.contains("revoked")) key.revoked = wall_time(line["revoked"].get<std::int64_t>());
    const Result<void> added = store_.api_keys().add(key);
    if (added || added.error().code != ErrorCode::conflict) return added;
    // The store's own stays: it may have been revoked since.
    for (const StoredApiKey& present : TRY(store_.api_keys().all()))
      if (present.name == key.name && present.digest == key.digest) return ok();
    return make_error(ErrorCode::conflict, "The store has another API key of this name: " + key.name);
  }

  Result<void> read_records(std::uint64_t total, const TransferProgress& progress) {
    std::vector<SealedRecord> page;
    std::vector<std::pair<std::string, std::string>> shares;
    while (true) {
      const Json line = TRY(records_.next());
      if (!line.is_null()) page.push_back(TRY(read_record(line, shares)));
      if (page.size() == kAtOnce || (line.is_null() && !page.empty())) {
        TRY_VOID(store_.put(page));
        counts_.records += page.size();
        for (const auto& [id, reader] : shares) TRY_VOID(store_.share(id, reader));
        page.clear();
        shares.clear();
        if (progress) progress(counts_.records, std::max(total, counts_.records));
      }
      if (line.is_null()) return ok();
    }
  }

  Result<SealedRecord> read_record(const Json& line, std::vector<std::pair<std::string, std::string>>& shares) {
    SealedRecord record;
    record.request_id = line.at("request_id");
    record.patient_token = line.at("patient_token");
    record.owner = line.at("owner");
    record.time = wall_time(line.at("time_ms").get<std::int64_t>());
    record.model_version = line.at("model_version");
    record.content = {TRY(key_of(kRecordTable, record.request_id)), TRY(bytes_of(line, "payload"))};
    if (line.contains("readers"))
      for (const Json& reader : line["readers"]) shares.emplace_back(record.request_id, reader.get<std::string>());
    if (line.contains("summary")) record.summary = TRY(read_summary(line["summary"], record.request_id));
    return record;
  }

  Result<CaseSummary> read_summary(const Json& line, const std::string& id) {
    CaseSummary summary;
    summary.vector_set = line.at("vector_set");
    const Bytes bytes = TRY(bytes_of(line, "vector"));
    if (bytes.size() % sizeof(float) != 0) return records_.damaged();
    summary.vector.resize(bytes.size() / sizeof(float));
    std::memcpy(summary.vector.data(), bytes.data(), bytes.size());
    summary.age_band = line.at("age_band");
    summary.sex = line.at("sex");
    summary.condition = line.at("condition");
    summary.content = {TRY(key_of(kSummaryTable, id)), TRY(bytes_of(line, "payload"))};
    ++counts_.summaries;
    return summary;
  }

  /// Keys stand in the order of what they open.
  Result<Bytes> key_of(std::string_view table, std::string_view row) {
    const Json line = TRY(keys_.next());
    if (line.is_null() || line.value("table", "") != table || line.value("row", "") != row) return keys_.damaged();
    std::optional<Bytes> wrapped = from_hex(line.value("wrapped_key", ""));
    if (!wrapped || wrapped->size() != vault::kWrappedKeyBytes) return keys_.damaged();
    return std::move(*wrapped);
  }

  Result<Bytes> bytes_of(const Json& line, const char* member) {
    std::optional<Bytes> bytes = from_base64url(line.at(member).get_ref<const std::string&>());
    if (!bytes) return records_.damaged();
    return std::move(*bytes);
  }

  Result<Digest> digest_of(const Json& line, const char* member) {
    const std::optional<Bytes> bytes = from_hex(line.at(member).get_ref<const std::string&>());
    Digest digest{};
    if (!bytes || bytes->size() != digest.size()) return rest_.damaged();
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
  }

  Store& store_;
  LineReader records_, keys_, rest_;
  TransferCounts counts_;
};

/// What an export says that it holds; those of earlier versions count records alone.
struct ManifestCounts {
  std::uint64_t records = 0;
  std::optional<std::uint64_t> holds, api_keys;
};

Result<ManifestCounts> read_manifest(const Bytes& bytes, const std::string& path) {
  const Error wrong = make_error(ErrorCode::corrupted, "manifest.json is not that of an export of this version.", path);
  const Result<Json> json = parse_json(as_text(bytes));
  if (!json || !json->is_object()) return wrong;
  try {
    if (json->at("format").get<int>() != kFormat) return wrong;
    ManifestCounts counts{json->at("records").get<std::uint64_t>(), {}, {}};
    if (json->contains("holds")) counts.holds = json->at("holds").get<std::uint64_t>();
    if (json->contains("api_keys")) counts.api_keys = json->at("api_keys").get<std::uint64_t>();
    return counts;
  } catch (const nlohmann::json::exception&) {  // a member that is missing or of another type
    return wrong;
  }
}

Result<void> require_all(const char* what, std::uint64_t found, std::uint64_t promised) {
  if (found == promised) return ok();
  return make_error(ErrorCode::corrupted, "The export is cut: it holds " + std::to_string(found) + " of " + std::to_string(promised) + " " + what + ".");
}

}  // namespace

Result<TransferCounts> export_store(FileSystem& files, Store& store, const Clock& clock, const std::string& folder, const TransferProgress& progress) {
  TRY_VOID(files.make_folders(folder));
  if (!TRY(files.list(folder)).empty()) return make_error(ErrorCode::conflict, "The folder to export to is not empty: name another one.", folder);
  Exporter exporter(store, TRY(LineWriter::create(files, folder + "/" + kRecords)), TRY(LineWriter::create(files, folder + "/" + kKeys)),
                    TRY(LineWriter::create(files, folder + "/" + kRest)));
  const TransferCounts counts = TRY(exporter.run(progress));
  const Json manifest{{"format", kFormat}, {"time", to_rfc3339(clock.now())}, {"time_ms", milliseconds(clock.now())}, {"records", counts.records},
                      {"holds", counts.holds}, {"api_keys", counts.api_keys}};
  TRY_VOID(files.write_atomically(folder + "/" + kManifest, as_bytes(manifest.dump(2) + "\n"), 0600));
  return counts;
}

Result<TransferCounts> import_store(FileSystem& files, Store& store, const std::string& folder, const TransferProgress& progress) {
  const std::string path = folder + "/" + kManifest;
  if (!files.exists(path)) return make_error(ErrorCode::not_found, "There is no finished export in this folder: manifest.json is missing.", folder);
  const ManifestCounts promised = TRY(read_manifest(TRY(files.read(path, limits::kMaxBodyBytes)), path));
  if (TRY(store.count()) != 0) return make_error(ErrorCode::conflict, "The store holds records already: import into an empty one.");
  const fs::path root(folder);
  Importer importer(store, TRY(LineReader::open(root / kRecords)), TRY(LineReader::open(root / kKeys)), TRY(LineReader::open(root / kRest)));
  const TransferCounts counts = TRY(importer.run(promised.records, progress));
  TRY_VOID(require_all("records", counts.records, promised.records));
  TRY_VOID(require_all("legal holds", counts.holds, promised.holds.value_or(counts.holds)));
  TRY_VOID(require_all("API keys", counts.api_keys, promised.api_keys.value_or(counts.api_keys)));
  return counts;
}

}  // namespace osler::cases
