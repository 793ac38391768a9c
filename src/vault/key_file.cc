#include "vault/key_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "vault/envelope.h"

namespace osler::vault {

namespace {

constexpr std::string_view kHeader = "osler-keys 1\n";
constexpr std::string_view kSealedMagic = "OSLSEAL1";
constexpr std::size_t kFileLimit = 64 * 1024;
constexpr unsigned kOwnerOnly = 0600;
constexpr RowBinding kAuditBinding{"vault", "audit secrets"};

std::string folder_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

Error bad_line(const std::string& path, std::size_t line) {
  return make_error(ErrorCode::configuration, "The key file is not readable as keys.",
                    path + " line " + std::to_string(line) + ": expected `<version> <64 hexadecimal digits>`");
}

Result<void> require_private(FileSystem& files, const std::string& path) {
  const unsigned mode = TRY(files.permissions(path));
  if ((mode & ~kOwnerOnly) == 0) return ok();
  return make_error(ErrorCode::configuration,
                    "The key file may be read by others than its owner: make it private with chmod 600.", path);
}

/// One line without its newline, as version and key.
Result<std::pair<KeyVersion, Secret>> parse_line(std::string_view line, const Error& problem) {
  const std::size_t space = line.find(' ');
  KeyVersion version = 0;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + std::min(space, line.size()), version);
  if (space == std::string_view::npos || failure != std::errc() || end != line.data() + space || version == 0) return problem;
  std::optional<Bytes> key = from_hex(line.substr(space + 1));
  if (!key) return problem;
  const WipeAtExit wiper(*key);
  if (key->size() != kKeyBytes) return problem;
  return std::make_pair(version, Secret(*key));
}

/// Lines of a key file without its header, as version and text of the line.
using KeyLines = std::vector<std::pair<KeyVersion, std::string>>;

Result<KeyLines> read_lines(FileSystem& files, const std::string& path) {
  KeyLines lines;
  if (!files.exists(path)) return lines;
  TRY_VOID(require_private(files, path));
  Bytes bytes = TRY(files.read(path, kFileLimit));
  const WipeAtExit wiper(bytes);
  const KeyRing ring = TRY(parse_key_file(as_text(bytes), path));  // so that every line is known to be one
  std::string_view text = as_text(bytes).substr(kHeader.size());
  for (const KeyVersion version : ring.versions()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(version, text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

Result<void> write_lines(FileSystem& files, const std::string& path, KeyLines lines) {
  std::string text(kHeader);
  for (auto& [version, line] : lines) {
    text += line + "\n";
    wipe(line.data(), line.size());
  }
  const Result<void> written = files.write_atomically(path, as_bytes(text), kOwnerOnly);
  wipe(text.data(), text.size());
  return written;
}

Result<AuditSecrets> open_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys) {
  TRY_VOID(require_private(files, path));
  const Bytes bytes = TRY(files.read(path, kFileLimit));
  const ByteView view(bytes);
  if (view.size() < kSealedMagic.size() + kWrappedKeyBytes || as_text(view.first(kSealedMagic.size())) != kSealedMagic)
    return make_error(ErrorCode::corrupted, "The file of the audit keys is damaged.", path);
  const ByteView wrapped = view.subspan(kSealedMagic.size(), kWrappedKeyBytes);
  const ByteView payload = view.subspan(kSealedMagic.size() + kWrappedKeyBytes);
  Result<Bytes> opened = open(keys, kAuditBinding, {Bytes(wrapped.begin(), wrapped.end()), Bytes(payload.begin(), payload.end())});
  if (!opened || opened->size() != 2 * kKeyBytes)
    return make_error(ErrorCode::configuration, "The audit keys were sealed under another ENCRYPTION_KEY, or are damaged.", path);
  const WipeAtExit wiper(*opened);
  return AuditSecrets{Secret(ByteView(*opened).first(kKeyBytes)), Secret(ByteView(*opened).subspan(kKeyBytes))};
}

Result<void> write_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys, ByteView secrets) {
  const SealedText sealed = seal(keys, kAuditBinding, secrets);
  Bytes bytes(kSealedMagic.begin(), kSealedMagic.end());
  bytes.insert(bytes.end(), sealed.wrapped_key.begin(), sealed.wrapped_key.end());
  bytes.insert(bytes.end(), sealed.payload.begin(), sealed.payload.end());
  return files.write_atomically(path, bytes, kOwnerOnly);
}

}  // namespace

Result<KeyRing> parse_key_file(std::string_view text, const std::string& where) {
  if (text.substr(0, kHeader.size()) != kHeader) return bad_line(where, 1);
  text.remove_prefix(kHeader.size());
  std::optional<KeyRing> ring;
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad_line(where, line);
    auto [version, key] = TRY(parse_line(text.substr(0, end), bad_line(where, line)));
    if (ring && version <= ring->current_version()) return bad_line(where, line);
    if (!ring) ring = KeyRing::of(std::move(key), version);
    else TRY_VOID(ring->add(version, std::move(key)));
    text.remove_prefix(end + 1);
  }
  if (!ring) return bad_line(where, 2);
  return std::move(*ring);
}

Result<void> add_key_to_file(FileSystem& files, const std::string& path, KeyVersion version) {
  TRY_VOID(files.make_folders(folder_of(path)));
  const std::unique_ptr<FileLock> lock = TRY(files.lock(path + ".lock"));
  KeyLines lines = TRY(read_lines(files, path));
  if (version == 0 || (!lines.empty() && lines.back().first >= version))
    return make_error(ErrorCode::conflict, "The key file holds this version, or a higher one, already.", path);
  const Secret root = Secret::random();
  lines.emplace_back(version, std::to_string(version) + " " + to_hex(root.view()));
  return write_lines(files, path, std::move(lines));
}

Result<void> remove_key_from_file(FileSystem& files, const std::string& path, KeyVersion version) {
  const std::unique_ptr<FileLock> lock = TRY(files.lock(path + ".lock"));
  KeyLines lines = TRY(read_lines(files, path));
  const auto line = std::find_if(lines.begin(), lines.end(), [&](const auto& one) { return one.first == version; });
  if (line == lines.end()) return make_error(ErrorCode::not_found, "The key file does not hold this version.", path);
  if (lines.size() == 1) return make_error(ErrorCode::conflict, "This is the only key of the key file: add another one first.", path);
  wipe(line->second.data(), line->second.size());
  lines.erase(line);
  return write_lines(files, path, std::move(lines));
}

Result<KeyRing> load_key_file(FileSystem& files, const std::string& path) {
  TRY_VOID(require_private(files, path));
  Bytes bytes = TRY(files.read(path, kFileLimit));
  const WipeAtExit wiper(bytes);
  return parse_key_file(as_text(bytes), path);
}

Result<void> add_later_keys(FileSystem& files, const std::string& path, KeyRing& ring) {
  KeyLines lines = TRY(read_lines(files, path));
  Result<void> added = ok();
  for (auto& [version, line] : lines) {
    if (added && version > ring.current_version()) added = ring.add(version, TRY(parse_line(line, bad_line(path, 0))).second);
    wipe(line.data(), line.size());
  }
  return added;
}

Result<LoadedKeys> load_or_create_key_file(FileSystem& files, const std::string& path) {
  TRY_VOID(files.make_folders(folder_of(path)));
  // Two first starts at once must not each make a key and lose one of them.
  const std::unique_ptr<FileLock> lock = TRY(files.lock(path + ".lock"));
  const bool missing = !files.exists(path);
  if (missing) {
    const Secret root = Secret::random();
    std::string digits = to_hex(root.view());
    std::string text = std::string(kHeader) + "1 " + digits + "\n";
    const Result<void> written = files.write_atomically(path, as_bytes(text), kOwnerOnly);
    wipe(digits.data(), digits.size());
    wipe(text.data(), text.size());
    TRY_VOID(written);
    TRY_VOID(files.sync_folder(folder_of(folder_of(path))));
  }
  return LoadedKeys{TRY(load_key_file(files, path)), missing};
}

Result<AuditSecrets> load_or_create_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys) {
  TRY_VOID(files.make_folders(folder_of(path)));
  const std::unique_ptr<FileLock> lock = TRY(files.lock(path + ".lock"));
  if (!files.exists(path)) {
    Bytes fresh = random_bytes(2 * kKeyBytes);
    const WipeAtExit wiper(fresh);
    TRY_VOID(write_audit_secrets(files, path, keys, fresh));
    TRY_VOID(files.sync_folder(folder_of(folder_of(path))));
  }
  return open_audit_secrets(files, path, keys);
}

Result<bool> reseal_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys) {
  const auto is_current = [&]() -> Result<bool> {
    return TRY(version_of(TRY(files.read_at(path, kSealedMagic.size(), kWrappedKeyBytes)))) == keys.current_version();
  };
  if (TRY(is_current())) return false;  // servers ask every few seconds, so most of the time without the lock
  const std::unique_ptr<FileLock> lock = TRY(files.lock(path + ".lock"));
  if (TRY(is_current())) return false;
  const AuditSecrets secrets = TRY(open_audit_secrets(files, path, keys));
  Bytes both;
  both.reserve(2 * kKeyBytes);
  const WipeAtExit wiper(both);
  for (const Secret* secret : {&secrets.chain, &secrets.signature}) both.insert(both.end(), secret->view().begin(), secret->view().end());
  TRY_VOID(write_audit_secrets(files, path, keys, both));
  return true;
}

Result<AuditSecrets> load_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys) {
  return open_audit_secrets(files, path, keys);
}

}  // namespace osler::vault
