// The films beside the repository, through the program and its process ("imaging/decoder_process.h"): each file of `real` does what real_files.table says,
// each of `broken` is decoded or refused.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "base/sha256.h"
#include "imaging/decoder_process.h"

namespace osler {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(OSLER_SOURCE_DIR) / "../shared/data/imaging/dicom";
const fs::path kTable = fs::path(OSLER_SOURCE_DIR) / "tests/unit/decoder/real_files.table";

Bytes bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

/// As the table has it: `decoded <width>x<height> <first 16 digits of the hash of its values>`, or `<error code> <what the caller is told>`.
std::string outcome_of(const Result<imaging::Film>& film) {
  if (!film) return std::string(name_of(film.error().code)) + " " + film.error().external;
  const auto* values = reinterpret_cast<const std::uint8_t*>(film->values.data());
  return "decoded " + std::to_string(film->width) + "x" + std::to_string(film->height) + " " + to_hex(sha256(ByteView(values, film->values.size() * 2))).substr(0, 16);
}

/// Lines `<name> [@<frame>] | <outcome>`; # starts a remark.
std::map<std::string, std::string> table() {
  std::map<std::string, std::string> rows;
  std::ifstream file(kTable);
  for (std::string line; std::getline(file, line);) {
    const std::size_t bar = line.find(" | ");
    if (!line.empty() && line[0] != '#' && bar != std::string::npos) rows[line.substr(0, bar)] = line.substr(bar + 3);
  }
  return rows;
}

TEST(RealFilesTest, EachDoesWhatTheTableSays) {
  if (!fs::exists(kFolder / "real")) GTEST_SKIP() << "no " << (kFolder / "real").lexically_normal() << ": the real DICOM files are not here";
  const std::map<std::string, std::string> rows = table();
  const imaging::FilmDecoder decoder(OSLER_DECODER, std::chrono::seconds(60));  // other tests may take the processor
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(kFolder / "real")) {
    ++files;
    EXPECT_TRUE(rows.contains(entry.path().filename().string())) << entry.path().filename() << " has no line in the table";
  }
  EXPECT_GE(rows.size(), files);
  for (const auto& [name, expected] : rows) {
    const std::size_t at = name.find(" @");
    const std::optional<std::size_t> frame = at == std::string::npos ? std::nullopt : std::optional<std::size_t>(std::stoul(name.substr(at + 2)));
    EXPECT_EQ(outcome_of(decoder.decode(bytes_of(kFolder / "real" / name.substr(0, at)), frame)), expected) << name;
  }
}

TEST(BrokenFilesTest, AllAreDecodedOrRefused) {
  if (!fs::exists(kFolder / "broken")) GTEST_SKIP() << "no " << (kFolder / "broken").lexically_normal() << ": the broken DICOM files are not here";
  const imaging::FilmDecoder decoder(OSLER_DECODER);
  std::map<std::string, int> counts;
  for (const auto& entry : fs::recursive_directory_iterator(kFolder / "broken")) {
    if (entry.path().extension() != ".dcm") continue;
    const Result<imaging::Film> film = decoder.decode(bytes_of(entry.path()));
    const ErrorCode code = film ? ErrorCode::internal : film.error().code;
    const bool is_crash = !film && !film.error().internal.empty();
    EXPECT_TRUE(film || code == ErrorCode::malformed || code == ErrorCode::invalid || code == ErrorCode::too_large || code == ErrorCode::unsupported_media)
      << entry.path().filename() << ": " << outcome_of(film);
    ++counts[film ? "decoded" : is_crash ? "stopped by the walls" : "refused: " + std::string(name_of(code))];
  }
  for (const auto& [what, count] : counts) std::cout << count << ' ' << what << std::endl;
}

}  // namespace
}  // namespace osler
