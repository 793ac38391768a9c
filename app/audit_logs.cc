#include "app/audit_logs.h"

#include <filesystem>

#include "audit/reader.h"
#include "vault/key_file.h"

namespace osler::app {

std::string AuditLog::name() const {
  const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

audit::LogIdentity AuditLog::identity() const { return {name(), to_hex(keys.signer().public_key())}; }

Result<std::vector<AuditLog>> open_audit_logs(FileSystem& files, const vault::KeyRing& keys, const std::string& folder) {
  std::vector<AuditLog> logs;
  if (files.exists(folder))
    for (const std::string& path : TRY(audit::find_logs(files, folder))) {
      Result<vault::AuditSecrets> secrets = vault::load_audit_secrets(files, path + "/" + std::string(audit::kSecretsFile), keys);
      if (!secrets && secrets.error().code == ErrorCode::not_found)
        return make_error(ErrorCode::corrupted, "The audit log in " + path + " has lost its keys (the file secrets): nothing in it can be verified.");
      logs.push_back({path, audit::Keys(TRY(std::move(secrets)))});
    }
  if (logs.empty())
    return make_error(ErrorCode::not_found, "There is no audit log at " + folder + ": nothing was served from here yet, or AUDIT_DIR is wrong.");
  return logs;
}

}  // namespace osler::app
