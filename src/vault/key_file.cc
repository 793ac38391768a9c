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

Result<KeyRing> parse_keys(std::string_view text, const std::string& path) {
  if (text.substr(0, kHeader.size()) != kHeader) return bad_line(path, 1);
  text.remove_prefix(kHeader.size());
  std::optional<KeyRing> ring;
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad_line(path, line);
    auto [version, key] = TRY(parse_line(text.substr(0, end), bad_line(path, line)));
    if (ring ? version <= ring->current_version() : version != 1) return bad_line(path, line);
    if (!ring) ring = KeyRing::of(std::move(key));
    else TRY_VOID(ring->add(version, std::move(key)));
    text.remove_prefix(end + 1);
  }
  if (!ring) return bad_line(path, 2);
  return std::move(*ring);
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

Result<void> write_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys) {
  Bytes secrets = random_bytes(2 * kKeyBytes);
  const WipeAtExit wiper(secrets);
  const SealedText sealed = seal(keys, kAuditBinding, secrets);
  Bytes bytes(kSealedMagic.begin(), kSealedMagic.end());
  bytes.insert(bytes.end(), sealed.wrapped_key.begin(), sealed.wrapped_key.end());
  bytes.insert(bytes.end(), sealed.payload.begin(), sealed.payload.end());
  return files.write_atomically(path, bytes, kOwnerOnly);
}

}  // namespace

Result<KeyRing> load_key_file(FileSystem& files, const std::string& path) {
  TRY_VOID(require_private(files, path));
  Bytes bytes = TRY(files.read(path, kFileLimit));
  const WipeAtExit wiper(bytes);
  return parse_keys(as_text(bytes), path);
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
    TRY_VOID(write_audit_secrets(files, path, keys));
    TRY_VOID(files.sync_folder(folder_of(folder_of(path))));
  }
  return open_audit_secrets(files, path, keys);
}

Result<AuditSecrets> load_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys) {
  return open_audit_secrets(files, path, keys);
}

}  // namespace osler::vault
