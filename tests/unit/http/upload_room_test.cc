#include "http/upload_room.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace osler::http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct Line {
  asio::io_context io;
  UploadRoom room{100, 2};
  std::vector<std::pair<std::string, UploadRoom::Lease>> got;

  void ask(const std::string& name, std::size_t bytes, std::chrono::milliseconds patience = 1h) {
    asio::co_spawn(io, [this, name, bytes, patience]() -> asio::awaitable<void> { got.emplace_back(name, co_await room.take(bytes, patience)); }, asio::detached);
  }
  std::string names() const {
    std::string result;
    for (const auto& [name, lease] : got) result += name + (lease ? "+" : "-");
    return result;
  }
};

TEST(UploadRoom, FirstComeFirstServed) {
  Line line;
  line.ask("a", 60);
  line.ask("b", 60);
  line.ask("c", 10);  // would fit, but b stands before it
  line.io.poll();
  EXPECT_EQ(line.names(), "a+");
  line.got.clear();  // gives a's room back
  line.io.poll();
  EXPECT_EQ(line.names(), "b+c+");
}

TEST(UploadRoom, TooLongALineIsTurnedAwayAtOnce) {
  Line line;
  for (const char* name : {"a", "b", "c", "d"}) line.ask(name, 100);
  line.io.poll();
  EXPECT_EQ(line.names(), "a+d-");
}

TEST(UploadRoom, WhoIsOutOfPatienceLeavesTheLineToTheNext) {
  Line line;
  line.ask("a", 60);
  line.ask("b", 100, 1ms);
  line.ask("c", 40);
  line.io.run_for(50ms);
  while (line.got.size() < 3 && line.io.run_one() > 0) {
  }
  EXPECT_EQ(line.names(), "a+b-c+");
}

TEST(UploadRoom, RoomComesBackWhole) {
  Line line;
  for (int i = 0; i < 3; ++i) {
    line.ask("a", 100);
    line.io.restart();
    line.io.poll();
    ASSERT_EQ(line.names(), "a+");
    line.got.clear();
  }
}

}  // namespace
}  // namespace osler::http
