#include "audit/logs.h"

#include <filesystem>

#include "audit/reader.h"
#include "vault/key_file.h"

namespace osler::audit {

std::string OpenedLog::name() const {
  const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

LogIdentity OpenedLog::identity() const { return {name(), to_hex(keys.signer().public_key())}; }

Result<std::vector<OpenedLog>> open_logs(FileSystem& files, const vault::KeyRing& keys, const std::string& folder) {
  std::vector<OpenedLog> logs;
  if (files.exists(folder))
    for (const std::string& path : TRY(find_logs(files, folder))) {
      Result<vault::AuditSecrets> secrets = vault::load_audit_secrets(files, path + "/" + std::string(kSecretsFile), keys);
      if (!secrets && secrets.error().code == ErrorCode::not_found)
        return make_error(ErrorCode::corrupted, "The audit log in " + path + " has lost its keys (the file secrets): nothing in it can be verified.");
      logs.push_back({path, Keys(TRY(std::move(secrets)))});
    }
  if (logs.empty())
    return make_error(ErrorCode::not_found, "There is no audit log at " + folder + ": nothing was served from here yet, or AUDIT_DIR is wrong.");
  return logs;
}

}  // namespace osler::audit
