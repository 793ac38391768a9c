#include "http/upload_room.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace osler::http {

namespace asio = boost::asio;

asio::awaitable<UploadRoom::Lease> UploadRoom::take(std::size_t bytes, std::chrono::milliseconds patience) {
  if (waiting_.empty() && bytes <= free_) {
    free_ -= bytes;
    co_return Lease(*this, bytes);
  }
  if (waiting_.size() >= most_waiting_) co_return Lease();
  const auto place = waiting_.insert(waiting_.end(), Waiter{bytes, asio::steady_timer(co_await asio::this_coro::executor, patience)});
  co_await place->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  Lease lease = place->admitted ? Lease(*this, bytes) : Lease();
  waiting_.erase(place);
  if (!lease) give_back(0);  // whoever stood behind may fit
  co_return lease;
}

void UploadRoom::give_back(std::size_t bytes) {
  free_ += bytes;
  for (Waiter& waiter : waiting_) {
    if (waiter.admitted) continue;  // on its way out of the line
    if (waiter.bytes > free_) return;
    free_ -= waiter.bytes;
    waiter.admitted = true;
    waiter.timer.cancel();
  }
}

}  // namespace osler::http
