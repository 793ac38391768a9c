// The files of the page and of the API documents. All are read once at start into a fixed map, so that no request
// ever names a file: what is not in the map does not exist.
//
//   /                        <root>/index.html
//   /favicon.ico             <root>/static/favicon.ico, where it exists
//   /static/...              <root>/static/... (known extensions; no hidden files, no symbolic links)
//   /static/docs/...         <root>/docs/... (the same)
//   /static/vendor/<p>/...   the files of npm packages listed in static_files.cc
//   /api/docs, /api/redoc    <root>/docs/swagger.html, redoc.html
//   /api/openapi.json        <root>/openapi.json
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace osler::http {

struct StaticFile {
  std::shared_ptr<const std::string> bytes;
  std::string content_type;
  std::string etag;           // strong, quoted
  std::string cache_control;
};

/// Immutable after load(), so any thread may read it.
class StaticFiles {
 public:
  /// No files at all: a server without a page.
  StaticFiles() = default;

  /// ErrorCode::configuration when `root` has no index.html or a file is over limits::kMaxStaticFileBytes. Packages that
  /// are not installed are left out and listed by missing().
  static Result<StaticFiles> load(const std::string& root);

  /// None when nothing has that path (exact bytes).
  const StaticFile* find(std::string_view path) const;
  const std::vector<std::string>& missing() const { return missing_; }
  std::size_t size() const { return files_.size(); }

 private:
  Result<void> add_file(const std::string& path, const std::string& file, std::string_view cache_control);
  Result<void> add_folder(const std::string& prefix, const std::string& folder);

  std::map<std::string, StaticFile, std::less<>> files_;
  std::vector<std::string> missing_;
};

/// 200 with the file, or 304 when If-None-Match holds its tag.
Response file_response(const StaticFile& file, const Request& request);

}  // namespace osler::http
