#include "audit/segment.h"

#include "audit_fixture.h"

namespace osler::audit {
namespace {

class Segment : public AuditTest {
 protected:
  Bytes make(std::size_t frames, std::size_t entries_in_each = 2) {
    ChainState state;
    Bytes bytes = encode_header(keys_, state);
    for (std::size_t f = 0; f < frames; ++f) {
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < entries_in_each; ++i)
        texts.push_back("entry " + std::to_string(state.next_index() + i) + std::string(300, 'e'));
      starts_.push_back(bytes.size());
      const Bytes frame = encode_frame(keys_, state, bytes.size(), texts);
      bytes.insert(bytes.end(), frame.begin(), frame.end());
    }
    last_ = state;
    return bytes;
  }
  Scan scan(const Bytes& bytes) { return scan_frames(keys_, bytes, decode_header(keys_, bytes).value(), {}); }

  std::vector<std::size_t> starts_;
  ChainState last_;
};

TEST_F(Segment, NamesSortLikeTheirIndexes) {
  EXPECT_EQ(segment_name(42), "entries-00000000000000000042.log");
  EXPECT_EQ(first_index_of(segment_name(~0ull)), ~0ull);
  for (const char* name : {"LOCK", "entries-42.log", "entries-0000000000000000004x.log", "entries-99999999999999999999.log", ""})
    EXPECT_FALSE(first_index_of(name)) << name;
}

TEST_F(Segment, ScansWhatWasEncoded) {
  const Bytes bytes = make(5, 3);
  std::vector<std::string> seen;
  const Scan scan = scan_frames(keys_, bytes, decode_header(keys_, bytes).value(),
                                [&](std::string_view json, const ChainState& after) {
                                  seen.emplace_back(json);
                                  EXPECT_EQ(after.next_index(), seen.size());
                                });
  EXPECT_EQ(scan.tail, TailKind::clean);
  EXPECT_EQ(scan.good_bytes, bytes.size());
  EXPECT_EQ(scan.state.mac, last_.mac);
  EXPECT_EQ(scan.state.frontier.root(), last_.frontier.root());
  ASSERT_EQ(seen.size(), 15u);
  EXPECT_TRUE(seen[14].starts_with("entry 14"));
}

TEST_F(Segment, AHeaderContinuesTheChainAndIsBoundToItsKeys) {
  make(5, 3);
  const Bytes header = encode_header(keys_, last_);
  const DecodedHeader decoded = decode_header(keys_, header).value();
  EXPECT_EQ(decoded.size, header.size());
  EXPECT_EQ(decoded.state.next_index(), 15u);
  EXPECT_EQ(decoded.state.frontier.root(), last_.frontier.root());
  EXPECT_FALSE(decode_header(fresh_keys(), header));
  for (std::size_t i = 0; i < header.size(); ++i) {
    Bytes forged = header;
    forged[i] ^= 4;
    EXPECT_FALSE(decode_header(keys_, forged)) << i;
    EXPECT_FALSE(decode_header(keys_, ByteView(header).first(i))) << i;
  }
}

TEST_F(Segment, CutAnywhereInTheLastFrameIsTorn) {
  const Bytes bytes = make(3);
  for (std::size_t size = starts_[2] + 1; size < bytes.size(); ++size) {
    const Scan result = scan(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
    ASSERT_EQ(result.tail, TailKind::torn) << size;
    ASSERT_EQ(result.good_bytes, starts_[2]);
    ASSERT_EQ(result.state.next_index(), 4u);
  }
}

TEST_F(Segment, SectorsOfTheLastFrameThatNeverCameAreTorn) {
  const Bytes bytes = make(3);
  for (std::size_t sector = (starts_[2] + 511) / 512; (sector + 1) * 512 <= bytes.size(); ++sector) {
    Bytes holed = bytes;
    std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(sector * 512), 512, 0);
    EXPECT_EQ(scan(holed).tail, TailKind::torn) << sector;
    EXPECT_EQ(scan(holed).good_bytes, starts_[2]);
  }
}

TEST_F(Segment, AnyFlippedByteIsDamageNeverATornWrite) {
  const Bytes bytes = make(3);
  for (std::size_t i = starts_[0]; i < bytes.size(); ++i) {
    Bytes forged = bytes;
    forged[i] ^= 0x10;
    ASSERT_EQ(scan(forged).tail, TailKind::damaged) << i;
  }
}

TEST_F(Segment, ALostSectorInTheMiddleIsDamageBecauseFramesFollow) {
  const Bytes bytes = make(6);
  for (std::size_t sector = 1; (sector + 1) * 512 <= starts_[5]; ++sector) {
    Bytes holed = bytes;
    std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(sector * 512), 512, 0);
    EXPECT_EQ(scan(holed).tail, TailKind::damaged) << sector;
  }
}

}  // namespace
}  // namespace osler::audit
