// Where the I/O thread waits for what another thread works on, and what calls that work. Everything here is for the I/O thread only unless it says otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/connection.h"
#include "http/middleware/shared_rate_limit.h"
#include "http/problem.h"

namespace osler::http {

/// Where an answer arrives from another thread. All but `gone` is for the I/O thread only.
struct AnswerSlot {
  explicit AnswerSlot(const boost::asio::any_io_executor& executor) : news(executor) {}
  boost::asio::steady_timer news;  // cancelled when there is some, expires when the answer comes too late
  std::optional<Response> response;
  bool client_ended = false;  // no byte can follow: the client closed the connection or its own half of it
  const std::shared_ptr<std::atomic<bool>> gone = std::make_shared<std::atomic<bool>>(false);
};

/// One step of taking a body: an answer ends it.
using Step = std::function<std::optional<Response>()>;

/// What one step of taking a body came to. I/O thread only.
struct StepSlot {
  explicit StepSlot(const boost::asio::any_io_executor& executor) : done(executor, boost::asio::steady_timer::time_point::max()) {}
  boost::asio::steady_timer done;  // cancelled when it is
  std::optional<Response> response;
};

/// Where the verdict of the shared rate limit arrives. I/O thread only.
struct VerdictSlot {
  explicit VerdictSlot(const boost::asio::any_io_executor& executor) : news(executor, boost::asio::steady_timer::time_point::max()) {}
  boost::asio::steady_timer news;  // cancelled when there is some
  std::optional<RateVerdict> verdict;
};

/// A Done, for any thread, that hands the answer to the I/O thread, or drops it when nobody waits for it any more.
inline Done deliver_to(const std::shared_ptr<AnswerSlot>& slot, const std::weak_ptr<boost::asio::io_context>& io) {
  return [weak_slot = std::weak_ptr<AnswerSlot>(slot), io](Response response) {
    const auto context = io.lock();
    if (!context) return;
    boost::asio::post(*context, [weak_slot, response = std::move(response)]() mutable {
      const auto waiting = weak_slot.lock();
      if (!waiting || waiting->response) return;
      waiting->response = std::move(response);
      waiting->news.cancel();
    });
  };
}

/// Runs the handler, on any thread; an exception out of it (third-party code, memory) becomes a 500 without its words, which may
/// repeat the request.
inline void call_handler(const ServerState& state, const Exchange& exchange, const Done& done) {
  try {
    exchange.route->handler(*state.parts, exchange.request, exchange.context, done);
  } catch (const std::exception&) {
    done(problem_response(make_error(ErrorCode::internal, "", "exception in a handler"), exchange.context.request_id));
  }
}

/// The same for one step of taking a body.
inline std::optional<Response> call_step(const Step& step, const std::string& request_id) {
  try {
    return step();
  } catch (const std::exception&) {
    return problem_response(make_error(ErrorCode::internal, "", "exception while a body was taken"), request_id);
  }
}

/// A job for a worker: does the step, and tells the I/O thread.
inline WorkerPool::Job job_of(const Step& step, const std::string& request_id, const std::shared_ptr<StepSlot>& slot, const std::weak_ptr<boost::asio::io_context>& io) {
  return [step, request_id, weak_slot = std::weak_ptr<StepSlot>(slot), io] {
    auto response = call_step(step, request_id);
    const auto context = io.lock();
    if (!context) return;
    boost::asio::post(*context, [weak_slot, response = std::move(response)]() mutable {
      const auto waiting = weak_slot.lock();
      if (!waiting) return;
      waiting->response = std::move(response);
      waiting->done.cancel();
    });
  };
}

/// A job that waits for a worker holds the body of an upload though its client has gone: the room that it takes is given back with it, on the I/O thread.
class RoomOfBody {
 public:
  RoomOfBody(std::shared_ptr<ServerState> state, UploadRoom::Lease room) : held_{std::move(state), std::move(room)} {}
  RoomOfBody(const RoomOfBody&) = delete;
  RoomOfBody& operator=(const RoomOfBody&) = delete;
  ~RoomOfBody() {
    if (const auto io = held_.state->io.lock()) boost::asio::post(*io, [held = std::move(held_)] {});
  }

 private:
  struct Held {
    std::shared_ptr<ServerState> state;  // what the room is of, so that it goes last
    UploadRoom::Lease room;
  };
  Held held_;
};

}  // namespace osler::http
