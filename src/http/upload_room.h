// How many bytes of uploads the server holds at once. Who finds no room waits before a byte of the body is read, so that the sender waits too.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <utility>

namespace osler::http {

/// I/O thread only.
class UploadRoom {
 public:
  /// `most_waiting`: how many may stand in line.
  UploadRoom(std::size_t bytes, std::size_t most_waiting) : free_(bytes), most_waiting_(most_waiting) {}
  UploadRoom(const UploadRoom&) = delete;
  UploadRoom& operator=(const UploadRoom&) = delete;

  /// Given back when it goes. Empty: no room was got.
  class Lease {
   public:
    Lease() = default;
    Lease(UploadRoom& room, std::size_t bytes) : room_(&room), bytes_(bytes) {}
    Lease(Lease&& other) noexcept : room_(std::exchange(other.room_, nullptr)), bytes_(other.bytes_) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(room_, other.room_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Lease() {
      if (room_ != nullptr) room_->give_back(bytes_);
    }
    explicit operator bool() const { return room_ != nullptr; }

   private:
    UploadRoom* room_ = nullptr;
    std::size_t bytes_ = 0;
  };

  /// Room for `bytes` (at most all there is), first come, first served. An empty lease when too many wait already or the time is up.
  boost::asio::awaitable<Lease> take(std::size_t bytes, std::chrono::milliseconds patience);

 private:
  struct Waiter {
    std::size_t bytes;
    boost::asio::steady_timer timer;
    bool admitted = false;
  };
  void give_back(std::size_t bytes);

  std::size_t free_;
  const std::size_t most_waiting_;
  std::list<Waiter> waiting_;
};

}  // namespace osler::http
