// "imaging/deidentifier.h", "imaging/deidentification.h" and "imaging/child_process.h": the way to the program osler-decoder and back.
#include "imaging/deidentifier.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <thread>

#include "../random_seed.h"
#include "decoder/tags.h"
#include "dicom_builder.h"
#include "imaging/child_process.h"

namespace osler::imaging {
namespace {

const Bytes kKey(kPseudonymKeyBytes, 7);

Bytes film() {
  using decoder::DicomBuilder;
  DicomBuilder set = DicomBuilder::film(4, 2, {1, 2, 3, 4, 5, 6, 7, 8});
  set.text({0x0008, 0x0018, "SOP Instance UID"}, "1.2.3.4", "UI").text({0x0020, 0x000d, "Study Instance UID"}, "1.2.3", "UI");
  return set.text({0x0020, 0x000e, "Series Instance UID"}, "1.2.3.1", "UI").text({0x0010, 0x0020, "Patient ID"}, "12345", "LO").build();
}

Deidentified some_outcome() {
  return {{"OSL0123456789ab", "2.25.1", "2.25.2", "2.25.3"}, {"Jane \xe9", "1.2", "1.3", "1.4"}, true, {"A note."}, {1, 2, 3}};
}

Bytes message_of(const Deidentified& done) {
  Bytes message = write_deidentification_outcome(done);
  message.insert(message.end(), done.file.begin(), done.file.end());
  return message;
}

TEST(DeidentificationTest, RequestsComeBackAsTheyWere) {
  DeidentificationOptions options;
  options.keeps_dates = options.tells_originals = true;
  options.regions = {{0, 0, 1, 0.1, true}, {10, 20, 30, 40, false}};
  Bytes bytes = write_deidentification_request(kKey, options);
  const Bytes file = {9, 8, 7};
  bytes.insert(bytes.end(), file.begin(), file.end());
  const Result<DeidentificationRequest> request = read_deidentification_request(bytes);
  ASSERT_TRUE(request);
  EXPECT_EQ(Bytes(request->key.begin(), request->key.end()), kKey);
  EXPECT_EQ(Bytes(request->file.begin(), request->file.end()), file);
  EXPECT_TRUE(request->options.keeps_dates && request->options.tells_originals && !request->options.keeps_characteristics);
  ASSERT_EQ(request->options.regions.size(), 2u);
  EXPECT_EQ(request->options.regions[1].height, 40);
  EXPECT_TRUE(request->options.regions[0].is_share);
}

TEST(DeidentificationTest, RequestsWithWrongRegionsAreRefused) {
  for (const PixelRegion& region : {PixelRegion{0, 0, 1.5, 1, true}, PixelRegion{-1, 0, 1, 1, false}, PixelRegion{0, 0, 1e9, 1, false}, PixelRegion{0, 0, std::nan(""), 1, true}}) {
    DeidentificationOptions options;
    options.regions = {region};
    EXPECT_FALSE(read_deidentification_request(write_deidentification_request(kKey, options)));
  }
  DeidentificationOptions many;
  many.regions.resize(limits::kMaxPixelRegions);
  Bytes bytes = write_deidentification_request(kKey, many);
  ASSERT_TRUE(read_deidentification_request(bytes));
  bytes[8 + kPseudonymKeyBytes + 4] = static_cast<std::uint8_t>(limits::kMaxPixelRegions + 1);
  EXPECT_FALSE(read_deidentification_request(bytes));
  EXPECT_FALSE(read_deidentification_request(Bytes(kKey)));
}

TEST(DeidentificationTest, OutcomesComeBackAsTheyWere) {
  const Result<Deidentified> done = read_deidentification_outcome(message_of(some_outcome()));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->names.series, "2.25.2");
  EXPECT_EQ(done->originals.patient, "Jane \xe9");
  EXPECT_EQ(done->notes, std::vector<std::string>{"A note."});
  EXPECT_EQ(done->file, (Bytes{1, 2, 3}));
  const Result<Deidentified> refused = read_deidentification_outcome(write_deidentification_outcome(make_error(ErrorCode::too_large, "Too large.")));
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_EQ(refused.error().external, "Too large.");
}

TEST(DeidentificationTest, NamesThatCouldLeadElsewhereAreRefused) {
  for (const char* patient : {"", "OSL0123456789aB", "OSL0123456789abc", "../../etc/passw", "XYZ0123456789ab"}) {
    Deidentified done = some_outcome();
    done.names.patient = patient;
    EXPECT_EQ(read_deidentification_outcome(message_of(done)).error().code, ErrorCode::corrupted) << patient;
  }
  for (const char* uid : {"", "2.25.", "1.2.3", "2.25.1/2", "2.25.1234567890123456789012345678901234567890"}) {
    Deidentified done = some_outcome();
    done.names.study = uid;
    EXPECT_EQ(read_deidentification_outcome(message_of(done)).error().code, ErrorCode::corrupted) << uid;
  }
  Deidentified empty = some_outcome();
  empty.file.clear();
  EXPECT_EQ(read_deidentification_outcome(message_of(empty)).error().code, ErrorCode::corrupted);
}

TEST(DeidentificationTest, BearsAnyBytes) {
  std::mt19937 random(fresh_seed());
  const Bytes good = message_of(some_outcome()), request = write_deidentification_request(kKey, {});
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = round % 2 ? good : request;
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    bytes.resize(random() % (bytes.size() + 1));
    static_cast<void>(read_deidentification_outcome(bytes));
    static_cast<void>(read_deidentification_request(bytes));
  }
  EXPECT_FALSE(read_deidentification_outcome(ByteView(good).first(good.size() - 4)));
}

TEST(DeidentifierTest, WorksInsideTheWalls) {
  const Deidentifier deidentifier(OSLER_DECODER, std::chrono::seconds(60));  // other tests may take the processor
  const Result<Deidentified> done = deidentifier.run(film(), kKey, {});
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->names.patient, "OSLa2ff2b22c25f");
  const Result<Deidentified> refused = deidentifier.run(Bytes{1, 2, 3}, kKey, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported_media);
}

TEST(DeidentifierTest, ManyAtOnceLeaveNothingOpen) {
  const auto open_descriptors = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()); };
  const auto before = open_descriptors();
  const Deidentifier deidentifier(OSLER_DECODER, std::chrono::seconds(60));
  std::vector<Result<Deidentified>> all(24, make_error(ErrorCode::internal, "not run"));
  {
    std::vector<std::jthread> threads;
    for (auto& one : all) threads.emplace_back([&] { one = deidentifier.run(film(), kKey, {}); });
  }
  for (const auto& one : all) EXPECT_TRUE(one) << describe(one.error());
  EXPECT_EQ(open_descriptors(), before);
}

TEST(DeidentifierTest, LargeFilesAreRefusedUnread) {
  const Deidentifier deidentifier("/nowhere");
  EXPECT_EQ(deidentifier.run(Bytes(limits::kMaxFilmFileBytes), kKey, {}).error().code, ErrorCode::too_large);
  EXPECT_EQ(deidentifier.run(film(), kKey, {}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(Deidentifier("/bin/true").run(film(), kKey, {}).error().code, ErrorCode::invalid);
}

TEST(DeidentifierTest, AnAnswerWithoutEndIsCutOff) {
  const Result<Deidentified> endless = Deidentifier("/usr/bin/yes", std::chrono::seconds(60)).run(film(), kKey, {});  // up to limits::kMaxDeidentifiedFileBytes
  EXPECT_EQ(endless.error().code, ErrorCode::invalid);
}

TEST(ChildProcessTest, ReadsItsInputAndIsBounded) {
  const Bytes one = {'a', 'b'}, two = {'c'};
  const Result<ChildOutput> echoed = run_child("/bin/cat", {}, {one, two}, 10, std::chrono::seconds(60));
  ASSERT_TRUE(echoed);
  EXPECT_EQ(as_text(echoed->bytes), "abc");
  EXPECT_EQ(run_child("/bin/cat", {}, {one, two}, 2, std::chrono::seconds(60)).error().code, ErrorCode::invalid);
  EXPECT_EQ(run_child("/bin/sleep", {"60"}, {}, 10, std::chrono::milliseconds(50)).error().code, ErrorCode::timeout);
  EXPECT_EQ(run_child("/bin/false", {}, {}, 10, std::chrono::seconds(60))->bytes.size(), 0u);
}

TEST(ChildProcessTest, GetsNoneOfTheEnvironmentAndNoOtherDescriptor) {
  const Result<ChildOutput> out = run_child("/bin/sh", {"-c", "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=; ls /proc/self/fd | wc -l"}, {}, 4096, std::chrono::seconds(60));
  ASSERT_TRUE(out);
  EXPECT_EQ(as_text(out->bytes), "GLIBC_TUNABLES=glibc.malloc.hugetlb=1\n4\n") << "three, and the folder that ls reads";
}

}  // namespace
}  // namespace osler::imaging
