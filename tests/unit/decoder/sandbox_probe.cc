// Enters the sandbox and does what its argument says; ends with 0 if nothing stopped it. For sandbox_test.cc alone.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include "decoder/sandbox.h"

namespace {

constexpr std::size_t kTooMuch = std::size_t{600} << 20;

int result(bool worked) { return worked ? 0 : 1; }

using Deed = int (*)();
const std::map<std::string, Deed> kDeeds = {
  {"nothing", [] { return 0; }},
  {"write_output", [] { return result(write(STDOUT_FILENO, "x", 1) == 1); }},
  {"read_input", [] { char byte; return result(read(STDIN_FILENO, &byte, 1) >= 0); }},
  {"little_memory", [] { return result(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED); }},
  {"read_file", [] { return result(open("/etc/hostname", O_RDONLY) >= 0); }},
  {"too_much_memory", [] { return result(mmap(nullptr, kTooMuch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED); }},
  {"write_file", [] { return result(open("/tmp/osler_sandbox_probe", O_WRONLY | O_CREAT, 0600) >= 0); }},
  {"read_other", [] { char byte; return result(read(7, &byte, 1) >= 0); }},
  {"write_other", [] { return result(write(7, "x", 1) >= 0); }},
  {"socket", [] { return result(socket(AF_INET, SOCK_STREAM, 0) >= 0); }},
  {"execve", [] { return result(execl("/bin/true", "true", nullptr) == 0); }},
  {"fork", [] { return result(fork() >= 0); }},
  {"thread", [] { std::thread([] {}).join(); return 0; }},
  {"kill", [] { return result(kill(getppid(), 0) == 0); }},
  {"executable_memory", [] { return result(mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED); }},
  {"make_executable", [] {
     void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
     return result(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
   }},
  {"dumpable", [] { return result(prctl(PR_SET_DUMPABLE, 1) == 0); }},
  {"spin", [] { for (std::atomic<bool> is_done = false; !is_done;) {} return 0; }},
};

}  // namespace

int main(int count, char** arguments) {
  const auto deed = kDeeds.find(count > 1 ? arguments[1] : "");
  if (deed == kDeeds.end() || !osler::decoder::enter_sandbox()) return 99;
  _exit(deed->second());
}
