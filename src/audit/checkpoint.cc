#include "audit/checkpoint.h"

#include "base/json.h"

namespace osler::audit {

namespace {

constexpr std::size_t kFileLimit = 1024 * 1024 * 1024;

std::string signed_text(const Checkpoint& checkpoint) {
  Json json;
  json["size"] = checkpoint.size;
  json["root"] = to_hex(checkpoint.root);
  json["time"] = checkpoint.time;
  return json.dump();
}

Error not_signed() { return make_error(ErrorCode::corrupted, "A checkpoint of the audit log is not genuine."); }

}  // namespace

std::string encode_checkpoint(const vault::SigningKey& signer, const Checkpoint& checkpoint) {
  const std::string text = signed_text(checkpoint);
  return text + " " + to_hex(signer.sign(as_bytes(text))) + "\n";
}

Result<Checkpoint> parse_checkpoint(const vault::PublicKey& key, std::string_view line) {
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos) return not_signed();
  const std::string_view text = line.substr(0, space);
  const std::optional<Bytes> signature = from_hex(line.substr(space + 1));
  if (!signature || !vault::signature_is_valid(key, as_bytes(text), *signature)) return not_signed();
  Result<Json> json = parse_json(text);
  if (!json || !json->is_object()) return not_signed();
  Checkpoint checkpoint;
  const std::optional<Bytes> root = from_hex(json->value("root", ""));
  if (!root || root->size() != checkpoint.root.size()) return not_signed();
  std::copy(root->begin(), root->end(), checkpoint.root.begin());
  checkpoint.size = json->value("size", std::uint64_t{0});
  checkpoint.time = json->value("time", "");
  return checkpoint;
}

Result<CheckpointFile> read_checkpoints(FileSystem& files, const std::string& path, const vault::PublicKey& key) {
  CheckpointFile result;
  Result<Bytes> bytes = files.read(path, kFileLimit);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return result;
  if (!bytes) return bytes.error();
  const std::string_view text = as_text(*bytes);
  for (std::size_t number = 1; result.whole_bytes < text.size(); ++number) {
    const std::size_t end = text.find('\n', result.whole_bytes);
    const std::string_view line = text.substr(result.whole_bytes, end - result.whole_bytes);
    // Each line is synced before the next is written, so only the last can lack sectors, which read as zeros.
    const bool last = end == std::string_view::npos || end + 1 == text.size();
    result.torn = last && (end == std::string_view::npos || line.find('\0') != std::string_view::npos);
    if (result.torn) break;
    Result<Checkpoint> checkpoint = parse_checkpoint(key, line);
    if (checkpoint) result.checkpoints.push_back(std::move(*checkpoint));
    else result.bad_lines.push_back(number);
    result.whole_bytes = end + 1;
  }
  return result;
}

}  // namespace osler::audit
