#include "decoder/deidentify_pseudonyms.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/sha256.h"

namespace osler::decoder {

namespace {

constexpr std::string_view kStandardRoot = "1.2.840.10008.";
constexpr int kMostDaysBack = 3650;

/// The use comes first and ends with a NUL, so that no two uses share a message.
Digest keyed(ByteView key, std::string_view use, std::string_view what) {
  std::string message(use);
  message += '\0';
  message += what;
  return hmac_sha256(key, as_bytes(message));
}

/// 128 bits as a decimal number without leading zeros.
std::string decimal(ByteView big_endian) {
  std::string digits;
  Bytes number(big_endian.begin(), big_endian.end());
  while (std::any_of(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; })) {
    unsigned rest = 0;
    for (std::uint8_t& byte : number) {
      const unsigned value = rest << 8 | byte;
      byte = static_cast<std::uint8_t>(value / 10);
      rest = value % 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + rest));
  }
  return digits.empty() ? "0" : digits;
}

int days_of(const Digest& digest) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | digest[i];
  return static_cast<int>(number % kMostDaysBack) + 1;
}

int number_in(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value;
}

}  // namespace

std::string_view without_padding(std::string_view text) {
  constexpr std::string_view kPadding(" \0", 2);
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

Pseudonyms::Pseudonyms(ByteView key, std::string_view patient) : key_(key), patient_(patient_of(patient)), days_back_(days_of(keyed(key, "days", without_padding(patient)))) {}

std::string Pseudonyms::patient_of(std::string_view id) const {
  return "OSL" + to_hex(ByteView(keyed(key_, "patient", without_padding(id))).first(6));
}

std::string Pseudonyms::object_uid(std::string_view original) const {
  return "2.25." + decimal(ByteView(keyed(key_, "uid", without_padding(original))).first(16));
}

std::string Pseudonyms::uid(std::string_view original) const {
  original = without_padding(original);
  if (original.empty()) return {};
  if (original.starts_with(kStandardRoot) && original.find_first_not_of("0123456789.") == std::string_view::npos && original.size() <= 64) return std::string(original);
  return object_uid(original);
}

std::optional<std::string> Pseudonyms::earlier(std::string_view date) const {
  using namespace std::chrono;
  if (date.size() != 8 || date.find_first_not_of("0123456789") != std::string_view::npos) return {};
  const year_month_day day{year(number_in(date.substr(0, 4))), month(static_cast<unsigned>(number_in(date.substr(4, 2)))),
                           std::chrono::day(static_cast<unsigned>(number_in(date.substr(6, 2))))};
  if (!day.ok() || day.year() < year(1850) || day.year() > year(2200)) return {};
  const year_month_day shifted(sys_days(day) - days(days_back_));
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u%02u", static_cast<int>(shifted.year()), static_cast<unsigned>(shifted.month()), static_cast<unsigned>(shifted.day()));
  return text;
}

}  // namespace osler::decoder
