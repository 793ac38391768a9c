#include "service/field_reader.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cmath>
#include <cstdio>

namespace osler::service {

namespace {

bool is_space(UChar32 c) { return u_isUWhiteSpace(c) || u_charType(c) == U_CONTROL_CHAR; }

/// Soft hyphen, zero-width space and joiners, byte order and direction marks: they stand inside words.
bool is_invisible(UChar32 c) { return u_charType(c) == U_FORMAT_CHAR; }

std::string number_text(double value) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%.10g", value);
  return std::string(text, static_cast<std::size_t>(length));
}

std::string range_text(double low, double high) {
  if (std::isinf(low) && std::isinf(high)) return "a number";
  return "a number from " + number_text(low) + " to " + number_text(high);
}

std::string list_of(std::initializer_list<std::string_view> choices) {
  std::string text;
  for (const std::string_view choice : choices) text += (text.empty() ? "" : ", ") + std::string(choice);
  return text;
}

}  // namespace

std::string fold_white_space(std::string_view utf8) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<int>(utf8.size())));
  icu::UnicodeString folded;
  bool gap = false;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (is_invisible(c)) continue;
    if (is_space(c)) {
      gap = !folded.isEmpty();
    } else {
      if (gap) folded.append(static_cast<UChar>(' '));
      gap = false;
      folded.append(c);
    }
  }
  std::string result;
  return folded.toUTF8String(result);
}

std::string lower_case(std::string_view utf8) {
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<int>(utf8.size())));
  std::string result;
  return text.toLower(icu::Locale::getRoot()).toUTF8String(result);
}

std::size_t count_characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

const Json* FieldReader::find(const char* name) const {
  const auto member = object_.find(name);
  return member == object_.end() || member->is_null() ? nullptr : &*member;
}

void FieldReader::fail(const std::string& pointer, std::string problem, std::string allowed) const {
  errors_.push_back({pointer, std::move(problem), std::move(allowed)});
}

std::optional<double> FieldReader::number(const char* name, double low, double high, bool required) const {
  const std::string allowed = range_text(low, high);
  const Json* member = find(name);
  if (!member) {
    if (required) fail(pointer_to(name), "is missing", allowed);
    return std::nullopt;
  }
  if (!member->is_number()) {
    fail(pointer_to(name), "is not a number", allowed);
    return std::nullopt;
  }
  const double value = member->get<double>();
  if (!std::isfinite(value) || value < low || value > high) {
    fail(pointer_to(name), "is out of range", allowed);
    return std::nullopt;
  }
  return value;
}

std::optional<bool> FieldReader::boolean(const char* name, bool required) const {
  const Json* member = find(name);
  if (!member && required) fail(pointer_to(name), "is missing", "true or false");
  if (!member) return std::nullopt;
  if (!member->is_boolean()) {
    fail(pointer_to(name), "is not a boolean", "true or false");
    return std::nullopt;
  }
  return member->get<bool>();
}

std::optional<std::size_t> FieldReader::choice(const char* name, std::initializer_list<std::string_view> choices,
                                               bool required) const {
  const Json* member = find(name);
  const std::string allowed = "one of " + list_of(choices);
  if (!member && required) fail(pointer_to(name), "is missing", allowed);
  if (!member) return std::nullopt;
  std::size_t position = 0;
  for (const std::string_view choice : choices) {
    if (member->is_string() && member->get_ref<const std::string&>() == choice) return position;
    ++position;
  }
  fail(pointer_to(name), member->is_string() ? "is not a known value" : "is not a string", allowed);
  return std::nullopt;
}

std::string FieldReader::text(const char* name, std::size_t max_characters) const {
  const Json* member = find(name);
  if (!member) return {};
  const std::string allowed = "a string of up to " + std::to_string(max_characters) + " characters";
  if (!member->is_string()) {
    fail(pointer_to(name), "is not a string", allowed);
    return {};
  }
  std::string folded = fold_white_space(member->get_ref<const std::string&>());
  if (count_characters(folded) > max_characters) {
    fail(pointer_to(name), "is too long", allowed);
    return {};
  }
  return folded;
}

std::vector<std::string> FieldReader::texts(const char* name, std::size_t minimum, std::size_t maximum,
                                            std::size_t max_characters) const {
  const std::string allowed = std::to_string(minimum) + " to " + std::to_string(maximum) + " strings of up to " +
                              std::to_string(max_characters) + " characters";
  std::vector<std::string> values;
  const Json* list = find(name);
  if (!list || !list->is_array() || list->size() > maximum) {
    if (list || minimum > 0)
      fail(pointer_to(name), !list ? "is missing" : !list->is_array() ? "is not an array" : "has too many items", allowed);
    return values;
  }
  std::size_t bad = 0;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& item = (*list)[i];
    const std::string pointer = pointer_to(name) + "/" + std::to_string(i);
    if (!item.is_string()) {
      fail(pointer, "is not a string", "a string of up to " + std::to_string(max_characters) + " characters");
      ++bad;
      continue;
    }
    std::string folded = fold_white_space(item.get_ref<const std::string&>());
    if (count_characters(folded) > max_characters) {
      fail(pointer, "is too long", "a string of up to " + std::to_string(max_characters) + " characters");
      ++bad;
    } else if (!folded.empty()) {
      values.push_back(std::move(folded));
    }
  }
  if (bad == 0 && values.size() < minimum) fail(pointer_to(name), "holds no text", allowed);
  return values;
}

}  // namespace osler::service
