#include "service/film_service.h"

#include "base/ids.h"
#include "base/sha256.h"
#include "service/film_answer.h"
#include "service/film_case.h"
#include "service/interaction.h"
#include "service/record_payload.h"

namespace osler::service {

namespace {

constexpr audit::Action kAction = audit::Action::predict;

class WiredFilmService final : public FilmService {
 public:
  explicit WiredFilmService(FilmParts parts) : parts_(std::move(parts)) {
    if (parts_.reader != nullptr) engine_ = identity_of(*parts_.reader);
  }

  void predict(const FilmUpload& upload, const RequestContext& context, const FilmOptions& options, Done done) override {
    const SteadyTime started = parts_.clock.steady_now();
    Result<FilmCase> read = this->read(upload, options);
    if (!read) return refuse(std::move(read).error(), context, std::move(done));
    const imaging::Film& film = read->film;
    Json answer = film_answer(film, read->reading);
    answer["request_id"] = context.request_id;
    answer["model_version"] = parts_.reader->model().version();
    answer["processing_time_ms"] = milliseconds_between(started, parts_.clock.steady_now());
    const FilmStatistics statistics{std::string(models::name_of(read->reading.decision.diagnosis)), read->reading.pneumonia, read->reading.outlier_share,
                                    answer["warnings"].size()};
    Json given = answer;
    given.update(film_pictures(film, read->reading, options));
    record(upload, context, options, std::move(answer), {given.dump(), statistics}, std::move(done));
  }

  std::pair<bool, std::string> readiness() const override {
    Json json{{"ready", parts_.reader != nullptr}};
    if (parts_.reader != nullptr) {
      const models::AgeRange& ages = parts_.reader->model().calibration().age;
      json["version"] = parts_.reader->model().version();
      json["ages"] = {{"least_years", ages.least_years}, {"most_years", ages.most_years}};
    } else {
      json["reason"] = parts_.trouble;
    }
    return {parts_.reader != nullptr, json.dump()};
  }

 private:
  Result<FilmCase> read(const FilmUpload& upload, const FilmOptions& options) const {
    if (parts_.reader == nullptr) return make_error(ErrorCode::unavailable, parts_.trouble);
    return read_film(parts_.decoder, *parts_.reader, upload, options.frame);
  }

  /// A refused film is audited too; if that fails, the caller learns that instead.
  void refuse(Error error, const RequestContext& context, Done done) {
    RecordRequest request{entry_for(context, kAction, "refused:" + std::string(name_of(error.code))), std::nullopt};
    parts_.recorder.submit(std::move(request), [error = std::move(error), done = std::move(done)](Result<void> recorded) {
      done(recorded ? Result<FilmAnswer>(error) : Result<FilmAnswer>(std::move(recorded).error()));
    });
  }

  void record(const FilmUpload& upload, const RequestContext& context, const FilmOptions& options, Json answer, FilmAnswer given, Done done) {
    const std::string patient(upload.patient_id);
    const std::string film_id = parts_.keep_films ? make_uuid() : std::string();
    const RecordedFilm record{engine_, to_hex(sha256(as_bytes(upload.file))), upload.file.size(), film_id, options.frame, std::string(upload.age_years), std::move(answer)};
    const std::string& version = parts_.reader->model().version();
    const cases::RecordDraft draft{context.request_id, vault::Phi<std::string>(patient), context.actor, parts_.clock.now(), version, vault::Phi<std::string>(write_payload(record))};
    Result<RecordRequest> request = make_record_request(*parts_.keys.ring(), parts_.names, entry_for(context, kAction, "answered"), draft);
    if (!request) return done(std::move(request).error());
    if (!film_id.empty()) {
      const cases::RecordDraft film{film_id, vault::Phi<std::string>(patient), context.actor, draft.time, version, vault::Phi<std::string>(std::string(upload.file))};
      Result<cases::SealedRecord> sealed = cases::seal_record(*parts_.keys.ring(), parts_.names, film);
      if (!sealed) return done(std::move(sealed).error());
      request->film = std::move(sealed).value();
      request->film_id = film_id;
    }
    parts_.recorder.submit(std::move(request).value(), [given = std::move(given), done = std::move(done)](Result<void> outcome) mutable {
      done(outcome ? Result<FilmAnswer>(std::move(given)) : Result<FilmAnswer>(std::move(outcome).error()));
    });
  }

  const FilmParts parts_;
  std::optional<FilmEngineIdentity> engine_;  // none: there is no model
};

}  // namespace

std::unique_ptr<FilmService> make_film_service(FilmParts parts) { return std::make_unique<WiredFilmService>(std::move(parts)); }

}  // namespace osler::service
