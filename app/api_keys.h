// The API keys file: `name:role:sha256` a line, so that the file itself opens nothing.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "http/options.h"

namespace osler::app {

/// `#` comments and blank lines are skipped. ErrorCode::configuration with the line's number for any other shape.
Result<std::vector<http::ApiKey>> parse_api_keys(std::string_view content);
Result<std::vector<http::ApiKey>> read_api_keys(FileSystem& files, const std::string& path);

}  // namespace osler::app
