// The key under which patients and objects get their new names: a file of 64 hexadecimal digits. Whoever holds it can link those names to patients.
#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"
#include "vault/secret.h"

namespace osler::app {

struct PseudonymKey {
  vault::Secret secret;
  bool is_new = false;  // made just now: worth a word to whoever started this
};

/// Reads `path`, or makes it (mode 0600) where there is none. Empty: a key for this run, kept nowhere. ErrorCode::configuration: others than its owner may read
/// the file, or it does not hold a key; errors never repeat what it holds.
Result<PseudonymKey> load_or_create_pseudonym_key(FileSystem& files, const std::string& path);

}  // namespace osler::app
