#include "base/json.h"

#include <algorithm>
#include <set>

#include "base/limits.h"

namespace osler {

std::string escape_pointer_token(std::string_view token) {
  std::string escaped;
  for (const char c : token) {
    if (c == '~') escaped += "~0";
    else if (c == '/') escaped += "~1";
    else escaped += c;
  }
  return escaped;
}

bool is_utf8(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return true;
  try {
    return !Json(text).dump().empty();
  } catch (const Json::exception&) {
    return false;
  }
}

namespace {

/// Builds the document while it watches depth and duplicate names; stops at the first fault.
class StrictReader final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return fail("binary values are not JSON"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!levels_.back().names.insert(name).second) {
      return fail("member name occurs twice at depth " + std::to_string(levels_.size()));
    }
    levels_.back().name = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return fail("not valid JSON at byte " + std::to_string(position));
  }

  const std::string& fault() const { return fault_; }
  Json take_document() { return std::move(document_); }

 private:
  struct Level {
    Json value;
    std::string name;              // of the member being read, for objects
    std::set<std::string> names{};  // seen so far, for objects
  };

  bool fail(std::string what) {
    if (fault_.empty()) fault_ = std::move(what);
    return false;
  }

  bool add(Json value) {
    if (levels_.empty()) {
      document_ = std::move(value);
    } else if (levels_.back().value.is_array()) {
      levels_.back().value.push_back(std::move(value));
    } else {
      // Names are known to be distinct, so append without ordered_json's linear search.
      auto& members = levels_.back().value.get_ref<Json::object_t&>();
      static_cast<Json::object_t::Container&>(members).emplace_back(std::move(levels_.back().name), std::move(value));
    }
    return true;
  }

  bool open(Json value) {
    if (levels_.size() >= limits::kMaxJsonDepth)
      return fail("nested deeper than " + std::to_string(limits::kMaxJsonDepth) + " levels");
    levels_.push_back({std::move(value), {}, {}});
    return true;
  }

  bool close() {
    Json value = std::move(levels_.back().value);
    levels_.pop_back();
    return add(std::move(value));
  }

  std::vector<Level> levels_;
  Json document_;
  std::string fault_;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF")
    return make_error(ErrorCode::malformed, "The body starts with a byte order mark; send UTF-8 without one.");
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)  // the parser would take it for the end
    return make_error(ErrorCode::malformed, "The body cannot be read as JSON: a NUL byte at byte " + std::to_string(nul + 1) + ".");
  StrictReader reader;
  const bool fine = Json::sax_parse(text.begin(), text.end(), &reader);
  if (!fine)
    return make_error(ErrorCode::malformed, "The body cannot be read as JSON: " +
                                                (reader.fault().empty() ? "unknown fault" : reader.fault()) + ".");
  return reader.take_document();
}

}  // namespace osler
