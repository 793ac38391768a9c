#include "service/film_service.h"

#include <charconv>

#include "base/ids.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "service/film_answer.h"
#include "service/interaction.h"

namespace osler::service {

namespace {

constexpr int kRecordFormat = 1;
constexpr const char* kAction = "predict";

Error wrong_field(const char* pointer, const char* problem, const std::string& allowed) {
  Error error = make_error(ErrorCode::invalid, "A field of the form breaks its rule.");
  error.fields.push_back({pointer, problem, allowed});
  return error;
}

Result<std::optional<double>> read_age(std::string_view text) {
  if (text.empty()) return std::optional<double>();
  double age = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), age);
  if (problem != std::errc() || end != text.data() + text.size() || !(age >= 0 && age <= limits::kMaxAgeYears))
    return wrong_field("/age_years", "The age is not a number in range.", "0 to 150, in years");
  return std::optional<double>(age);
}

Result<void> check_upload(const FilmUpload& upload) {
  if (upload.patient_id.size() > limits::kMaxPatientIdCharacters) return wrong_field("/patient_id", "The patient id is too long.", "up to 128 bytes");
  if (upload.file.size() > limits::kMaxFilmFileBytes)
    return make_error(ErrorCode::too_large, "The film may hold " + std::to_string(limits::kMaxFilmFileBytes) + " bytes.");
  return ok();
}

class WiredFilmService final : public FilmService {
 public:
  explicit WiredFilmService(FilmParts parts) : parts_(std::move(parts)) {}

  void predict(const FilmUpload& upload, const RequestContext& context, const FilmOptions& options, Done done) override {
    const SteadyTime started = parts_.clock.steady_now();
    Result<Read> read = this->read(upload, options);
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
    if (parts_.reader != nullptr) json["version"] = parts_.reader->model().version();
    else json["reason"] = parts_.trouble;
    return {parts_.reader != nullptr, json.dump()};
  }

 private:
  struct Read {
    imaging::Film film;
    FilmReading reading;
  };

  Result<Read> read(const FilmUpload& upload, const FilmOptions& options) const {
    if (parts_.reader == nullptr) return make_error(ErrorCode::unavailable, parts_.trouble);
    TRY_VOID(check_upload(upload));
    std::optional<double> age = TRY(read_age(upload.age_years));
    Read read{TRY(parts_.decoder.decode(as_bytes(upload.file), options.frame)), {}};
    const auto& stated = read.film.attributes.age_years;
    if (age && stated && std::abs(*age - *stated) > 1) read.film.warnings.push_back("The age of the form and that of the file differ by more than a year; the form's was taken.");
    if (!age) age = stated;
    read.reading = TRY(parts_.reader->read(read.film, age));
    return read;
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
    Json payload;
    payload["format"] = kRecordFormat;
    payload["film"] = {{"bytes", upload.file.size()}, {"sha256", to_hex(sha256(as_bytes(upload.file)))}};
    if (!film_id.empty()) payload["film"]["record"] = film_id;
    if (options.frame) payload["film"]["frame"] = *options.frame;
    if (!upload.age_years.empty()) payload["film"]["age_years"] = std::string(upload.age_years);
    payload["answer"] = std::move(answer);
    const std::string& version = parts_.reader->model().version();
    const cases::RecordDraft draft{context.request_id, vault::Phi<std::string>(patient), parts_.clock.now(), version, vault::Phi<std::string>(payload.dump())};
    Result<RecordRequest> request = make_record_request(parts_.keys, entry_for(context, kAction, "answered"), draft);
    if (!request) return done(std::move(request).error());
    if (!film_id.empty()) {
      const cases::RecordDraft film{film_id, vault::Phi<std::string>(patient), draft.time, version, vault::Phi<std::string>(std::string(upload.file))};
      Result<cases::SealedRecord> sealed = cases::seal_record(parts_.keys, film);
      if (!sealed) return done(std::move(sealed).error());
      request->film = std::move(sealed).value();
      request->film_id = film_id;
    }
    parts_.recorder.submit(std::move(request).value(), [given = std::move(given), done = std::move(done)](Result<void> recorded) mutable {
      done(recorded ? Result<FilmAnswer>(std::move(given)) : Result<FilmAnswer>(std::move(recorded).error()));
    });
  }

  const FilmParts parts_;
};

}  // namespace

std::unique_ptr<FilmService> make_film_service(FilmParts parts) { return std::make_unique<WiredFilmService>(std::move(parts)); }

}  // namespace osler::service
