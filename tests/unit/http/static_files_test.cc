#include "http/static_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "base/limits.h"
#include "inspect.h"

namespace osler::http {
namespace {

using testing::header;

namespace fs = std::filesystem;

class StaticFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("osler-web-" + make_uuid());
    write("index.html", "<!doctype html>");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << bytes;
  }
  StaticFiles load() const { return StaticFiles::load(root_.string()).value(); }

  fs::path root_;
};

TEST_F(StaticFilesTest, ServesThePageItsFilesAndTheDocuments) {
  write("static/app/main.js", "export {};");
  write("docs/swagger.html", "<!doctype html>");
  write("docs/swagger-init.js", "");
  write("openapi.json", "{}");
  const StaticFiles files = load();
  EXPECT_EQ(files.find("/")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(files.find("/static/app/main.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(*files.find("/static/app/main.js")->bytes, "export {};");
  EXPECT_NE(files.find("/api/docs"), nullptr);
  EXPECT_NE(files.find("/static/docs/swagger-init.js"), nullptr);
  EXPECT_EQ(files.find("/api/openapi.json")->content_type, "application/json");
}

TEST_F(StaticFilesTest, ServesOnlyTheListedFilesOfPackages) {
  write("node_modules/swagger-ui-dist/swagger-ui.css", "style");
  write("node_modules/swagger-ui-dist/package.json", "{}");
  const StaticFiles files = load();
  EXPECT_EQ(*files.find("/static/vendor/swagger-ui/swagger-ui.css")->bytes, "style");
  EXPECT_EQ(files.find("/static/vendor/swagger-ui/package.json"), nullptr);
  EXPECT_EQ(files.missing().size(), 2u);  // the packages that this folder does not have
}

TEST_F(StaticFilesTest, NothingElseExists) {
  write("package.json", "{}");
  write("static/.env", "SECRET=1");
  write("static/.hidden/a.js", "");
  write("static/notes.txt", "");
  write("static/key.pem", "");
  write("secret.html", "");
  fs::create_symlink(root_ / "secret.html", root_ / "static" / "link.html");
  fs::create_directory_symlink("/etc", root_ / "static" / "etc");
  const StaticFiles files = load();
  EXPECT_EQ(files.size(), 1u);
  for (const std::string_view path :
       {"/package.json", "/static/package.json", "/static/.env", "/static/.hidden/a.js", "/static/notes.txt",
        "/static/key.pem", "/static/link.html", "/static/etc/passwd", "/static/../secret.html", "/secret.html",
        "/static/..%2fsecret.html", "/static//", "//", "", "/index.html/"})
    EXPECT_EQ(files.find(path), nullptr) << path;
}

TEST_F(StaticFilesTest, AFolderWithoutAPageStopsTheStart) {
  fs::remove(root_ / "index.html");
  const auto files = StaticFiles::load(root_.string());
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ErrorCode::configuration);
  EXPECT_FALSE(StaticFiles::load("/nonexistent"));
}

TEST_F(StaticFilesTest, AFileOverTheBoundStopsTheStart) {
  write("static/large.js", std::string(limits::kMaxStaticFileBytes, 'x'));
  EXPECT_TRUE(StaticFiles::load(root_.string()));
  write("static/large.js", std::string(limits::kMaxStaticFileBytes + 1, 'x'));
  EXPECT_FALSE(StaticFiles::load(root_.string()));
}

TEST_F(StaticFilesTest, MoreFilesThanTheBoundStopTheStart) {
  for (std::size_t i = 0; i < limits::kMaxStaticFiles; ++i) write("static/" + std::to_string(i) + ".js", "");
  EXPECT_FALSE(StaticFiles::load(root_.string()));
}

TEST_F(StaticFilesTest, ATagThatIsKnownIsAnsweredWithoutTheBytes) {
  const StaticFiles files = load();
  const StaticFile& page = *files.find("/");
  Request request;
  const Response full = file_response(page, request);
  EXPECT_EQ(full.status, 200u);
  EXPECT_EQ(full.content(), "<!doctype html>");
  EXPECT_EQ(header(full, "ETag"), page.etag);
  for (const std::string& condition : {page.etag, "W/" + page.etag, "\"other\", " + page.etag, std::string("*")}) {
    Request conditional;
    conditional.headers.add("If-None-Match", condition);
    const Response response = file_response(page, conditional);
    EXPECT_EQ(response.status, 304u) << condition;
    EXPECT_EQ(response.content(), "");
    EXPECT_EQ(header(response, "ETag"), page.etag);
  }
  Request stale;
  stale.headers.add("If-None-Match", "\"other\"");
  EXPECT_EQ(file_response(page, stale).status, 200u);
}

TEST_F(StaticFilesTest, TheTagFollowsTheBytes) {
  const std::string before = load().find("/")->etag;
  write("index.html", "<!doctype html>!");
  EXPECT_NE(load().find("/")->etag, before);
}

}  // namespace
}  // namespace osler::http
