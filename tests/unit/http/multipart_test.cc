#include "http/multipart.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace osler::http {
namespace {

constexpr std::string_view kBoundary = "----x";

std::string part(std::string_view headers, std::string_view content) {
  return "------x\r\n" + std::string(headers) + "\r\n\r\n" + std::string(content) + "\r\n";
}
std::string form(std::string_view parts) { return std::string(parts) + "------x--\r\n"; }

TEST(Multipart, BoundaryIsReadAsBrowsersAndCurlWriteIt) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=----WebKitFormBoundary7MA4"), "----WebKitFormBoundary7MA4");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b?c\""), "a b?c");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(70, 'a')), std::string(70, 'a'));
}

TEST(Multipart, AnythingElseHasNoBoundary) {
  for (const std::string& text : {std::string("multipart/form-data"), std::string("multipart/mixed; boundary=a"), std::string("application/json"),
                                  std::string("multipart/form-data; boundary="), std::string("multipart/form-data; boundary=a{"),
                                  std::string("multipart/form-data; boundary=\"a \""), "multipart/form-data; boundary=" + std::string(71, 'a')})
    EXPECT_FALSE(multipart_boundary(text)) << text;
}

TEST(Multipart, PartsKeepTheirBytes) {
  const std::string bytes("a\r\n--x\r\n\0\xff------", 18);
  const std::string body = "preamble\r\n" + form(part("Content-Disposition: form-data; name=\"file\"; filename=\"a;\\\"b.dcm\"\r\nContent-Type: application/dicom", bytes) +
                                                 part("content-disposition: form-data; name=age_years", ""));
  const auto parts = parse_multipart(body, kBoundary);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ(parts->at(0).name, "file");
  EXPECT_EQ(parts->at(0).content, bytes);
  EXPECT_EQ(parts->at(1).name, "age_years");
  EXPECT_EQ(parts->at(1).content, "");
}

TEST(Multipart, DamagedFormsAreRefused) {
  const std::string good = part("Content-Disposition: form-data; name=\"file\"", "content");
  for (const std::string& body :
       {std::string(), std::string("no boundary"), good, good + "------x", form(part("Content-Disposition: attachment; name=\"file\"", "x")),
        form(part("Content-Disposition: form-data", "x")), form(part("Content-Type: text/plain", "x")),
        form(part("Content-Disposition: form-data; name=\"file\"\r\nContent-Transfer-Encoding: base64", "x")), std::string("------x garbage\r\n") + good,
        form("------x\r\nContent-Disposition: form-data; name=\"file\"")}) {
    const auto parts = parse_multipart(body, kBoundary);
    ASSERT_FALSE(parts) << body;
    EXPECT_EQ(parts.error().code, ErrorCode::malformed) << body;
  }
}

TEST(Multipart, HeaderAndPartsHaveTheirBounds) {
  const std::string long_header = "Content-Disposition: form-data; name=\"file\"\r\nX: " + std::string(limits::kMaxFormPartHeaderBytes, 'x');
  EXPECT_EQ(parse_multipart(form(part(long_header, "x")), kBoundary).error().code, ErrorCode::malformed);
  std::string parts;
  for (std::size_t i = 0; i < limits::kMaxFormParts; ++i) parts += part("Content-Disposition: form-data; name=\"f\"", "x");
  EXPECT_EQ(parse_multipart(form(parts), kBoundary)->size(), limits::kMaxFormParts);
  EXPECT_EQ(parse_multipart(form(parts + part("Content-Disposition: form-data; name=\"f\"", "x")), kBoundary).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace osler::http
