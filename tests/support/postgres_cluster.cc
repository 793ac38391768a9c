#include "support/postgres_cluster.h"

#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <vector>

#include "base/check.h"

namespace osler {

namespace {

namespace fs = std::filesystem;

/// The folder of the newest PostgreSQL that has pgvector; empty: none.
std::string find_programs() {
  std::string found;
  int newest = 0;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string name = entry.path().filename();
    const int version = std::atoi(name.c_str());
    if (version <= newest || !fs::exists(entry.path() / "bin/initdb") || !fs::exists("/usr/share/postgresql/" + name + "/extension/vector.control")) continue;
    newest = version;
    found = entry.path() / "bin";
  }
  return found;
}

/// PostgreSQL refuses to run as root. Whatever becomes of this process, the server ends with it.
std::vector<std::string> unprivileged(std::vector<std::string> command) {
  std::vector<std::string> all = {"setpriv", "--pdeathsig=INT"};
  if (geteuid() == 0) all.insert(all.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

int start(const std::vector<std::string>& command, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int child = fork();
  CHECK(child >= 0);
  if (child != 0) return child;
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::string make_folder() {
  std::string name = "/tmp/osler-postgres-XXXXXX";
  CHECK(mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

PostgresCluster* PostgresCluster::get() {
  static const std::unique_ptr<PostgresCluster> cluster = []() -> std::unique_ptr<PostgresCluster> {
    const std::string programs = find_programs();
    if (!programs.empty()) return std::unique_ptr<PostgresCluster>(new PostgresCluster(programs));
    std::cout << "PostgreSQL with pgvector is not installed: its tests are skipped (./run setup test installs it)" << std::endl;
    return nullptr;
  }();
  return cluster.get();
}

PostgresCluster::PostgresCluster(std::string programs) : programs_(std::move(programs)), folder_(make_folder()) {
  if (geteuid() == 0) CHECK(std::system(("chown postgres:postgres " + folder_).c_str()) == 0);
  FILE* nowhere = std::fopen("/dev/null", "w");
  const int child = start(unprivileged({programs_ + "/initdb", "-D", folder_ + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"}),
                          fileno(nowhere));
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  std::fclose(nowhere);
  start_server();
}

void PostgresCluster::start_server() {
  int pipe_ends[2];
  CHECK(pipe(pipe_ends) == 0);
  server_ = start(unprivileged({programs_ + "/postgres", "-D", folder_ + "/data", "-c", "listen_addresses=", "-c", "unix_socket_directories=" + folder_,
                                "-c", "max_connections=60", "-c", "shared_buffers=32MB"}),
                  pipe_ends[1]);
  close(pipe_ends[1]);
  log_reader_ = std::thread([this, log = pipe_ends[0]] { read_log(log); });
  std::unique_lock guard(mutex_);
  changed_.wait(guard, [this] { return ready_ || ended_; });
  if (!ready_) std::cerr << log_ << std::endl;
  CHECK(ready_);
}

void PostgresCluster::read_log(int pipe) {
  char buffer[4096];
  for (ssize_t size = 0; (size = read(pipe, buffer, sizeof buffer)) > 0;) {
    const std::lock_guard guard(mutex_);
    log_.append(buffer, static_cast<std::size_t>(size));
    ready_ = ready_ || log_.find("ready to accept connections") != std::string::npos;
    if (ready_) log_.clear();
    changed_.notify_all();
  }
  close(pipe);
  const std::lock_guard guard(mutex_);
  ended_ = true;
  changed_.notify_all();
}

PostgresCluster::~PostgresCluster() {
  kill(server_, SIGINT);
  waitpid(server_, nullptr, 0);
  log_reader_.join();
  fs::remove_all(folder_);
}

std::string PostgresCluster::url_of(const std::string& database) const { return "postgresql://postgres@/" + database + "?host=" + folder_; }

std::string PostgresCluster::create_database() {
  const std::string name = "test_" + std::to_string(++made_);
  CHECK(run(url_of("postgres"), "CREATE DATABASE " + name));
  return url_of(name);
}

std::string PostgresCluster::empty_database() {
  if (free_.empty()) return create_database();
  const std::string url = free_.back();
  free_.pop_back();
  return url;
}

void PostgresCluster::give_back(const std::string& database_url) {
  if (run(database_url, "SET client_min_messages = error; DROP SCHEMA IF EXISTS osler, osler_keys CASCADE; DROP TABLE IF EXISTS child, t")) free_.push_back(database_url);
}

bool PostgresCluster::run(const std::string& database_url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(database_url.c_str()), PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) return false;
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

}  // namespace osler
