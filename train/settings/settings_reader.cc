#include "train/settings/settings_reader.h"

#include <cmath>
#include <cstdio>

namespace osler::train {

namespace {

std::string written(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", number);
  return text;
}

}  // namespace

Result<Json> parse_settings_file(std::string_view text, const std::string& path) {
  try {
    const Json lenient = Json::parse(text.begin(), text.end());
  } catch (const Json::exception& problem) {  // the JSON library's edge
    constexpr std::string_view kBefore = "parse error at ";
    const std::string_view what = problem.what();
    const std::size_t at = what.find(kBefore);
    if (at != std::string_view::npos) return make_error(ErrorCode::configuration, path + ", " + std::string(what.substr(at + kBefore.size())) + ".");
  }
  Result<Json> json = parse_json(text);
  if (!json) return make_error(ErrorCode::configuration, path + ": expected one JSON object in UTF-8 that names each setting once. " + json.error().external);
  return json;
}

SettingsReader::SettingsReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (!json_.is_object()) fail("", where_.empty() ? "the whole file is not an object" : "is not an object");
}

void SettingsReader::number(const char* key, double low, double high, double& out, bool required) {
  const Json* value = find(key, required);
  if (!value) return;
  if (!value->is_number() || value->get<double>() < low || value->get<double>() > high) return fail(key, "is not a number from " + written(low) + " to " + written(high));
  out = value->get<double>();
}

void SettingsReader::count(const char* key, std::size_t low, std::size_t high, std::size_t& out, bool required) {
  const Json* value = find(key, required);
  if (!value) return;
  const double read = value->is_number() ? value->get<double>() : -1;
  if (read < static_cast<double>(low) || read > static_cast<double>(high) || read != std::floor(read))
    return fail(key, "is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  out = static_cast<std::size_t>(read);
}

void SettingsReader::text(const char* key, std::string& out, bool required) {
  const Json* value = find(key, required);
  if (value && !value->is_string()) return fail(key, "is not a text");
  if (value) out = value->get<std::string>();
}

void SettingsReader::texts(const char* key, std::vector<std::string>& out) {
  const Json* value = find(key, false);
  if (!value) return;
  if (!value->is_array()) return fail(key, "is not a list");
  for (const Json& item : *value) {
    if (!item.is_string()) return fail(key, "holds something that is not a text");
    out.push_back(item.get<std::string>());
  }
}

void SettingsReader::flag(const char* key, bool& out) {
  const Json* value = find(key, false);
  if (value && !value->is_boolean()) return fail(key, "is not true or false");
  if (value) out = value->get<bool>();
}

void SettingsReader::one_of(const char* key, std::initializer_list<const char*> allowed, std::string& out, bool required) {
  const Json* value = find(key, required);
  if (!value) return;
  std::string list;
  for (const char* word : allowed) {
    if (value->is_string() && value->get<std::string>() == word) {
      out = word;
      return;
    }
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  fail(key, "is not one of " + list);
}

const Json* SettingsReader::find(const char* key, bool required) {
  known_.push_back(key);
  if (json_.is_object() && json_.contains(key)) return &json_[key];
  if (required) fail(key, "is missing");
  return nullptr;
}

const Json& SettingsReader::object(const char* key, bool required) {
  static const Json kNone = Json::object();
  const Json* value = find(key, required);
  if (value && !value->is_object()) fail(key, "is not an object");
  return value && value->is_object() ? *value : kNone;
}

void SettingsReader::fail(const std::string& key, const std::string& problem) {
  if (error_.empty()) error_ = where_ + (key.empty() ? "" : "/" + key) + (where_.empty() && key.empty() ? "" : " ") + problem + ".";
}

void SettingsReader::adopt(const std::string& fault) {
  if (error_.empty()) error_ = fault;
}

std::string SettingsReader::finish() {
  if (json_.is_object())
    for (const auto& [key, value] : json_.items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end()) fail(key, "is not a setting");
  return error_;
}

}  // namespace osler::train
