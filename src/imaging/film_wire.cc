#include "imaging/film_wire.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"

namespace osler::imaging {

namespace {

static_assert(std::endian::native == std::endian::little, "the wire form is little-endian, and written as memory holds it");

constexpr std::string_view kMagic = "OSLFILM1";  // then the length of the body, u32
constexpr std::size_t kDisplayLevels = 65536;
constexpr std::array kRefusals = {ErrorCode::malformed, ErrorCode::invalid, ErrorCode::too_large, ErrorCode::unsupported_media};
enum Kind : std::uint8_t { kFilm = 0, kRefusal = 1 };
enum Flag : std::uint8_t { kInverted = 1, kBurnedIn = 2, kHasAge = 4, kAllFlags = 7 };

bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }

class Writer {
 public:
  template <typename Number>
  void number(Number value) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof value);
  }
  void text(std::string_view text, std::size_t limit) {
    text = text.substr(0, limit);
    number(static_cast<std::uint32_t>(text.size()));
    for (const char c : text) bytes_.push_back(static_cast<std::uint8_t>(is_printable(c) ? c : '?'));
  }
  void words(const std::vector<std::uint16_t>& words) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(words.data());
    bytes_.insert(bytes_.end(), begin, begin + words.size() * 2);
  }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Reads in order; the first thing that is wrong makes everything after it zero and empty.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  template <typename Number>
  Number number() {
    Number value{};
    if (!has(sizeof value)) return value;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_ = rest_.subspan(sizeof value);
    return value;
  }
  double finite() {
    const double value = number<double>();
    require(std::isfinite(value));
    return value;
  }
  std::string text(std::size_t limit) {
    const std::size_t size = number<std::uint32_t>();
    require(size <= limit);
    if (!has(size)) return {};
    const std::string_view text = as_text(rest_.first(size));
    rest_ = rest_.subspan(size);
    require(std::all_of(text.begin(), text.end(), is_printable));
    return std::string(text);
  }
  std::vector<std::uint16_t> words(std::size_t count) {
    if (!has(count * 2)) return {};
    std::vector<std::uint16_t> words(count);
    std::memcpy(words.data(), rest_.data(), count * 2);
    rest_ = rest_.subspan(count * 2);
    return words;
  }
  void require(bool condition) { is_good_ = is_good_ && condition; }
  bool is_good() const { return is_good_; }
  bool is_complete() const { return is_good_ && rest_.empty(); }

 private:
  bool has(std::size_t size) {
    require(size <= rest_.size());
    return is_good_;
  }
  ByteView rest_;
  bool is_good_ = true;
};

/// The texts of FilmAttributes in the order of the wire form.
template <typename Attributes>
auto texts_of(Attributes& a) {
  return std::array{&a.modality, &a.body_part, &a.view_position, &a.photometric, &a.transfer_syntax, &a.sop_class, &a.manufacturer, &a.model,
    &a.presentation_intent, &a.sex};
}

void write_attributes(const FilmAttributes& attributes, Writer& writer) {
  for (const std::string* text : texts_of(attributes)) writer.text(*text, limits::kMaxFilmTextCharacters);
  writer.number(attributes.age_years.value_or(0.0));
  writer.number(static_cast<std::uint32_t>(attributes.frames));
}

/// All but the values, which are many.
void write_body(const Film& film, Writer& writer) {
  CHECK(film.display.size() == kDisplayLevels && film.values.size() == film.width * film.height && !film.values.empty());
  writer.number(static_cast<std::uint8_t>(kFilm));
  writer.number(static_cast<std::uint8_t>(film.source));
  writer.number(static_cast<std::uint8_t>((film.inverted ? kInverted : 0) | (film.attributes.burned_in_annotation ? kBurnedIn : 0)
    | (film.attributes.age_years ? kHasAge : 0)));
  writer.number(static_cast<std::uint32_t>(film.width));
  writer.number(static_cast<std::uint32_t>(film.height));
  for (const double number : {film.value_intercept, film.value_slope, film.window_centre, film.window_width, film.pixel_aspect}) writer.number(number);
  write_attributes(film.attributes, writer);
  const std::size_t warnings = std::min(film.warnings.size(), limits::kMaxFilmWarnings);
  writer.number(static_cast<std::uint32_t>(warnings));
  for (std::size_t i = 0; i < warnings; ++i) writer.text(film.warnings[i], limits::kMaxFilmMessageCharacters);
  writer.words(film.display);
}

void write_body(const Error& error, Writer& writer) {
  const auto code = std::find(kRefusals.begin(), kRefusals.end(), error.code);
  writer.number(static_cast<std::uint8_t>(kRefusal));
  writer.number(static_cast<std::uint8_t>(code == kRefusals.end() ? 0 : code - kRefusals.begin()));
  writer.text(error.external, limits::kMaxFilmMessageCharacters);
  writer.text(error.internal, limits::kMaxFilmMessageCharacters);
}

Error untrue() { return make_error(ErrorCode::corrupted, "The film could not be taken from the decoder.", "its message breaks docs/formats/film.md"); }

Error read_refusal(Reader& reader) {
  const std::size_t code = reader.number<std::uint8_t>();
  reader.require(code < kRefusals.size());
  std::string external = reader.text(limits::kMaxFilmMessageCharacters), internal = reader.text(limits::kMaxFilmMessageCharacters);
  if (!reader.is_complete() || external.empty()) return untrue();
  return make_error(kRefusals[code], std::move(external), std::move(internal));
}

void read_attributes(Reader& reader, bool has_age, FilmAttributes& attributes) {
  for (std::string* text : texts_of(attributes)) *text = reader.text(limits::kMaxFilmTextCharacters);
  reader.require(attributes.sex.empty() || attributes.sex == "F" || attributes.sex == "M" || attributes.sex == "O");
  const double age = reader.finite();
  reader.require(age >= 0 && age <= limits::kMaxAgeYears && (has_age || age == 0));
  if (has_age) attributes.age_years = age;
  attributes.frames = reader.number<std::uint32_t>();
  reader.require(attributes.frames >= 1 && attributes.frames <= limits::kMaxFrames);
}

void read_geometry(Reader& reader, Film& film) {
  film.width = reader.number<std::uint32_t>();
  film.height = reader.number<std::uint32_t>();
  reader.require(film.width >= 1 && film.width <= limits::kMaxFilmSide && film.height >= 1 && film.height <= limits::kMaxFilmSide
    && film.width * film.height <= limits::kMaxFilmPixels);
  for (double* number : {&film.value_intercept, &film.value_slope, &film.window_centre, &film.window_width, &film.pixel_aspect}) *number = reader.finite();
  reader.require(film.value_slope != 0 && film.window_width > 0);
  reader.require(film.pixel_aspect >= 1 / limits::kMaxPixelAspect && film.pixel_aspect <= limits::kMaxPixelAspect);
}

Result<Film> read_body(Reader& reader) {
  Film film;
  const std::uint8_t source = reader.number<std::uint8_t>(), flags = reader.number<std::uint8_t>();
  reader.require(source <= static_cast<std::uint8_t>(FilmSource::jpeg) && (flags & ~kAllFlags) == 0);
  film.source = static_cast<FilmSource>(source);
  film.inverted = (flags & kInverted) != 0;
  film.attributes.burned_in_annotation = (flags & kBurnedIn) != 0;
  read_geometry(reader, film);
  read_attributes(reader, (flags & kHasAge) != 0, film.attributes);
  const std::size_t warnings = reader.number<std::uint32_t>();
  reader.require(warnings <= limits::kMaxFilmWarnings);
  for (std::size_t i = 0; reader.is_good() && i < warnings; ++i) film.warnings.push_back(reader.text(limits::kMaxFilmMessageCharacters));
  if (!reader.is_good()) return untrue();
  film.display = reader.words(kDisplayLevels);
  film.values = reader.words(film.width * film.height);
  if (!reader.is_complete()) return untrue();
  return film;
}

}  // namespace

bool write_film(const Result<Film>& outcome, const std::function<bool(ByteView)>& write) {
  Writer body;
  ByteView values;
  if (outcome) {
    write_body(outcome.value(), body);
    values = ByteView(reinterpret_cast<const std::uint8_t*>(outcome->values.data()), outcome->values.size() * 2);
  } else {
    write_body(outcome.error(), body);
  }
  const Bytes described = body.take();
  Writer head;
  for (const char c : kMagic) head.number(c);
  head.number(static_cast<std::uint32_t>(described.size() + values.size()));
  return write(head.take()) && write(described) && (values.empty() || write(values));
}

std::optional<std::size_t> message_length(ByteView head) {
  if (head.size() < kFilmMessageHeadBytes || as_text(head.first(kMagic.size())) != kMagic) return {};
  const std::size_t length = kFilmMessageHeadBytes + Reader(head.subspan(kMagic.size())).number<std::uint32_t>();
  return length <= kMaxFilmMessageBytes ? std::optional<std::size_t>(length) : std::nullopt;
}

Result<Film> read_film(ByteView message) {
  if (message_length(message) != message.size()) return untrue();
  Reader reader(message.subspan(kFilmMessageHeadBytes));
  const std::uint8_t kind = reader.number<std::uint8_t>();
  if (kind == kRefusal) return read_refusal(reader);
  if (kind != kFilm) return untrue();
  return read_body(reader);
}

}  // namespace osler::imaging
