// In place of osler-decoder: does what the first word of its input says. For decoder_process_test.cc alone.
#include <dirent.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "imaging/film_wire.h"

extern char** environ;

namespace {

using namespace osler;

bool write_all(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

void say(const std::string& text) { imaging::write_film(make_error(ErrorCode::invalid, text), write_all); }

std::string descriptors() {
  std::string names;
  DIR* folder = opendir("/proc/self/fd");
  const int own = dirfd(folder);
  while (const dirent* entry = readdir(folder))
    if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != own) names += entry->d_name + std::string(" ");
  closedir(folder);
  return names;
}

std::string environment() {
  std::string names;
  for (char** each = environ; *each != nullptr; ++each) names += std::string(*each).substr(0, std::strcspn(*each, "=")) + " ";
  return names;
}

}  // namespace

int main(int count, char** arguments) {
  std::string word(32, '\0');
  word.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(STDIN_FILENO, word.data(), word.size()))));
  if (word == "hang") for (;;) pause();
  if (word == "hang after a film") { say("done"); for (;;) pause(); }
  if (word == "half") { write_all(as_bytes("OSLFILM1\x40")); return 0; }
  if (word == "half, then hang") { write_all(as_bytes("OSLFILM1\x40")); for (;;) pause(); }
  if (word == "crash") std::raise(SIGSEGV);
  if (word == "out of time") std::raise(SIGXCPU);
  if (word == "fail") return 3;
  if (word == "flood") for (const std::string zeros(1 << 16, '\0'); write_all(as_bytes(zeros));) {}
  if (word == "flood after a film") { say("done"); for (const std::string zeros(1 << 16, '\0'); write_all(as_bytes(zeros));) {} }
  if (word == "descriptors") say(descriptors());
  if (word == "environment") say(environment());
  if (word == "arguments") { std::string all; for (int i = 1; i < count; ++i) all += arguments[i] + std::string(" "); say(all); }
  return 0;
}
