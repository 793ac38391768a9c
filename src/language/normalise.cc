#include "language/normalise.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace osler::language {

namespace {

/// Code points whose plain form Unicode does not give, or gives in a way that loses meaning here.
const char* plain_form(UChar32 c) {
  switch (c) {
    case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x2032: case 0x02BC: case 0x0060: case 0x00B4: return "'";
    case 0x201C: case 0x201D: case 0x201E: case 0x2033: case 0x00AB: case 0x00BB: return "\"";
    case 0x2010: case 0x2011: case 0x2012: case 0x2212: case 0x2043: return "-";
    case 0x2013: return "-";
    case 0x2014: case 0x2015: return " - ";
    case 0x00B2: return "^2";
    case 0x00B3: return "^3";
    case 0x2076: return "^6";
    case 0x2079: return "^9";
    case 0x00BD: return ".5";
    case 0x00BC: return ".25";
    case 0x00BE: return ".75";
    case 0x00BA: case 0x02DA: case 0x00B0: return "\xC2\xB0";
    case 0x2103: return "\xC2\xB0" "c";
    case 0x2109: return "\xC2\xB0" "f";
    case 0x00B5: case 0x03BC: return "u";
    case 0x00D7: return "x";
    case 0x0153: case 0x0152: return "oe";
    case 0x00E6: case 0x00C6: return "ae";
    case 0x00F8: case 0x00D8: return "o";
    case 0x2264: return "<";
    case 0x2265: return ">";
    case 0x2191: return " raised ";
    case 0x2193: return " low ";
    case 0x2022: case 0x25CF: case 0x00B7: return ";";
    case 0x0085: case 0x2028: case 0x2029: return "\n";
    default: return nullptr;
  }
}

class Normaliser {
 public:
  explicit Normaliser(std::string_view source) : source_(source) {
    UErrorCode status = U_ZERO_ERROR;
    fold_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
    decompose_ = icu::Normalizer2::getNFDInstance(status);
    if (U_FAILURE(status)) fold_ = decompose_ = nullptr;  // ICU without its data: ASCII still works
    result_.text.reserve(source.size());
    result_.begins.reserve(source.size());
    result_.ends.reserve(source.size());
  }

  NormalText run() {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(source_.data());
    const auto size = static_cast<std::int32_t>(std::min<std::size_t>(source_.size(), 0x7fffffff));
    std::int32_t at = 0;
    while (at < size) {
      const std::int32_t begin = at;
      if (bytes[at] < 0x80 && bytes[at] != '`') {
        add_ascii(static_cast<char>(bytes[at]), static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + 1));
        ++at;
        continue;
      }
      UChar32 c = 0;
      U8_NEXT(bytes, at, size, c);
      add_code_point(c, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at));
    }
    return std::move(result_);
  }

 private:
  void add_code_point(UChar32 c, std::uint32_t begin, std::uint32_t end) {
    if (c == '`') return add("'", begin, end);
    if (c < 0 || c == 0xFFFD) return add(" ", begin, end);
    if (const char* plain = plain_form(c)) return add(plain, begin, end);
    if (u_isUWhiteSpace(c)) return add(" ", begin, end);
    if (fold_ == nullptr) return add(" ", begin, end);
    add_folded(c, begin, end);
  }

  void add_ascii(char c, std::uint32_t begin, std::uint32_t end) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '\r') c = '\n';
    if ((c < 0x20 && c != '\n') || c == 0x7f) c = ' ';
    result_.text += c;
    result_.begins.push_back(begin);
    result_.ends.push_back(end);
  }

  void add_folded(UChar32 c, std::uint32_t begin, std::uint32_t end) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString folded = decompose_->normalize(fold_->normalize(icu::UnicodeString(c), status), status);
    if (U_FAILURE(status)) return add(" ", begin, end);
    for (std::int32_t i = 0; i < folded.length();) {
      const UChar32 part = folded.char32At(i);
      i += U16_LENGTH(part);
      if (u_charType(part) == U_NON_SPACING_MARK) continue;
      std::string utf8;
      icu::UnicodeString(part).toUTF8String(utf8);
      add(utf8, begin, end);
    }
  }

  void add(std::string_view plain, std::uint32_t begin, std::uint32_t end) {
    result_.text.append(plain);
    result_.begins.insert(result_.begins.end(), plain.size(), begin);
    result_.ends.insert(result_.ends.end(), plain.size(), end);
  }

  std::string_view source_;
  const icu::Normalizer2* fold_ = nullptr;
  const icu::Normalizer2* decompose_ = nullptr;
  NormalText result_;
};

}  // namespace

NormalText normalise(std::string_view source) { return Normaliser(source).run(); }

}  // namespace osler::language
