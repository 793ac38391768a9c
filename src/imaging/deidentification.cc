#include "imaging/deidentification.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace osler::imaging {

namespace {

constexpr std::string_view kRequestMagic = "OSLDEID1", kOutcomeMagic = "OSLDONE1";
constexpr std::uint32_t kKeepsDates = 1, kKeepsCharacteristics = 2, kTellsOriginals = 4;
constexpr std::uint8_t kSuccess = 0, kRefusal = 1;
constexpr std::size_t kMaxOriginalBytes = 256;
constexpr std::array kRefusalCodes = {ErrorCode::malformed, ErrorCode::invalid, ErrorCode::too_large, ErrorCode::unsupported_media};

class Writer {
 public:
  void bytes(ByteView more) { out_.insert(out_.end(), more.begin(), more.end()); }
  template <typename Number>
  void number(Number value) {  // both ends are one machine
    std::uint8_t raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes(raw);
  }
  void text(std::string_view text, std::size_t most) {
    text = text.substr(0, most);
    number(static_cast<std::uint32_t>(text.size()));
    bytes(as_bytes(text));
  }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}
  bool fails() const { return fails_; }
  ByteView rest() const { return rest_; }
  ByteView bytes(std::size_t count) {
    if (count > rest_.size()) {
      fails_ = true;
      count = 0;
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  template <typename Number>
  Number number() {
    Number value{};
    const ByteView raw = bytes(sizeof value);
    if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::string text(std::size_t most) {
    const std::uint32_t length = number<std::uint32_t>();
    fails_ |= length > most;
    return fails_ ? std::string() : std::string(as_text(bytes(length)));
  }

 private:
  ByteView rest_;
  bool fails_ = false;
};

Error broken_request() { return make_error(ErrorCode::malformed, "The request to de-identify is not one."); }
Error broken_outcome() { return make_error(ErrorCode::corrupted, "The answer of the de-identifying process is not one."); }

void write_identity(Writer& to, const FileIdentity& identity) {
  for (const std::string* text : {&identity.patient, &identity.study, &identity.series, &identity.instance}) to.text(*text, kMaxOriginalBytes);
}

FileIdentity read_identity(Reader& from) {
  FileIdentity identity;
  for (std::string* text : {&identity.patient, &identity.study, &identity.series, &identity.instance}) *text = from.text(kMaxOriginalBytes);
  return identity;
}

bool is_patient_name(std::string_view text) {
  return text.size() == 15 && text.starts_with("OSL") && text.find_first_not_of("0123456789abcdef", 3) == std::string_view::npos;
}

bool is_own_uid(std::string_view text) {
  return text.size() > 5 && text.size() <= 44 && text.starts_with("2.25.") && text.find_first_not_of("0123456789", 5) == std::string_view::npos;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool is_region(const PixelRegion& region) {
  for (const double number : {region.left, region.top, region.width, region.height})
    if (!std::isfinite(number) || number < 0 || number > (region.is_share ? 1.0 : static_cast<double>(limits::kMaxFilmSide))) return false;
  return true;
}

Result<Deidentified> read_refusal(Reader& from) {
  const std::uint8_t code = from.number<std::uint8_t>();
  const std::string text = from.text(limits::kMaxFilmMessageCharacters);
  if (from.fails() || code >= kRefusalCodes.size() || text.empty() || !is_printable(text) || !from.rest().empty()) return broken_outcome();
  return make_error(kRefusalCodes[code], text);
}

}  // namespace

Bytes write_deidentification_request(ByteView key, const DeidentificationOptions& options) {
  CHECK(key.size() == kPseudonymKeyBytes && options.regions.size() <= limits::kMaxPixelRegions);
  Writer to;
  to.bytes(as_bytes(kRequestMagic));
  to.bytes(key);
  to.number((options.keeps_dates ? kKeepsDates : 0u) | (options.keeps_characteristics ? kKeepsCharacteristics : 0u) | (options.tells_originals ? kTellsOriginals : 0u));
  to.number(static_cast<std::uint32_t>(options.regions.size()));
  for (const PixelRegion& region : options.regions) {
    for (const double number : {region.left, region.top, region.width, region.height}) to.number(number);
    to.number(static_cast<std::uint8_t>(region.is_share));
  }
  return to.take();
}

Result<DeidentificationRequest> read_deidentification_request(ByteView bytes) {
  Reader from(bytes);
  if (as_text(from.bytes(kRequestMagic.size())) != kRequestMagic) return broken_request();
  DeidentificationRequest request;
  const ByteView key = from.bytes(kPseudonymKeyBytes);
  if (key.size() == kPseudonymKeyBytes) std::copy(key.begin(), key.end(), request.key.begin());
  const std::uint32_t flags = from.number<std::uint32_t>(), regions = from.number<std::uint32_t>();
  if (from.fails() || regions > limits::kMaxPixelRegions || flags > 7) return broken_request();
  request.options.keeps_dates = (flags & kKeepsDates) != 0;
  request.options.keeps_characteristics = (flags & kKeepsCharacteristics) != 0;
  request.options.tells_originals = (flags & kTellsOriginals) != 0;
  for (std::uint32_t i = 0; i < regions; ++i) {
    PixelRegion region;
    for (double* number : {&region.left, &region.top, &region.width, &region.height}) *number = from.number<double>();
    region.is_share = from.number<std::uint8_t>() == 1;
    if (!is_region(region)) return broken_request();
    request.options.regions.push_back(region);
  }
  if (from.fails()) return broken_request();
  request.file = from.rest();
  return request;
}

Bytes write_deidentification_outcome(const Result<Deidentified>& outcome) {
  Writer to;
  to.bytes(as_bytes(kOutcomeMagic));
  to.number(outcome ? kSuccess : kRefusal);
  if (!outcome) {
    const auto code = std::find(kRefusalCodes.begin(), kRefusalCodes.end(), outcome.error().code);
    to.number(static_cast<std::uint8_t>(code == kRefusalCodes.end() ? 1 : code - kRefusalCodes.begin()));
    to.text(outcome.error().external, limits::kMaxFilmMessageCharacters);
    return to.take();
  }
  const Deidentified& done = outcome.value();
  write_identity(to, done.names);
  write_identity(to, done.originals);
  to.number(static_cast<std::uint8_t>(done.has_blanked_pixels));
  const std::size_t notes = std::min(done.notes.size(), limits::kMaxFilmWarnings);
  to.number(static_cast<std::uint32_t>(notes));
  for (std::size_t i = 0; i < notes; ++i) to.text(done.notes[i], limits::kMaxFilmMessageCharacters);
  return to.take();
}

Result<Deidentified> read_deidentification_outcome(ByteView bytes) {
  Reader from(bytes);
  if (as_text(from.bytes(kOutcomeMagic.size())) != kOutcomeMagic) return broken_outcome();
  const std::uint8_t kind = from.number<std::uint8_t>();
  if (kind == kRefusal) return read_refusal(from);
  Deidentified done;
  done.names = read_identity(from);
  done.originals = read_identity(from);
  done.has_blanked_pixels = from.number<std::uint8_t>() == 1;
  const std::uint32_t notes = from.number<std::uint32_t>();
  if (from.fails() || kind != kSuccess || notes > limits::kMaxFilmWarnings) return broken_outcome();
  for (std::uint32_t i = 0; i < notes; ++i) {
    done.notes.push_back(from.text(limits::kMaxFilmMessageCharacters));
    if (!is_printable(done.notes.back())) return broken_outcome();
  }
  const FileIdentity& names = done.names;
  if (from.fails() || !is_patient_name(names.patient) || !is_own_uid(names.study) || !is_own_uid(names.series) || !is_own_uid(names.instance) || from.rest().empty())
    return broken_outcome();
  done.file.assign(from.rest().begin(), from.rest().end());
  return done;
}

}  // namespace osler::imaging
