// The service floor as a test wants it: answers at once, holds its answers back, or keeps a worker busy.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "service/diagnose.h"

namespace osler::http::testing {

class FakeService final : public service::DiagnoseService {
 public:
  enum class Mode { answer, hold, block, refuse, fail_inside, throw_exception };

  Mode mode = Mode::answer;
  Error error = make_error(ErrorCode::invalid, "Some fields break their rules.");  // for Mode::refuse
  bool all_ready = true;

  void diagnose(std::string_view body, const service::RequestContext& context, const service::DiagnoseOptions& options,
                Done done) override {
    std::unique_lock lock(mutex_);
    bodies_.emplace_back(body);
    contexts_.push_back(context);
    thresholds_.push_back(options.threshold);
    changed_.notify_all();
    if (mode == Mode::throw_exception) throw std::runtime_error("secret detail of the patient");
    if (mode == Mode::hold) return held_.push_back(std::move(done));
    if (mode == Mode::block) changed_.wait(lock, [this] { return unblocked_; });
    lock.unlock();
    if (mode == Mode::refuse) return done(error);
    if (mode == Mode::fail_inside) return done(make_error(ErrorCode::internal, "outer words", "inner words"));
    done(answer(std::string(body)));
  }

  void findings(std::string_view body, const service::RequestContext&, JsonDone done) override {
    if (mode == Mode::refuse) return done(error);
    done("{\"findings_of_bytes\":" + std::to_string(body.size()) + "}");
  }
  void next(std::string_view body, const service::RequestContext&, std::size_t count, JsonDone done) override {
    if (mode == Mode::refuse) return done(error);
    done("{\"next_of_bytes\":" + std::to_string(body.size()) + ",\"count\":" + std::to_string(count) + "}");
  }

  std::string complete(std::string_view prefix, std::string_view kind, std::size_t limit) const override {
    return "[\"" + std::string(prefix) + "\",\"" + std::string(kind) + "\"," + std::to_string(limit) + "]";
  }
  std::pair<bool, std::string> readiness() const override {
    return {all_ready, all_ready ? R"({"model":{"ready":true}})" : R"({"model":{"ready":false}})"};
  }
  const std::string& model_version() const override { return model_version_; }

  /// Returns when `count` requests have reached the service.
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return bodies_.size() >= count; });
  }
  void unblock() {
    const std::lock_guard lock(mutex_);
    unblocked_ = true;
    changed_.notify_all();
  }
  /// Gives the held answers, on this thread.
  void release() {
    std::vector<Done> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (const Done& done : held) done(answer("released"));
  }

  std::vector<std::string> bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  service::RequestContext context(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    return contexts_.at(index);
  }
  std::optional<double> threshold(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    return thresholds_.at(index);
  }

 private:
  static Result<service::DiagnoseAnswer> answer(std::string body) {
    service::DiagnoseAnswer result;
    result.json = "{\"echo_bytes\":" + std::to_string(body.size()) + "}";
    result.statistics.candidate_confidences = {0.9, 0.02};
    result.statistics.reported_condition_codes = {"I21"};
    result.statistics.urgency = "emergency";
    result.statistics.warnings = 2;
    result.statistics.texts_not_understood = 1;
    result.statistics.missing_fields = {"narrative"};
    return result;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;
  std::vector<service::RequestContext> contexts_;
  std::vector<std::optional<double>> thresholds_;
  std::vector<Done> held_;
  bool unblocked_ = false;
  std::string model_version_ = "network-1+kb.0123456789ab";
};

}  // namespace osler::http::testing
