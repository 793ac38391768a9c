#include "neural/character_rules.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "base/check.h"

namespace osler::neural {

namespace {

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kSmallSigma = 0x3C3;
constexpr char32_t kFinalSigma = 0x3C2;
constexpr char32_t kDottedCapitalI = 0x130;
constexpr char32_t kDotAbove = 0x307;
constexpr char32_t kFirstDecomposable = 0xC0;

using Characters = std::vector<SourceCharacter>;

UChar32 unicode(char32_t code) { return static_cast<UChar32>(code); }
bool is_case_ignorable(char32_t code) { return u_hasBinaryProperty(unicode(code), UCHAR_CASE_IGNORABLE); }
bool is_cased(char32_t code) { return u_hasBinaryProperty(unicode(code), UCHAR_CASED); }

/// For each character, whether the nearest one after it that is not case-ignorable is cased (Unicode 3.13, Final_Sigma). One pass
/// for all, so that a row of sigmas and apostrophes takes no longer than any other.
std::vector<bool> followed_by_cased(const Characters& characters) {
  std::vector<bool> followed(characters.size());
  bool cased = false;
  for (std::size_t i = characters.size(); i-- > 0;) {
    followed[i] = cased;
    if (!is_case_ignorable(characters[i].code)) cased = is_cased(characters[i].code);
  }
  return followed;
}

void lower_sigmas(Characters& characters) {
  const std::vector<bool> followed = followed_by_cased(characters);
  bool preceded = false;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    char32_t& code = characters[i].code;
    const bool ignorable = is_case_ignorable(code);
    const bool cased = is_cased(code);
    if (code == kCapitalSigma) code = preceded && !followed[i] ? kFinalSigma : kSmallSigma;
    if (!ignorable) preceded = cased;
  }
}

const icu::Normalizer2& decomposer() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
  CHECK(U_SUCCESS(status) && nfd != nullptr);  // its data are part of the library
  return *nfd;
}

void decompose(const icu::Normalizer2& nfd, const SourceCharacter& character, Characters& out) {
  icu::UnicodeString parts;
  if (character.code < kFirstDecomposable || !nfd.getDecomposition(unicode(character.code), parts)) return out.push_back(character);
  for (std::int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1))
    out.push_back({static_cast<char32_t>(parts.char32At(i)), character.source});
}

std::uint8_t combining_class(const SourceCharacter& character) {
  return character.code < kFirstDecomposable ? std::uint8_t{0} : u_getCombiningClass(unicode(character.code));
}

/// A row of marks in canonical order. What was moved takes the source of the whole row, so that sources still ascend.
void order_marks(Characters::iterator begin, Characters::iterator end) {
  const auto by_class = [](const SourceCharacter& left, const SourceCharacter& right) { return combining_class(left) < combining_class(right); };
  if (std::is_sorted(begin, end, by_class)) return;
  const SourceSpan row{begin->source.begin, std::prev(end)->source.end};
  std::stable_sort(begin, end, by_class);
  for (auto mark = begin; mark != end; ++mark) mark->source = row;
}

void order_all_marks(Characters& characters) {
  for (auto at = characters.begin(); at != characters.end();) {
    if (combining_class(*at) == 0) {
      ++at;
      continue;
    }
    const auto end = std::find_if(at, characters.end(), [](const SourceCharacter& character) { return combining_class(character) == 0; });
    order_marks(at, end);
    at = end;
  }
}

}  // namespace

bool is_white_space(char32_t code) {
  if (code < 0x80) return ascii_kind_of(code) == AsciiKind::white_space;
  return code == 0x2028 || code == 0x2029 || u_charType(unicode(code)) == U_SPACE_SEPARATOR;
}

bool is_dropped(char32_t code) {
  if (code < 0x80) return ascii_kind_of(code) == AsciiKind::dropped;
  const auto category = u_charType(unicode(code));
  return code == 0xFFFD || category == U_CONTROL_CHAR || category == U_FORMAT_CHAR;
}

bool is_punctuation(char32_t code) {
  if (code < 0x80) return ascii_kind_of(code) == AsciiKind::punctuation;
  return u_ispunct(unicode(code));  // exactly the categories P*
}

bool is_chinese(char32_t code) {
  return (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0x3400 && code <= 0x4DBF) || (code >= 0xF900 && code <= 0xFAFF) ||
         (code >= 0x20000 && code <= 0x2A6DF) || (code >= 0x2A700 && code <= 0x2CEAF) || (code >= 0x2F800 && code <= 0x2FA1F);
}

void lower_case(Characters& characters) {
  if (std::any_of(characters.begin(), characters.end(), [](const SourceCharacter& c) { return c.code == kCapitalSigma; })) lower_sigmas(characters);
  Characters lowered;
  lowered.reserve(characters.size());
  for (SourceCharacter character : characters) {
    const bool dotted = character.code == kDottedCapitalI;
    character.code = dotted ? U'i' : static_cast<char32_t>(u_tolower(unicode(character.code)));
    lowered.push_back(character);
    if (dotted) lowered.push_back({kDotAbove, character.source});
  }
  characters = std::move(lowered);
}

void strip_accents(Characters& characters) {
  const icu::Normalizer2& nfd = decomposer();
  Characters decomposed;
  decomposed.reserve(characters.size());
  for (const SourceCharacter& character : characters) decompose(nfd, character, decomposed);
  order_all_marks(decomposed);
  characters.clear();
  for (const SourceCharacter& character : decomposed) {
    if (character.code < kFirstDecomposable || u_charType(unicode(character.code)) != U_NON_SPACING_MARK) characters.push_back(character);
    else if (!characters.empty()) characters.back().source.end = std::max(characters.back().source.end, character.source.end);
  }
}

}  // namespace osler::neural
