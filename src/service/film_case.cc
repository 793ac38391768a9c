#include "service/film_case.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "base/numbers.h"
#include "base/version.h"

namespace osler::service {

namespace {

Error wrong_field(const char* pointer, const char* problem, const std::string& allowed) {
  Error error = make_error(ErrorCode::invalid, "A field of the form breaks its rule.");
  error.fields.push_back({pointer, problem, allowed});
  return error;
}

Result<std::optional<double>> read_age(std::string_view text) {
  if (text.empty()) return std::optional<double>();
  const std::optional<double> age = number_in_text(text);
  if (!age || *age < 0 || *age > limits::kMaxAgeYears) return wrong_field("/age_years", "The age is not a number in range.", "0 to 150, in years");
  return age;
}

/// Years that lie between an age and those the model knows; 0 within them.
double years_outside(double age, const models::AgeRange& known) {
  return std::max({0.0, known.least_years - age, std::floor(age) - known.most_years});
}

/// Where the form and the file disagree, an answer must hold for both: the age farther from what the model knows counts.
std::optional<double> age_that_counts(std::optional<double> typed, imaging::Film& film, const models::AgeRange& known) {
  const std::optional<double> stated = film.attributes.age_years;
  if (!typed || !stated) return typed ? typed : stated;
  if (std::abs(*typed - *stated) <= 1) return typed;
  film.warnings.push_back("The age of the form and that of the file differ by more than a year; an answer is given only where it holds for both.");
  return years_outside(*stated, known) > years_outside(*typed, known) ? stated : typed;
}

Result<void> check_upload(const FilmUpload& upload) {
  if (upload.patient_id.size() > limits::kMaxPatientIdCharacters) return wrong_field("/patient_id", "The patient id is too long.", "up to 128 bytes");
  if (upload.file.size() > limits::kMaxFilmFileBytes)
    return make_error(ErrorCode::too_large, "The film may hold " + std::to_string(limits::kMaxFilmFileBytes) + " bytes.");
  return ok();
}

}  // namespace

Result<FilmCase> read_film(const imaging::FilmDecoder& decoder, const FilmReader& reader, const FilmUpload& upload, std::optional<std::size_t> frame) {
  TRY_VOID(check_upload(upload));
  const std::optional<double> typed = TRY(read_age(upload.age_years));
  FilmCase one{TRY(decoder.decode(as_bytes(upload.file), frame)), {}};
  const std::optional<double> age = age_that_counts(typed, one.film, reader.model().calibration().age);
  one.reading = TRY(reader.read(one.film, age));
  return one;
}

FilmEngineIdentity identity_of(const FilmReader& reader) {
  const models::ImageModel& model = reader.model();
  return {kVersion, neural::kernels_here(), {model.manifest().hash, std::string(neural::name_of(model.network().precision()))}};
}

}  // namespace osler::service
