#include "app/command_log.h"

#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

#include "audit/reader.h"
#include "vault/key_file.h"

namespace osler::app {

namespace {

constexpr std::chrono::seconds kWaitForLock{5};
constexpr int kPauseMs = 20;  // a file lock with a deadline does not exist, so it is asked for again

Result<std::unique_ptr<CommandLog>> try_to_open(const Config& config, FileSystem& files, const vault::KeyRing& keys) {
  const std::string folder = config.audit_folder + "/commands";
  TRY_VOID(files.make_folders(folder));
  auto opened = std::make_unique<CommandLog>(audit::Keys(TRY(vault::load_or_create_audit_secrets(files, folder + "/" + std::string(audit::kSecretsFile), keys))));
  opened->log = TRY(audit::Log::open(files, opened->clock, opened->keys, {.folder = folder, .witness = config.audit_witness}));
  return opened;
}

}  // namespace

Result<std::unique_ptr<CommandLog>> open_command_log(const Config& config, FileSystem& files, const vault::KeyRing& keys) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + kWaitForLock;
  while (true) {
    Result<std::unique_ptr<CommandLog>> opened = try_to_open(config, files, keys);
    if (opened || opened.error().code != ErrorCode::conflict || std::chrono::steady_clock::now() >= deadline) return opened;
    ::poll(nullptr, 0, kPauseMs);
  }
}

std::string operator_name() {
  passwd user{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(::geteuid(), &user, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return "uid " + std::to_string(::geteuid());
}

Result<void> audit_command(const Trust& trust, const Config& config, audit::Action action, std::string outcome, std::string subject, std::string request_id) {
  const std::unique_ptr<CommandLog> commands = TRY(open_command_log(config, *trust.files, *trust.keys->ring()));
  audit::Entry entry;
  entry.request_id = std::move(request_id);
  entry.actor = operator_name();
  entry.role = "operator";
  entry.action = audit::name_of(action);
  entry.outcome = std::move(outcome);
  entry.subject = std::move(subject);
  TRY(commands->log->append({&entry, 1}));
  return commands->log->close();
}

}  // namespace osler::app
