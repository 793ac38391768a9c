// Radiographs as a test of the edge wants them: answered at once, held back, refused.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "service/films.h"

namespace osler::http::testing {

class FakeFilms final : public service::FilmService {
 public:
  enum class Mode { answer, hold, block, refuse };
  struct Seen {
    std::string file, patient_id, age_years;
    service::FilmOptions options;
  };

  Mode mode = Mode::answer;
  Error error = make_error(ErrorCode::unsupported_media, "The file is neither DICOM, PNG nor JPEG.");  // for Mode::refuse

  void predict(const service::FilmUpload& upload, const service::RequestContext&, const service::FilmOptions& options, Done done) override {
    {
      std::unique_lock lock(mutex_);
      seen_.push_back({std::string(upload.file), std::string(upload.patient_id), std::string(upload.age_years), options});
      changed_.notify_all();
      if (mode == Mode::hold) return held_.push_back(std::move(done));
      if (mode == Mode::block) changed_.wait(lock, [this] { return unblocked_; });
    }
    if (mode == Mode::refuse) return done(error);
    done(answer(upload.file.size()));
  }
  std::pair<bool, std::string> readiness() const override { return {true, R"({"ready":true,"version":"osler-cxr-1.bf16","ages":{"least_years":1,"most_years":5}})"}; }

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_.size() >= count; });
  }
  /// Gives the held answers, on this thread; how many.
  std::size_t release() {
    std::vector<Done> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (const Done& done : held) done(answer(0));
    return held.size();
  }
  void unblock() {
    const std::lock_guard lock(mutex_);
    unblocked_ = true;
    changed_.notify_all();
  }
  std::vector<Seen> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  static Result<service::FilmAnswer> answer(std::size_t bytes) {
    return service::FilmAnswer{"{\"film_bytes\":" + std::to_string(bytes) + "}", {"pneumonia", 0.93, 0.4, 1}};
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Seen> seen_;
  std::vector<Done> held_;
  bool unblocked_ = false;
};

}  // namespace osler::http::testing
