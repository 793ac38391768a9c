// Reading a settings file that somebody wrote by hand: every key is checked, and a key that is not a setting is refused.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace osler::train {

/// As parse_json, but says where the text breaks and what was expected there: ErrorCode::configuration with `path`, line and column. Thread-safe.
Result<Json> parse_settings_file(std::string_view text, const std::string& path);

/// Reads members of one object and remembers what went wrong first; the object outlives it. `where` is its JSON pointer. A member that is absent leaves
/// its place as it is, unless it is required. Not thread-safe.
class SettingsReader {
 public:
  SettingsReader(const Json& json, std::string where);

  void number(const char* key, double low, double high, double& out, bool required = false);
  void count(const char* key, std::size_t low, std::size_t high, std::size_t& out, bool required = false);
  void text(const char* key, std::string& out, bool required = false);
  void texts(const char* key, std::vector<std::string>& out);
  void flag(const char* key, bool& out);
  /// One of a few words.
  void one_of(const char* key, std::initializer_list<const char*> allowed, std::string& out, bool required = false);
  /// The member itself, or nullptr.
  const Json* find(const char* key, bool required);
  /// The member if it is an object, else an empty object (and a fault, where it is something else or is required and missing).
  const Json& object(const char* key, bool required = false);
  void fail(const std::string& key, const std::string& problem);
  /// Takes over the first fault of a reader of something inside.
  void adopt(const std::string& fault);
  const std::string& where() const { return where_; }
  /// Empty, or what is wrong; also a key that nobody asked for.
  std::string finish();

 private:
  const Json& json_;
  std::string where_, error_;
  std::vector<std::string> known_;
};

}  // namespace osler::train
