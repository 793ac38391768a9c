#include "audit/entry_proof.h"

#include <algorithm>

#include "audit/proof.h"
#include "audit/reader.h"
#include "base/json.h"

namespace osler::audit {

namespace {

constexpr int kFormat = 1;

Error not_covered(std::uint64_t index) {
  return make_error(ErrorCode::not_found, "No checkpoint covers entry " + std::to_string(index) +
                                              " yet. The log signs one with the first entry after a minute, and when its writer stops.");
}

Error no_proof(const char* what) { return make_error(ErrorCode::malformed, std::string("This is not a proof of an audit entry: ") + what + "."); }
Error not_proved(const char* what) { return make_error(ErrorCode::corrupted, std::string("The proof does not hold: ") + what + "."); }

/// The first checkpoint that covers `index`, and the last.
struct Covering {
  Checkpoint first;
  Checkpoint newest;
};

Result<Covering> covering(FileSystem& files, const Keys& keys, const std::string& folder, std::uint64_t index) {
  const CheckpointFile file = TRY(read_checkpoints(files, folder + "/" + std::string(kCheckpointFile), keys.signer().public_key()));
  const auto by_size = [](const Checkpoint& left, const Checkpoint& right) { return left.size < right.size; };
  const auto newest = std::max_element(file.checkpoints.begin(), file.checkpoints.end(), by_size);
  if (newest == file.checkpoints.end() || newest->size <= index) return not_covered(index);
  const auto first = std::min_element(file.checkpoints.begin(), file.checkpoints.end(), [&](const Checkpoint& left, const Checkpoint& right) {
    if ((left.size > index) != (right.size > index)) return left.size > index;
    return left.size < right.size;
  });
  return Covering{*first, *newest};
}

std::string line_of(const Keys& keys, const Checkpoint& checkpoint) {
  std::string line = encode_checkpoint(keys.signer(), checkpoint);  // Ed25519 signs the same bytes the same way
  line.pop_back();
  return line;
}

Json hex_list(const std::vector<Digest>& hashes) {
  Json list = Json::array();
  for (const Digest& hash : hashes) list.push_back(to_hex(hash));
  return list;
}

Result<std::string> text_member(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return no_proof("a member is missing or not a text");
  return member->get<std::string>();
}

Result<std::vector<Digest>> hash_list(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_array()) return no_proof("a list of hashes is missing");
  std::vector<Digest> hashes;
  for (const Json& text : *member) {
    const std::optional<Bytes> bytes = text.is_string() ? from_hex(text.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes || bytes->size() != Digest{}.size()) return no_proof("a hash is not 64 hexadecimal digits");
    std::copy(bytes->begin(), bytes->end(), hashes.emplace_back().begin());
  }
  return hashes;
}

Result<EntryProof> parse_proof(std::string_view text) {
  const Result<Json> json = parse_json(text);
  if (!json || !json->is_object()) return no_proof("it is not a JSON object");
  const auto format = json->find("format");
  if (format == json->end() || *format != kFormat) return no_proof("its format is not 1");
  return EntryProof{TRY(text_member(*json, "entry")), TRY(text_member(*json, "checkpoint")), TRY(hash_list(*json, "inclusion")),
                    TRY(text_member(*json, "newest_checkpoint")), TRY(hash_list(*json, "consistency"))};
}

}  // namespace

Result<EntryProof> prove_entry(FileSystem& files, const Keys& keys, const std::string& folder, std::uint64_t index) {
  const Covering checkpoints = TRY(covering(files, keys, folder, index));
  RangeRoots inclusion(inclusion_ranges(index, checkpoints.first.size));
  RangeRoots consistency(consistency_ranges(checkpoints.first.size, checkpoints.newest.size));
  EntryProof proof;
  const std::uint64_t entries = TRY(read_entries(files, keys, folder, [&](std::uint64_t at, std::string_view json) -> Result<void> {
    const Digest leaf = leaf_hash(as_bytes(json));
    if (at == index) proof.entry = json;
    if (at < checkpoints.first.size) inclusion.add(leaf);
    if (at < checkpoints.newest.size) consistency.add(leaf);
    return ok();
  }));
  if (entries < checkpoints.newest.size)
    return make_error(ErrorCode::corrupted, "The audit log in " + folder + " ends before its last checkpoint; run `osler audit verify`.");
  proof.checkpoint = line_of(keys, checkpoints.first);
  proof.newest_checkpoint = line_of(keys, checkpoints.newest);
  proof.inclusion = inclusion.roots();
  proof.consistency = consistency.roots();
  TRY(check_proof(to_json(proof, keys.signer().public_key()), keys.signer().public_key()));
  return proof;
}

Result<std::uint64_t> find_request(FileSystem& files, const Keys& keys, const std::string& folder, std::string_view request_id) {
  std::optional<std::uint64_t> found;
  TRY(read_entries(files, keys, folder, [&](std::uint64_t index, std::string_view json) -> Result<void> {
    if (found || json.find(request_id) == std::string_view::npos) return ok();
    if (TRY(parse_entry(json)).entry.request_id == request_id) found = index;
    return ok();
  }));
  if (!found) return make_error(ErrorCode::not_found, "No entry of the audit log in " + folder + " names this request.");
  return *found;
}

std::string to_json(const EntryProof& proof, const vault::PublicKey& key) {
  Json json;
  json["format"] = kFormat;
  json["public_key"] = to_hex(key);
  json["entry"] = proof.entry;
  json["checkpoint"] = proof.checkpoint;
  json["inclusion"] = hex_list(proof.inclusion);
  json["newest_checkpoint"] = proof.newest_checkpoint;
  json["consistency"] = hex_list(proof.consistency);
  return json.dump(2);
}

Result<ProvedEntry> check_proof(std::string_view json, const vault::PublicKey& key) {
  const EntryProof proof = TRY(parse_proof(json));
  const Result<LoggedEntry> entry = parse_entry(proof.entry);
  if (!entry) return not_proved("the entry is not in its canonical form");
  const Result<Checkpoint> covering = parse_checkpoint(key, proof.checkpoint);
  const Result<Checkpoint> newest = parse_checkpoint(key, proof.newest_checkpoint);
  if (!covering || !newest) return not_proved("a checkpoint is not signed by this key");
  if (!inclusion_is_valid(leaf_hash(as_bytes(proof.entry)), entry->index, covering->size, proof.inclusion, covering->root))
    return not_proved("the entry is not in the tree that the checkpoint signed");
  if (!consistency_is_valid(covering->size, covering->root, newest->size, newest->root, proof.consistency))
    return not_proved("the newest checkpoint does not continue the one that covers the entry");
  return ProvedEntry{*entry, *covering, *newest};
}

}  // namespace osler::audit
