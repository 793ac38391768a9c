#include "audit/checkpoint.h"

#include <algorithm>

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

constexpr std::uint64_t kFirstWindow = 64 * 1024;

/// Of a text that ends where the file does. The line that it begins with is left out unless the file begins there too.
NewestCheckpoint newest_in(std::string_view text, bool is_whole_file, const vault::PublicKey& key) {
  NewestCheckpoint newest;
  std::size_t end = text.rfind('\n') + 1;  // npos + 1 is 0
  newest.torn = end != text.size();
  newest.whole_bytes = end;
  while (end > 0) {
    const std::size_t newline = end < 2 ? std::string_view::npos : text.rfind('\n', end - 2);
    if (newline == std::string_view::npos && !is_whole_file) break;
    const std::size_t begin = newline + 1;
    const std::string_view line = text.substr(begin, end - 1 - begin);
    const bool lacks_sectors = end == text.size() && line.find('\0') != std::string_view::npos;
    Result<Checkpoint> checkpoint = parse_checkpoint(key, line);
    if (checkpoint) {
      newest.checkpoint = std::move(*checkpoint);
      break;
    }
    if (lacks_sectors) {
      newest.torn = true;
      newest.whole_bytes = begin;
    } else {
      ++newest.lines_behind_it;
    }
    end = begin;
  }
  return newest;
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

Result<NewestCheckpoint> newest_checkpoint(FileSystem& files, const std::string& path, const vault::PublicKey& key) {
  if (!files.exists(path)) return NewestCheckpoint{};
  const std::uint64_t size = TRY(files.size(path));
  for (std::uint64_t window = kFirstWindow;; window *= 2) {
    const std::uint64_t begin = size - std::min(size, window);
    const Bytes bytes = TRY(files.read_at(path, begin, static_cast<std::size_t>(size - begin)));
    NewestCheckpoint newest = newest_in(as_text(bytes), begin == 0, key);
    newest.whole_bytes += begin;
    if (newest.checkpoint || begin == 0) return newest;
  }
}

}  // namespace osler::audit
