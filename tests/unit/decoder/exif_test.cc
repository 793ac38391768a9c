#include "decoder/exif.h"

#include <gtest/gtest.h>

#include <random>

namespace osler::decoder {
namespace {

// Two entries, the second one the orientation, 6.
const Bytes kTurned = {'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0, 0x0f, 0x01, 2, 0, 4, 0, 0, 0, 'a', 'b', 'c', 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0};

TEST(Exif, IsReadWhereverItStandsInTheFirstDirectory) { EXPECT_EQ(exif_orientation(kTurned), 6u); }

TEST(Exif, WithoutAnOrientationAPictureIsShownAsItIs) {
  EXPECT_EQ(exif_orientation({}), 1u);
  EXPECT_EQ(exif_orientation(as_bytes("I")), 1u);
  EXPECT_EQ(exif_orientation(as_bytes("no TIFF at all")), 1u);
  Bytes other_tag = kTurned, nine = kTurned, other_type = kTurned;
  other_tag[22] = 0x13, nine[30] = 9, other_type[24] = 4;
  for (const Bytes& exif : {other_tag, nine, other_type}) EXPECT_EQ(exif_orientation(exif), 1u);
}

TEST(Exif, CutShortOrDamagedItStaysWithinItsBytes) {
  for (std::size_t length = 0; length < 32; ++length) EXPECT_EQ(exif_orientation(Bytes(kTurned.begin(), kTurned.begin() + static_cast<std::ptrdiff_t>(length))), length < 32 ? 1u : 6u);
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    Bytes exif = kTurned;
    for (int change = 0; change < 3; ++change) exif[random() % exif.size()] = static_cast<std::uint8_t>(random());
    const unsigned orientation = exif_orientation(exif);
    EXPECT_TRUE(orientation >= 1 && orientation <= 8);
  }
}

}  // namespace
}  // namespace osler::decoder
