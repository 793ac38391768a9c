#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "http/message.h"

namespace osler::http::testing {

Wire::Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

Wire::~Wire() { ::close(socket_); }

bool Wire::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Wire::finish_sending() { ::shutdown(socket_, SHUT_WR); }

void Wire::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(socket_);
  socket_ = -1;
}

bool Wire::fill() {
  char bytes[16384];
  const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

Answer Wire::receive(bool head) {
  Answer answer;
  std::size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return answer;
  std::string_view lines(buffer_.data(), end);
  std::string_view first = take_until(lines, '\n');
  answer.status = first.size() > 12 ? std::stoi(std::string(first.substr(9, 3))) : -1;
  while (!lines.empty()) {
    std::string_view line = take_until(lines, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view name = take_until(line, ':');
    answer.headers[to_lower(name)] = std::string(trim(line));
  }
  buffer_.erase(0, end + 4);
  const bool has_body = !head && answer.status >= 200 && answer.headers.count("content-length") > 0;
  const std::size_t length = has_body ? std::stoul(answer.headers["content-length"]) : 0;
  while (buffer_.size() < length)
    if (!fill()) return answer;
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return answer;
}

Answer Wire::receive_final() {
  Answer answer = receive();
  while (answer.status == 100) answer = receive();
  return answer;
}

bool Wire::closed_by_server() {
  if (!buffer_.empty()) return false;
  char byte;
  const ssize_t count = ::recv(socket_, &byte, 1, 0);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

ServerOptions trial_options() {
  ServerOptions options;
  options.port = 0;
  options.trial = true;
  options.threads = 2;
  options.rate_limit_per_minute = 1'000'000;
  options.memory_warn_mb = 0;
  return options;
}

RunningServer::RunningServer(ServerOptions options, service::BatchService* batches) {
  auto server = Server::create(std::move(options), service_, films_, cases_, clock_, Logger(LogLevel::error), batches);
  if (!server) ADD_FAILURE() << describe(server.error());
  server_ = std::move(server).value();
  thread_ = std::thread([this] { server_->run(); });
}

RunningServer::~RunningServer() {
  service_.unblock();
  if (server_) server_->stop();
  join();
  destroy();
}

void RunningServer::join() {
  if (thread_.joinable()) thread_.join();
}

void RunningServer::destroy() { server_.reset(); }

std::string request(std::string_view method, std::string_view path, std::string_view headers,
                    std::optional<std::string_view> body) {
  std::string text = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers);
  if (body) text += "Content-Length: " + std::to_string(body->size()) + "\r\n";
  return text + "\r\n" + std::string(body.value_or(""));
}

std::string diagnose_request(std::string_view body, std::string_view headers) {
  return request("POST", "/api/v1/diagnose", "Content-Type: application/json\r\n" + std::string(headers), body);
}

}  // namespace osler::http::testing
