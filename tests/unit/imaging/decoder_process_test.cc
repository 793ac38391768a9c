// Whatever the child does, the parent gets an error, no process stays and no descriptor leaks.
#include "imaging/decoder_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>
#include <vector>

namespace osler::imaging {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPlenty{60'000};  // only what must run into its limit has a short one

Error refusal_of(const FilmDecoder& decoder, std::string_view word, std::optional<std::size_t> frame = {}) {
  const Result<Film> film = decoder.decode(as_bytes(word), frame);
  if (film) {
    ADD_FAILURE() << "a film came";
    return {};
  }
  return film.error();
}

Error refusal_of(std::string_view word, milliseconds limit = kPlenty) { return refusal_of(FilmDecoder(OSLER_FAKE_DECODER, limit), word); }

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

TEST(FilmDecoderTest, WhatTheChildRefusesIsTheAnswer) {
  EXPECT_EQ(refusal_of("arguments").external, "decode ");
  EXPECT_EQ(refusal_of(FilmDecoder(OSLER_FAKE_DECODER, kPlenty), "arguments", 7).external, "decode --frame 7 ");
}

TEST(FilmDecoderTest, AHangEndsAtTheLimit) {
  EXPECT_EQ(refusal_of("hang", milliseconds(200)).code, ErrorCode::timeout);
  EXPECT_EQ(refusal_of("half, then hang", milliseconds(200)).code, ErrorCode::timeout);
  EXPECT_EQ(refusal_of("out of time").code, ErrorCode::timeout);
}

TEST(FilmDecoderTest, AnAnswerCountsWhateverTheChildDoesAfterwards) {
  EXPECT_EQ(refusal_of("hang after a film").external, "done");
  EXPECT_EQ(refusal_of("flood after a film").external, "done");
}

TEST(FilmDecoderTest, ACrashIsARefusal) {
  const Error crash = refusal_of("crash");
  EXPECT_EQ(crash.code, ErrorCode::invalid);
  EXPECT_EQ(crash.external, "The file could not be decoded safely.");
  EXPECT_NE(crash.internal.find("signal 11"), std::string::npos);
  EXPECT_NE(refusal_of("fail").internal.find("code 3"), std::string::npos);
  EXPECT_EQ(refusal_of("half").code, ErrorCode::invalid);
  EXPECT_EQ(refusal_of("flood").code, ErrorCode::invalid);
}

TEST(FilmDecoderTest, NothingOfTheParentReachesTheChild) {
  const int leaky = open("/dev/null", O_RDONLY);  // without close-on-exec, as a library's may be
  ASSERT_GT(leaky, 2);
  ASSERT_EQ(setenv("OSLER_SECRET", "x", 1), 0);
  EXPECT_EQ(refusal_of("descriptors").external, "0 1 2 ");
  EXPECT_EQ(refusal_of("environment").external, "GLIBC_TUNABLES ");
  close(leaky);
}

TEST(FilmDecoderTest, AProgramThatIsNotThereIsUnavailable) {
  EXPECT_EQ(refusal_of(FilmDecoder("/nowhere/osler-decoder"), "hang").code, ErrorCode::unavailable);
}

TEST(FilmDecoderTest, AFileOverTheLimitIsNotHandedOn) {
  EXPECT_EQ(FilmDecoder(OSLER_FAKE_DECODER).decode(Bytes(limits::kMaxFilmFileBytes + 1)).error().code, ErrorCode::too_large);
}

TEST(FilmDecoderTest, ManyAtOnceLeaveNothingBehind) {
  const std::size_t before = open_descriptors();
  const FilmDecoder decoder(OSLER_FAKE_DECODER, kPlenty), hasty(OSLER_FAKE_DECODER, milliseconds(100));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k < 10; ++k) {
        EXPECT_EQ(refusal_of(decoder, "descriptors").external, "0 1 2 ");
        if (k == i) { EXPECT_EQ(refusal_of(hasty, "hang").code, ErrorCode::timeout); }
        EXPECT_EQ(refusal_of(decoder, "crash").code, ErrorCode::invalid);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);  // no child, living or dead
}

TEST(FilmDecoderTest, TheRealOneDecodesAndRefuses) {
  const FilmDecoder decoder(OSLER_DECODER, kPlenty);
  EXPECT_EQ(refusal_of(decoder, "no film at all").code, ErrorCode::unsupported_media);
  EXPECT_EQ(refusal_of(decoder, "").code, ErrorCode::unsupported_media);
}

}  // namespace
}  // namespace osler::imaging
