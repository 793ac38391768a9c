// Key files: the key ring of a machine without ENCRYPTION_KEY, and keys sealed under a ring.
// Byte grammar: docs/formats/key_file.md.
#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"
#include "vault/key_ring.h"

namespace osler::vault {

/// Reads the keys of `path`. ErrorCode::configuration when anybody but the owner may read or write the file, or when it
/// breaks its grammar; not_found when there is none.
Result<KeyRing> load_key_file(FileSystem& files, const std::string& path);

/// The keys of a text of that grammar; `where` names it in errors, which never repeat a key.
Result<KeyRing> parse_key_file(std::string_view text, const std::string& where);

/// Adds a fresh key of this version, above all others, to the file of `path` (made if missing, mode 0600, synced). ErrorCode::conflict when the version
/// is not above all others of the file.
Result<void> add_key_to_file(FileSystem& files, const std::string& path, KeyVersion version);
/// Takes the key of a version out of the file; its bytes are gone from the file, not from copies of it. ErrorCode::not_found when it is not there, conflict when it is
/// the only one.
Result<void> remove_key_from_file(FileSystem& files, const std::string& path, KeyVersion version);

/// Adds to `ring` the keys of the file whose version is above all of it. Errors as for load_key_file().
Result<void> add_later_keys(FileSystem& files, const std::string& path, KeyRing& ring);

struct LoadedKeys {
  KeyRing keys;
  bool created = false;  // a fresh key was made: worth a line in the log
};

/// Reads the keys of `path`, or makes a fresh one there (mode 0600, synced) when there is none: trial mode only.
/// Makes the folder too. ErrorCode::conflict when another process does the same at this moment.
Result<LoadedKeys> load_or_create_key_file(FileSystem& files, const std::string& path);

/// Two secrets that belong to the audit log, kept sealed under a ring so that rotation rewraps and does not change them.
struct AuditSecrets {
  Secret chain;     // authenticates each frame
  Secret signature; // Ed25519 seed
};

/// Opens the sealed secrets at `path`, or makes and seals fresh ones when there are none. ErrorCode::configuration when
/// they were sealed under another key; corrupted when the file breaks its grammar.
Result<AuditSecrets> load_or_create_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys);

/// Seals them anew under the current version of `keys` when they are sealed under another one: after a rotation. True when it did.
/// ErrorCode::conflict when another process does so at this moment.
Result<bool> reseal_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys);

/// The same, but never makes any: not_found.
Result<AuditSecrets> load_audit_secrets(FileSystem& files, const std::string& path, const KeyRing& keys);

}  // namespace osler::vault
