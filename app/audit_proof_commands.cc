// osler audit prove | check.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/commands.h"
#include "app/trust.h"
#include "audit/entry_proof.h"
#include "audit/logs.h"
#include "base/json.h"
#include "base/limits.h"

namespace osler::app {

namespace {

/// The log and the index of the entry that is asked for.
struct Place {
  const audit::OpenedLog* log = nullptr;
  std::uint64_t index = 0;
};

Result<Place> find_entry(FileSystem& files, const std::vector<audit::OpenedLog>& logs, const ProveRequest& request) {
  if (request.index) return Place{&logs.front(), *request.index};
  for (const audit::OpenedLog& log : logs) {
    const Result<std::uint64_t> index = audit::find_request(files, log.keys, log.folder, request.request_id);
    if (index) return Place{&log, *index};
    if (index.error().code != ErrorCode::not_found) return index.error();
  }
  return make_error(ErrorCode::not_found, "No entry of the audit logs names this request.");
}

Result<void> write_proof(const std::string& text, const std::string& path) {
  if (path.empty()) {
    std::cout << text << "\n";
    return ok();
  }
  std::ofstream file(path, std::ios::binary);
  file << text << "\n";
  return file.flush() ? ok() : Result<void>(make_error(ErrorCode::unavailable, "The proof cannot be written to " + path + "."));
}

Result<void> prove(const Config& config, const ProveRequest& request) {
  if (request.index.has_value() == !request.request_id.empty())
    return make_error(ErrorCode::invalid, "Say which entry: either its index or --request with a request's id.");
  const std::unique_ptr<FileSystem> files = make_file_system();
  const auto keys = TRY(open_keys(config, *files, MissingKey::is_refused, Logger(config.log_level)));
  const std::vector<audit::OpenedLog> logs = TRY(audit::open_logs(*files, *keys->ring(), request.log.empty() ? config.audit_folder : request.log));
  const Place place = TRY(find_entry(*files, logs, request));
  const audit::EntryProof proof = TRY(audit::prove_entry(*files, place.log->keys, place.log->folder, place.index));
  return write_proof(audit::to_json(proof, place.log->keys.signer().public_key()), request.out);
}

Result<audit::ProvedEntry> check(const std::string& path, const std::string& public_key) {
  const std::optional<Bytes> bytes = from_hex(public_key);
  vault::PublicKey key{};
  if (!bytes || bytes->size() != key.size()) return make_error(ErrorCode::invalid, "The public key must be 64 hexadecimal digits, as `osler audit public-key` prints it.");
  std::copy(bytes->begin(), bytes->end(), key.begin());
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorCode::not_found, "The proof cannot be read: " + path + ".");
  std::string text(limits::kMaxProofBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > limits::kMaxProofBytes) return make_error(ErrorCode::too_large, "The proof is larger than " + std::to_string(limits::kMaxProofBytes) + " bytes.");
  return audit::check_proof(text, key);
}

}  // namespace

int audit_prove(const Config& config, const ProveRequest& request) {
  const Result<void> proved = prove(config, request);
  return proved ? 0 : refuse(proved.error());
}

int audit_check(const std::string& path, const std::string& public_key, Output output) {
  const Result<audit::ProvedEntry> proved = check(path, public_key);
  if (!proved) return refuse(proved.error());
  const std::string entry = audit::to_canonical_json(proved->entry);
  if (output == Output::json) {
    std::cout << Json{{"proved", true}, {"entry", Json::parse(entry)}, {"covered_by", {{"size", proved->covered_by.size}, {"time", proved->covered_by.time}}},
                      {"newest", {{"size", proved->newest.size}, {"time", proved->newest.time}, {"root", to_hex(proved->newest.root)}}}}.dump(2) << "\n";
    return 0;
  }
  std::printf("proved: entry %llu stood in the log by %s (%llu entries), and in the same log by %s (%llu entries, root %s)\n%s\n",
              static_cast<unsigned long long>(proved->entry.index), proved->covered_by.time.c_str(), static_cast<unsigned long long>(proved->covered_by.size),
              proved->newest.time.c_str(), static_cast<unsigned long long>(proved->newest.size), to_hex(proved->newest.root).c_str(), entry.c_str());
  return 0;
}

}  // namespace osler::app
