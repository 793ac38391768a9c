#include "app/api_keys.h"

namespace osler::app {

namespace {

constexpr std::size_t kMaxKeysFileBytes = 1024 * 1024;

Result<http::ApiKey> parse_line(const std::string& line, std::size_t number) {
  const std::size_t first = line.find(':'), second = line.find(':', first + 1);
  const std::string where = "API_KEYS_FILE line " + std::to_string(number) + ": ";
  if (first == std::string::npos || second == std::string::npos)
    return make_error(ErrorCode::configuration, where + "it must be name:role:sha256.");
  Result<http::ApiKey> key =
      http::ApiKey::create(line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1));
  if (!key) return make_error(ErrorCode::configuration, where + key.error().external);
  return key;
}

}  // namespace

Result<std::vector<http::ApiKey>> parse_api_keys(std::string_view content) {
  std::vector<http::ApiKey> keys;
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < content.size(); ++number) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    std::string line(content.substr(begin, end - begin));
    begin = end + 1;
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty() && line.front() != '#') keys.push_back(TRY(parse_line(line, number)));
  }
  return keys;
}

Result<std::vector<http::ApiKey>> read_api_keys(FileSystem& files, const std::string& path) {
  const Result<Bytes> bytes = files.read(path, kMaxKeysFileBytes);
  if (!bytes) return make_error(ErrorCode::configuration, "API_KEYS_FILE cannot be read: " + path + ".");
  return parse_api_keys(as_text(*bytes));
}

}  // namespace osler::app
