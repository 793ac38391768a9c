// A PostgreSQL of a test binary's own: a private cluster in a temporary folder, on a Unix socket, started at first use and stopped with the process.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace osler {

class PostgresCluster {
 public:
  /// Null where PostgreSQL with pgvector is not installed, which is said once.
  static PostgresCluster* get();

  /// A fresh, empty database; its URL.
  std::string create_database();
  /// The same, of those that were given back if there is one: making one takes longer than most tests.
  std::string empty_database();
  /// Nobody may be connected any more. What tests made in it goes.
  void give_back(const std::string& database_url);
  /// Runs one statement as the superuser; false on an error.
  bool run(const std::string& database_url, const std::string& sql);

  ~PostgresCluster();

 private:
  explicit PostgresCluster(std::string programs);
  void start_server();
  void read_log(int pipe);
  std::string url_of(const std::string& database) const;

  const std::string programs_, folder_;
  int server_ = -1, made_ = 0;
  std::vector<std::string> free_;
  std::thread log_reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false, ended_ = false;
  std::string log_;
};

}  // namespace osler
