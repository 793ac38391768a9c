#include "http/static_files.h"

#include <openssl/sha.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/limits.h"

namespace osler::http {

namespace {

namespace fs = std::filesystem;

struct MediaType {
  std::string_view extension;
  std::string_view type;
};

constexpr MediaType kTypes[] = {
    {".html", "text/html; charset=utf-8"},       {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},   {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},               {".svg", "image/svg+xml"},
    {".png", "image/png"},                       {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},                    {".webmanifest", "application/manifest+json"},
};

struct VendorFile {
  std::string_view path;  // under /static/vendor/
  std::string_view file;  // under node_modules/
};

constexpr VendorFile kVendorFiles[] = {
    {"swagger-ui/swagger-ui-bundle.js", "swagger-ui-dist/swagger-ui-bundle.js"},
    {"swagger-ui/swagger-ui.css", "swagger-ui-dist/swagger-ui.css"},
    {"redoc/redoc.standalone.js", "redoc/bundles/redoc.standalone.js"},
};

struct Document {
  std::string_view path;
  std::string_view file;
};

constexpr Document kDocuments[] = {
    {"/", "index.html"},
    {"/films", "films.html"},
    {"/api/docs", "docs/swagger.html"},
    {"/api/redoc", "docs/redoc.html"},
    {"/api/openapi.json", "openapi.json"},
    {"/favicon.ico", "static/favicon.ico"},
};

constexpr std::string_view kRevalidate = "no-cache";
constexpr std::string_view kOneDay = "public, max-age=86400";

std::optional<std::string_view> type_of(const fs::path& file) {
  for (const MediaType& known : kTypes)
    if (known.extension == file.extension().string()) return known.type;
  return std::nullopt;
}

std::string etag_of(const std::string& bytes) {
  std::array<std::uint8_t, 32> digest{};
  SHA256(as_bytes(bytes).data(), bytes.size(), digest.data());
  return '"' + to_hex({digest.data(), 16}) + '"';
}

bool is_hidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

/// If-None-Match is a list of tags, weak or not, or "*" (RFC 9110 section 13.1.2).
bool matches(std::string_view condition, std::string_view etag) {
  while (!condition.empty()) {
    std::string_view tag = trim(take_until(condition, ','));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || tag == etag) return true;
  }
  return false;
}

}  // namespace

Result<void> StaticFiles::add_file(const std::string& path, const std::string& file, std::string_view cache_control) {
  const auto type = type_of(file);
  if (!type) return ok();
  if (files_.size() >= limits::kMaxStaticFiles)
    return make_error(ErrorCode::configuration, "The folder of the page holds too many files.");
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(limits::kMaxStaticFileBytes + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || !stream.eof())
    return make_error(ErrorCode::configuration, "A file of the page cannot be read or is too large.", file);
  StaticFile loaded{nullptr, std::string(*type), etag_of(bytes), std::string(cache_control)};
  bytes.shrink_to_fit();
  loaded.bytes = std::make_shared<const std::string>(std::move(bytes));
  files_.insert_or_assign(path, std::move(loaded));
  return ok();
}

Result<void> StaticFiles::add_folder(const std::string& prefix, const std::string& folder) {
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (entry->is_symlink(failure) || is_hidden(entry->path())) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file(failure)) continue;
    const std::string below = entry->path().lexically_relative(folder).generic_string();
    TRY_VOID(add_file(prefix + below, entry->path().string(), kRevalidate));
  }
  return ok();
}

Result<StaticFiles> StaticFiles::load(const std::string& root) {
  StaticFiles files;
  const fs::path base(root);
  std::error_code failure;
  TRY_VOID(files.add_folder("/static/", (base / "static").string()));
  TRY_VOID(files.add_folder("/static/docs/", (base / "docs").string()));
  for (const Document& document : kDocuments)
    if (fs::is_regular_file(base / document.file, failure))
      TRY_VOID(files.add_file(std::string(document.path), (base / document.file).string(), kRevalidate));
  for (const VendorFile& vendor : kVendorFiles) {
    const fs::path file = base / "node_modules" / vendor.file;
    if (fs::is_regular_file(file, failure))
      TRY_VOID(files.add_file("/static/vendor/" + std::string(vendor.path), file.string(), kOneDay));
    else
      files.missing_.emplace_back(vendor.file);
  }
  if (files.find("/") == nullptr)
    return make_error(ErrorCode::configuration, "The folder of the page holds no index.html.", root);
  return files;
}

const StaticFile* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

Response file_response(const StaticFile& file, const Request& request) {
  Response response;
  response.set_header("ETag", file.etag);
  response.set_header("Cache-Control", file.cache_control);
  const auto condition = request.headers.find("if-none-match");
  if (condition && matches(*condition, file.etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = file.content_type;
  response.shared_body = file.bytes;
  return response;
}

}  // namespace osler::http
