// The walls hold: each deed in a process of its own (sandbox_probe.cc).
#include "decoder/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace {

int status_of(std::string deed) {
  std::string program = OSLER_SANDBOX_PROBE;
  char* arguments[] = {program.data(), deed.data(), nullptr};
  char* environment[] = {nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t id = -1;
  EXPECT_EQ(posix_spawn(&id, program.c_str(), &actions, nullptr, arguments, environment), 0);
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  EXPECT_EQ(waitpid(id, &status, 0), id);
  return status;
}

class SandboxAllows : public testing::TestWithParam<const char*> {};
class SandboxRefuses : public testing::TestWithParam<const char*> {};
class SandboxKills : public testing::TestWithParam<const char*> {};

TEST_P(SandboxAllows, WhatDecodingNeeds) {
  const int status = status_of(GetParam());
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}
INSTANTIATE_TEST_SUITE_P(Sandbox, SandboxAllows, testing::Values("nothing", "write_output", "read_input", "little_memory"));

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their run-time needs what the walls forbid

TEST_P(SandboxRefuses, WithoutAnEnd) {
  const int status = status_of(GetParam());
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
}
INSTANTIATE_TEST_SUITE_P(Sandbox, SandboxRefuses, testing::Values("read_file", "too_much_memory"));

TEST_P(SandboxKills, Otherwise) {
  const int status = status_of(GetParam());
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << status;
}
INSTANTIATE_TEST_SUITE_P(Sandbox, SandboxKills, testing::Values("write_file", "read_other", "write_other", "socket", "execve", "fork", "thread", "kill",
  "executable_memory", "make_executable", "dumpable"));

TEST(SandboxTest, ProcessorTimeEnds) {
  const int status = status_of("spin");
  EXPECT_TRUE(WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) << status;
}

#endif

}  // namespace
