#include "http/slots.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace osler::http {
namespace {

Response answer(const std::string& text) {
  Response response;
  response.body = text;
  return response;
}

TEST(Slots, TakeTheFirstAnswerAndNoOther) {
  const auto io = std::make_shared<boost::asio::io_context>();
  const auto slot = std::make_shared<AnswerSlot>(io->get_executor());
  const Done done = deliver_to(slot, io);
  done(answer("first"));
  done(answer("second"));
  EXPECT_FALSE(slot->response) << "it is for the I/O thread to take it";
  io->run();
  ASSERT_TRUE(slot->response);
  EXPECT_EQ(slot->response->body, "first");
}

TEST(Slots, AnAnswerThatNobodyWaitsForIsDropped) {
  const auto io = std::make_shared<boost::asio::io_context>();
  auto slot = std::make_shared<AnswerSlot>(io->get_executor());
  const Done done = deliver_to(slot, io);
  done(answer("late"));
  slot.reset();
  EXPECT_EQ(io->run(), 1u);
}

TEST(Slots, AnAnswerAfterTheServerIsDropped) {
  auto io = std::make_shared<boost::asio::io_context>();
  auto slot = std::make_shared<AnswerSlot>(io->get_executor());
  const Done done = deliver_to(slot, io);
  slot.reset();
  io.reset();
  done(answer("too late"));
}

TEST(Slots, AnExceptionIsA500WithoutItsWords) {
  const auto response = call_step([]() -> std::optional<Response> { throw std::runtime_error("patient 4711"); }, "id-1");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 500u);
  EXPECT_EQ(response->body.find("4711"), std::string::npos);
  EXPECT_NE(response->body.find("id-1"), std::string::npos);
}

}  // namespace
}  // namespace osler::http
