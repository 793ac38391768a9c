#include "audit/witness.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "audit_fixture.h"
#include "base/ids.h"

namespace osler::audit {
namespace {

/// A socket that a journal would listen at.
class Journal {
 public:
  Journal() : path_(testing::TempDir() + make_uuid()), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Journal() {
    ::close(socket_);
    std::filesystem::remove(path_);
  }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  std::string witness() const { return "syslog:" + path_; }
  /// Empty when nothing has come.
  std::string receive() {
    char text[4096];
    const ssize_t size = ::recv(socket_, text, sizeof text, 0);
    return size < 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  const std::string path_;
  const int socket_;
};

class WitnessTest : public AuditTest {};

TEST_F(WitnessTest, AJournalGetsEachCheckpointAsALine) {
  Journal journal;
  options_.witness = journal.witness();
  { fill(*open().value(), 3); }
  const std::string message = journal.receive();
  EXPECT_TRUE(message.starts_with("<85>")) << message;
  const std::string tag = " osler-checkpoint[" + std::to_string(::getpid()) + "]: ";
  ASSERT_NE(message.find(tag), std::string::npos) << message;
  const std::string line = message.substr(message.find(tag) + tag.size());
  EXPECT_EQ(parse_checkpoint(keys_.signer().public_key(), line).value().size, 3u);
  EXPECT_EQ(journal.receive(), "");
}

TEST_F(WitnessTest, AJournalThatDoesNotListenIsCounted) {
  options_.witness = "syslog:/nowhere/at/all";
  options_.checkpoint_entries = 1;
  const auto log = open().value();
  fill(*log, 2);
  EXPECT_EQ(log->witness_failures(), 2u);
  EXPECT_FALSE(tell_witness(*files_, "syslog:" + std::string(200, 'x'), "line\n"));
}

TEST_F(WitnessTest, TheVerifierSaysThatAJournalCannotBeReadBackAndTakesItsLinesFromAFile) {
  Journal journal;
  options_.witness = journal.witness();
  { fill(*open().value(), 3); }
  const VerifyReport blind = verify_log(options_.witness);
  EXPECT_TRUE(blind.sound());
  EXPECT_NE(blind.unseen.back().find("journalctl"), std::string::npos);
  const std::string message = journal.receive();
  const std::string lines = message.substr(message.find("]: ") + 3) + "\n";
  disk_.tamper("/elsewhere/lines", Bytes(lines.begin(), lines.end()));
  EXPECT_EQ(verify_log("/elsewhere/lines").witnessed_entries, 3u);
}

TEST_F(WitnessTest, LogsThatShareAFileDoNotTakeEachOthersLines) {
  options_.witness = "/elsewhere/witness";
  { fill(*open().value(), 3); }
  const Keys others = fresh_keys();
  LogOptions second = options_;
  second.folder = "/audit/commands";
  {
    const auto log = Log::open(*files_, clock_, others, second).value();
    fill(*log, 8);
  }
  EXPECT_TRUE(open()) << "a longer log beside it is no damage";
  const VerifyReport report = verify_log(options_.witness);
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.witnessed_entries, 3u);
  EXPECT_EQ(report.foreign_witness_lines, 1u);
}

}  // namespace
}  // namespace osler::audit
