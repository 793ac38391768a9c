#include "decoder/confidentiality_profile.h"

#include <algorithm>
#include <array>

namespace osler::decoder {

namespace {

struct Row {
  std::uint32_t tag;
  std::string_view letters;
};

constexpr Row kTable[] = {
#include "decoder/confidentiality_table.inc"
};

constexpr std::string_view kTerms[] = {
#include "decoder/defined_terms.inc"
};

static_assert(std::is_sorted(std::begin(kTable), std::end(kTable), [](const Row& a, const Row& b) { return a.tag < b.tag; }));
static_assert(std::is_sorted(std::begin(kTerms), std::end(kTerms)));

/// Those of the option's attributes that a number or one of a few words says; the others are free text.
constexpr std::array<std::uint32_t, 7> kCharacteristics = {
  0x00100040, 0x00101010, 0x00101020, 0x00101030, 0x001021a0, 0x001021c0, 0x00102203};

/// Private and command groups, group lengths, curves, overlays, signatures, padding.
bool is_of_removed_group(std::uint32_t tag) {
  const std::uint32_t group = tag >> 16;
  const bool is_repeating = (group & 0xff00) == 0x5000 || (group & 0xff00) == 0x6000;
  return group % 2 == 1 || group <= 0x0006 || is_repeating || group >= 0xfff0 || (tag & 0xffff) == 0;
}

}  // namespace

std::optional<std::string_view> profile_letters(std::uint32_t tag) {
  const Row* row = std::lower_bound(std::begin(kTable), std::end(kTable), tag, [](const Row& each, std::uint32_t wanted) { return each.tag < wanted; });
  if (row == std::end(kTable) || row->tag != tag) return {};
  return row->letters;
}

ProfileAction profile_action(std::uint32_t tag, const ProfileOptions& options) {
  if (is_of_removed_group(tag)) return ProfileAction::remove;
  if (options.keeps_characteristics && std::find(kCharacteristics.begin(), kCharacteristics.end(), tag) != kCharacteristics.end()) return ProfileAction::clean;
  const std::optional<std::string_view> letters = profile_letters(tag);
  if (!letters) return ProfileAction::clean;
  if (*letters == "X/Z/U*") return ProfileAction::clean;  // a sequence whose UIDs are mapped
  switch (letters->back()) {
    case 'D': return ProfileAction::dummy;
    case 'Z': return ProfileAction::empty;
    case 'U': return ProfileAction::map_uid;
    default: return ProfileAction::remove;
  }
}

bool is_never_kept(std::uint32_t tag) {
  constexpr std::array<std::uint32_t, 3> kBirthAndCycle = {0x00100030, 0x00100032, 0x001021d0};
  return std::find(kBirthAndCycle.begin(), kBirthAndCycle.end(), tag) != kBirthAndCycle.end();
}

bool is_defined_term(std::string_view word) { return std::binary_search(std::begin(kTerms), std::end(kTerms), word); }

}  // namespace osler::decoder
