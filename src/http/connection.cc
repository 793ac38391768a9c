#include "http/connection.h"

#include <atomic>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "base/limits.h"
#include "http/framing.h"
#include "http/middleware/shared_rate_limit.h"
#include "http/problem.h"
#include "http/slots.h"

namespace osler::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Parser = beast::http::request_parser<beast::http::string_body>;
using asio::ip::tcp;
using TlsStream = asio::ssl::stream<beast::tcp_stream>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 8 * 1024;
// A refused body up to this size is read and dropped, so that the connection can be kept.
constexpr std::size_t kSkippableBytes = 64 * 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;  // of a body that is taken in pieces
constexpr std::chrono::milliseconds kPoolPause{20};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// True for what the client did wrong in HTTP, false for a connection that ended or took too long.
bool is_protocol_fault(const error_code& failure) {
  using beast::http::error;
  if (failure == error::end_of_stream || failure == error::partial_message) return false;
  return failure.category() == beast::http::make_error_code(error::bad_method).category();
}

FramingFault fault_of(const error_code& failure, std::size_t body_bound = limits::kMaxBodyBytes) {
  using beast::http::error;
  if (failure == error::header_limit)
    return {make_error(ErrorCode::too_large, "The header may hold " + std::to_string(limits::kMaxHeaderBytes) + " bytes."), 431};
  if (failure == error::buffer_overflow) return {make_error(ErrorCode::malformed, "The head of a chunk, or what follows the last one, is too long."), 400};
  if (failure == error::body_limit) return {body_too_large(body_bound), 413};
  return {make_error(ErrorCode::malformed, "The request is not valid HTTP/1.1."), 400};
}

void read_fields(const Parser::value_type& message, Request& request) {
  request.method = std::string(message.method_string());
  for (const auto& field : message) request.headers.add(field.name_string(), field.value());
}

/// How an answer is put on the wire.
struct Form {
  unsigned version = 11;
  bool keep_alive = false;
  bool head_only = false;
};

template <typename Body>
void write_fields(const Response& response, const Form& form, beast::http::response<Body>& message) {
  message.version(form.version);
  message.result(response.status);
  for (const auto& [name, value] : response.headers) message.set(name, value);
  if (!response.content_type.empty()) message.set(beast::http::field::content_type, response.content_type);
  message.keep_alive(form.keep_alive);
}

template <typename Stream>
class Connection final : public OpenConnection, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, std::shared_ptr<ServerState> state, std::string peer)
      : stream_(std::move(stream)), state_(std::move(state)), peer_(std::move(peer)) {
    state_->connections.insert(this);
  }

  ~Connection() override {
    state_->connections.erase(this);
    if (state_->connections.empty() && state_->last_connection_closed) state_->last_connection_closed();
  }

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void close_if_idle() override {
    if (idle_) abort();
  }

  void abort() override { tcp_layer().close(); }

  static asio::awaitable<void> serve(std::shared_ptr<Connection> self) {
    bool more = co_await self->shake_hands();
    while (more) {
      more = co_await self->wait_for_request();
      if (more) more = co_await self->answer_one();
    }
    co_await self->close();
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  const Bounds& bounds() const { return state_->options.bounds; }
  beast::tcp_stream& tcp_layer() { return beast::get_lowest_layer(stream_); }

  asio::awaitable<bool> shake_hands() {
    if constexpr (kTls) {
      tcp_layer().expires_after(bounds().header_timeout);
      const auto [failure] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
      co_return !failure;
    }
    co_return true;
  }

  /// False when the client has gone or has nothing to ask for too long.
  asio::awaitable<bool> wait_for_request() {
    if (state_->stopping) co_return false;
    if (buffer_.size() > 0) co_return true;  // pipelined behind the last request
    idle_ = true;
    tcp_layer().expires_after(answered_any_ ? bounds().idle_timeout : bounds().header_timeout);
    const auto [failure, count] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kAwait);
    idle_ = false;
    buffer_.commit(count);
    co_return !failure;
  }

  /// False when the connection must end.
  asio::awaitable<bool> answer_one() {
    Parser parser;
    parser.header_limit(2 * limits::kMaxHeaderBytes);  // read_header() has the bound
    parser.body_limit(boost::none);  // Content-Length is checked before the body is touched
    const error_code failure = co_await read_header(parser);
    if (failure && !is_protocol_fault(failure)) co_return false;

    auto exchange = std::make_shared<Exchange>();
    Framing framing;
    state_->edge->begin(*exchange);
    std::optional<Response> response = identify(failure, parser, *exchange, framing);
    if (!response) response = co_await admit(*exchange, framing);
    if (!response && is_upload(*exchange->route)) {
      UploadRoom::Lease room = co_await state_->uploads.take(framing.content_length.value_or(0), bounds().body_timeout);
      if (room) exchange->room = std::make_shared<RoomOfBody>(state_, std::move(room));
      else response = state_->edge->shed(*exchange);
    }
    const bool keep_alive = parser.is_header_done() && parser.keep_alive();
    const unsigned version = parser.get().version();
    if (!response && exchange->route->open_body != nullptr) {
      response = co_await take_body(parser, framing, exchange);
      if (!response) {
        state_->edge->abandon(*exchange);
        co_return false;
      }
    } else if (!response || may_be_skipped(*response, framing)) {
      const std::size_t bound = response ? limits::kMaxBodyBytes : exchange->route->max_body_bytes;
      const error_code broken = co_await read_body(parser, framing, !response.has_value(), bound);
      if (broken && !is_protocol_fault(broken)) {
        state_->edge->abandon(*exchange);
        co_return false;
      }
      if (broken) response = state_->edge->refuse(*exchange, fault_of(broken, bound));
    } else if (framing.has_body()) {
      response->close = true;
    }
    if (!response) {
      exchange->request.body = std::move(parser.get().body());
      state_->edge->received(*exchange);
      response = co_await run_handler(exchange, version);
      if (!response) {
        state_->edge->abandon(*exchange);
        co_return false;
      }
    }
    state_->edge->finish(*exchange, *response);
    unread_ = response->close;
    answered_any_ = true;
    Form form;
    form.keep_alive = !response->close && !state_->draining && keep_alive;
    form.version = response->close ? 11 : version;
    form.head_only = exchange->request.method == "HEAD";
    const bool written = co_await write(form, *response);
    co_return written && form.keep_alive;
  }

  /// Beast's own header limit holds for each piece that arrives, not for the whole header; this one is exact.
  asio::awaitable<error_code> read_header(Parser& parser) {
    tcp_layer().expires_after(bounds().header_timeout);
    parser.eager(false);
    std::size_t parsed = 0;
    while (true) {
      error_code failure;
      if (buffer_.size() > 0) {
        const std::size_t used = parser.put(buffer_.data(), failure);
        buffer_.consume(used);
        parsed += used;
      }
      if (failure && failure != beast::http::error::need_more) co_return failure;
      const std::size_t held = parser.is_header_done() ? 0 : buffer_.size();
      if (parsed + held > limits::kMaxHeaderBytes) co_return beast::http::error::header_limit;
      if (parser.is_header_done()) co_return error_code();
      const auto [broken, count] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kAwait);
      if (broken) co_return broken;
      buffer_.commit(count);
    }
  }

  /// What can be answered from the header alone.
  std::optional<Response> identify(const error_code& failure, const Parser& parser, Exchange& exchange, Framing& framing) {
    exchange.request.peer_address = peer_;
    if (failure) return state_->edge->refuse(exchange, fault_of(failure));
    read_fields(parser.get(), exchange.request);
    if (const auto fault = check_framing(parser.get().target(), parser.get().version(), exchange.request, framing))
      return state_->edge->refuse(exchange, *fault);
    return state_->edge->identify(exchange);
  }

  asio::awaitable<std::optional<Response>> admit(Exchange& exchange, const Framing& framing) {
    std::optional<RateVerdict> shared;
    if (state_->options.shared_rate_limit != nullptr && !exchange.limited_as.empty()) shared = co_await ask_shared_limit(exchange.limited_as);
    if (auto refusal = state_->edge->admit(exchange, shared)) co_return refusal;
    co_return state_->edge->admit_body(exchange, framing);
  }

  /// Waits without holding a thread; the limiter's own time-out is soon.
  asio::awaitable<std::optional<RateVerdict>> ask_shared_limit(const std::string& client) {
    const auto slot = std::make_shared<VerdictSlot>(stream_.get_executor());
    tcp_layer().expires_never();
    state_->options.shared_rate_limit->take(client, [weak_slot = std::weak_ptr<VerdictSlot>(slot), io = state_->io](std::optional<RateVerdict> verdict) {
      const auto context = io.lock();
      if (!context) return;
      asio::post(*context, [weak_slot, verdict] {
        const auto waiting = weak_slot.lock();
        if (!waiting) return;
        waiting->verdict = verdict;
        waiting->news.cancel();
      });
    });
    co_await slot->news.async_wait(kAwait);
    co_return slot->verdict;
  }

  static bool may_be_skipped(const Response& refusal, const Framing& framing) {
    return !refusal.close && framing.has_body() && !framing.chunked && !framing.expects_continue &&
           *framing.content_length <= kSkippableBytes;
  }

  asio::awaitable<error_code> read_body(Parser& parser, const Framing& framing, bool wanted, std::size_t bound) {
    if (!framing.has_body()) co_return error_code();
    tcp_layer().expires_after(bounds().body_timeout);
    if (framing.expects_continue && wanted && !co_await send_continue()) co_return asio::error::broken_pipe;
    parser.body_limit(bound);
    const auto [failure, count] = co_await beast::http::async_read(stream_, buffer_, parser, kAwait);
    co_return failure;
  }

  /// Hands the body on in pieces; the next is read when the last was taken, so that the sender waits for the store too. None when the client has gone.
  asio::awaitable<std::optional<Response>> take_body(Parser& header, const Framing& framing, std::shared_ptr<Exchange> exchange) {
    std::shared_ptr<BodyTaker> taker = exchange->route->open_body(*state_->parts, exchange->request, exchange->context);
    Step begin = [taker] { return taker->begin(); };  // a name for each: g++ 12 destroys a lambda within a co_await twice
    std::optional<Response> response = co_await take_step(exchange, begin);
    if (!response) response = co_await take_pieces(header, framing, exchange, taker);
    begin = nullptr;
    const auto held = std::make_shared<std::shared_ptr<BodyTaker>>(std::move(taker));
    const WorkerPool::Job clear = [held] { held->reset(); };  // what a body that was cut off leaves behind is cleared away there
    co_await hand_over(clear);
    co_return response;
  }

  /// The answer; none when the client has gone.
  asio::awaitable<std::optional<Response>> take_pieces(Parser& header, const Framing& framing, std::shared_ptr<Exchange> exchange, std::shared_ptr<BodyTaker> taker) {
    beast::http::request_parser<beast::http::buffer_body> parser(std::move(header));
    parser.body_limit(exchange->route->max_body_bytes);
    const auto deadline = std::chrono::steady_clock::now() + bounds().stream_timeout;
    if (framing.expects_continue && !co_await send_continue()) co_return std::nullopt;
    const auto piece = std::make_shared<std::string>();  // a worker may hold it longer than this connection lives
    const Step take = [taker, piece] { return taker->take(*piece); };
    const Step finish = [taker] { return std::optional(taker->finish()); };
    std::optional<Response> response;
    while (!response && !parser.is_done()) {
      piece->resize(kPieceBytes);
      parser.get().body().data = piece->data();
      parser.get().body().size = piece->size();
      tcp_layer().expires_after(bounds().body_timeout);
      const auto [failure, count] = co_await beast::http::async_read(stream_, buffer_, parser, kAwait);
      if (failure && failure != beast::http::error::need_buffer) {
        if (!is_protocol_fault(failure)) co_return std::nullopt;
        co_return state_->edge->refuse(*exchange, fault_of(failure, exchange->route->max_body_bytes));
      }
      piece->resize(piece->size() - parser.get().body().size);
      tcp_layer().expires_never();
      response = co_await take_step(exchange, take);
      if (!response && state_->stopping && !parser.is_done()) response = state_->edge->shed(*exchange);
      if (!response && std::chrono::steady_clock::now() > deadline) response = state_->edge->refuse(*exchange, FramingFault{make_error(ErrorCode::timeout, "The body took too long."), 408});
    }
    if (!response) {
      response = co_await take_step(exchange, finish);
      co_return response;
    }
    response->close = response->close || !parser.is_done();
    co_return response;
  }

  asio::awaitable<bool> send_continue() {
    tcp_layer().expires_after(bounds().body_timeout);
    const auto [unsent, sent] = co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
    co_return !unsent;
  }

  /// Runs it on a worker that may wait for the store, and waits for that without holding a thread.
  asio::awaitable<std::optional<Response>> take_step(std::shared_ptr<Exchange> exchange, Step step) {
    const auto slot = std::make_shared<StepSlot>(stream_.get_executor());
    const auto job = job_of(step, exchange->context.request_id, slot, state_->io);
    co_await hand_over(job);
    co_await slot->done.async_wait(kAwait);
    co_return std::move(slot->response);
  }

  asio::awaitable<void> hand_over(const WorkerPool::Job& job) {
    asio::steady_timer pause(stream_.get_executor());
    while (!state_->film_workers->try_submit(job)) {
      pause.expires_after(kPoolPause);
      co_await pause.async_wait(kAwait);
    }
  }

  /// Waits without holding a thread: for a worker, and then for whatever the service waits for. None when the client has gone meanwhile.
  asio::awaitable<std::optional<Response>> run_handler(std::shared_ptr<Exchange> exchange, unsigned version) {
    const auto slot = std::make_shared<AnswerSlot>(stream_.get_executor());
    const Done done = deliver_to(slot, state_->io);
    tcp_layer().expires_never();
    if (exchange->route->runs == Runs::on_io_thread) {
      call_handler(*state_, *exchange, done);
    } else {
      watch_client(*exchange, slot);
      WorkerPool& pool = workers_for(*exchange->route);
      const bool taken = pool.try_submit([state = state_, &pool, exchange, done] {
        if (exchange->context.gone()) return;
        exchange->context.others_wait = pool.queued() > 0;
        call_handler(*state, *exchange, done);
      });
      if (!taken) co_return state_->edge->shed(*exchange);
    }
    slot->news.expires_after(exchange->route->runs == Runs::on_film_worker ? bounds().film_timeout : bounds().answer_timeout);
    co_await slot->news.async_wait(kAwait);
    if (slot->client_ended && !slot->response) co_await ask_client(slot, version);
    error_code ignored;
    tcp_layer().socket().cancel(ignored);  // ends the watch
    if (slot->response) co_return std::move(slot->response);
    if (*slot->gone) co_return std::nullopt;
    co_return state_->edge->refuse(*exchange, make_error(ErrorCode::timeout, "The answer took too long."));
  }

  WorkerPool& workers_for(const Route& route) { return route.runs == Runs::on_worker ? *state_->workers : *state_->film_workers; }

  /// Work that nobody waits for any more need not be done: a connection that becomes readable and has nothing to read is at its end.
  void watch_client(Exchange& exchange, const std::shared_ptr<AnswerSlot>& slot) {
    exchange.context.gone = [gone = slot->gone] { return gone->load(); };
    if (buffer_.size() > 0) return;  // a pipelined request follows, so somebody is there
    tcp_layer().socket().async_wait(tcp::socket::wait_read, [weak_slot = std::weak_ptr<AnswerSlot>(slot), weak = this->weak_from_this()](const error_code& failure) {
      const auto self = weak.lock();
      const auto waiting = weak_slot.lock();
      if (failure || !self || !waiting) return;
      error_code broken;
      waiting->client_ended = self->tcp_layer().socket().available(broken) == 0 || broken;
      if (waiting->client_ended) waiting->news.cancel();
    });
  }

  /// A client that closed its connection and one that only ended its sending (as `nc -N` and some proxies do, and may: RFC 9112, 9.6) look the
  /// same until something is written; then the first answers with a reset. So it is sent an interim response, which every client of HTTP/1.1
  /// must let pass (RFC 9110, 15.2), and has gone when that, or anything later, is refused. Then waits on.
  asio::awaitable<void> ask_client(std::shared_ptr<AnswerSlot> slot, unsigned version) {
    error_code lost;
    if (version >= 11) {
      tcp_layer().expires_after(bounds().body_timeout);
      lost = std::get<0>(co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait));
      tcp_layer().expires_never();
    }
    *slot->gone = static_cast<bool>(lost);
    if (lost || slot->response) co_return;
    tcp_layer().socket().async_wait(tcp::socket::wait_error, [weak_slot = std::weak_ptr<AnswerSlot>(slot)](const error_code& cancelled) {
      const auto waiting = weak_slot.lock();
      if (cancelled || !waiting) return;
      *waiting->gone = true;
      waiting->news.cancel();
    });
    co_await slot->news.async_wait(kAwait);
  }

  asio::awaitable<bool> write(Form form, const Response& response) {
    tcp_layer().expires_after(bounds().body_timeout);
    const std::string_view content = response.content();
    const bool never_has_body = response.status == 204 || response.status == 304;
    if (form.head_only || never_has_body) {
      beast::http::response<beast::http::empty_body> message;
      write_fields(response, form, message);
      if (!never_has_body) message.content_length(content.size());
      const auto [failure, count] = co_await beast::http::async_write(stream_, message, kAwait);
      co_return !failure;
    }
    beast::http::response<beast::http::span_body<const char>> message;
    write_fields(response, form, message);
    message.body() = {content.data(), content.size()};
    message.content_length(content.size());
    const auto [failure, count] = co_await beast::http::async_write(stream_, message, kAwait);
    co_return !failure;
  }

  /// Closing a socket that still has unread bytes resets the connection, and the client would lose the answer: so read
  /// on for a while, within bounds.
  asio::awaitable<void> drain() {
    std::size_t drained = 0;
    tcp_layer().expires_after(bounds().drain_timeout);
    while (drained < limits::kMaxDrainedBytes && !state_->stopping) {
      buffer_.clear();
      const auto [failure, count] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kAwait);
      if (failure) break;
      drained += count;
    }
  }

  asio::awaitable<void> close() {
    error_code ignored;
    if constexpr (kTls) {
      if (unread_) co_await drain();
      tcp_layer().expires_after(bounds().drain_timeout);
      if (!state_->stopping && tcp_layer().socket().is_open()) co_await stream_.async_shutdown(kAwait);
    } else {
      tcp_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
      if (unread_) co_await drain();
    }
    tcp_layer().close();
  }

  Stream stream_;
  std::shared_ptr<ServerState> state_;
  std::string peer_;
  beast::flat_buffer buffer_{limits::kMaxUnparsedBytes};
  bool idle_ = false;
  bool answered_any_ = false;
  bool unread_ = false;  // the client may still be sending what nobody will read
};

template <typename Stream>
void spawn(const std::shared_ptr<Connection<Stream>>& connection, const asio::any_io_executor& executor, Logger logger) {
  asio::co_spawn(executor, Connection<Stream>::serve(connection), [logger](std::exception_ptr thrown) {
    if (thrown) logger.error("connection_failed");
  });
}

std::string peer_of(const tcp::socket& socket) {
  error_code failure;
  const auto endpoint = socket.remote_endpoint(failure);
  return failure ? std::string() : endpoint.address().to_string();
}

}  // namespace

void start_connection(std::shared_ptr<ServerState> state, tcp::socket socket, asio::ssl::context* tls) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const asio::any_io_executor executor = socket.get_executor();
  std::string peer = peer_of(socket);
  const Logger logger = state->logger;
  beast::tcp_stream stream(std::move(socket));
  if (tls != nullptr)
    return spawn(std::make_shared<Connection<TlsStream>>(TlsStream(std::move(stream), *tls), std::move(state), std::move(peer)),
                 executor, logger);
  spawn(std::make_shared<Connection<beast::tcp_stream>>(std::move(stream), std::move(state), std::move(peer)), executor,
        logger);
}

void refuse_connection(const ServerState& state, tcp::socket socket, bool tls) {
  error_code ignored;
  if (!tls) {
    Exchange exchange;
    state.edge->begin(exchange);
    Response response = state.edge->shed(exchange);
    state.edge->finish(exchange, response);
    beast::http::response<beast::http::string_body> message;
    write_fields(response, Form{}, message);
    message.body() = std::move(response.body);
    message.prepare_payload();
    socket.non_blocking(true, ignored);
    beast::http::write(socket, message, ignored);  // into an empty send buffer: never waits
    socket.shutdown(tcp::socket::shutdown_send, ignored);
  }
  socket.close(ignored);
}

}  // namespace osler::http
