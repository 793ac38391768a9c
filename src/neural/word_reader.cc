#include "neural/word_reader.h"

#include <unicode/utf8.h>

#include "neural/character_rules.h"

namespace osler::neural {

namespace {

constexpr std::array<AsciiKind, 128> kAsciiKinds = [] {
  std::array<AsciiKind, 128> kinds{};
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = ascii_kind_of(static_cast<char32_t>(i));
  return kinds;
}();

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }
AsciiKind kind_of_ascii(char byte) { return kAsciiKinds[static_cast<unsigned char>(byte)]; }
bool is_ascii_blank(char byte) { return is_ascii(byte) && kind_of_ascii(byte) == AsciiKind::white_space; }
char lowered(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

}  // namespace

WordReader::WordReader(std::string_view text, const WordPieceOptions& options) : text_(text), options_(options) {}

bool WordReader::next() {
  word_.clear();
  sources_.clear();
  characters_ = 0;
  while (word_.empty()) {
    if (pending_at_ < pending_.size()) read_pending_word();
    else if (at_ < ascii_end_) read_ascii_word();
    else if (!find_chunk()) return false;
  }
  return true;
}

/// A chunk is what lies between ASCII blanks. One that is all ASCII, as nearly all are, is read as it stands; any other is prepared
/// as a whole, since what a character becomes may depend on its neighbours (final sigma, order of marks).
bool WordReader::find_chunk() {
  while (at_ < text_.size() && is_ascii_blank(text_[at_])) ++at_;
  if (at_ == text_.size()) return false;
  std::size_t end = at_;
  bool ascii = true;
  for (; end < text_.size() && !is_ascii_blank(text_[end]); ++end) ascii = ascii && is_ascii(text_[end]);
  if (ascii) ascii_end_ = end;
  else prepare_chunk(end);
  return true;
}

/// May find nothing but dropped characters.
void WordReader::read_ascii_word() {
  for (; at_ < ascii_end_; ++at_) {
    const AsciiKind kind = kind_of_ascii(text_[at_]);
    if (kind == AsciiKind::dropped) continue;
    if (kind == AsciiKind::punctuation && !word_.empty()) return;
    word_ += options_.lower_case ? lowered(text_[at_]) : text_[at_];
    sources_.push_back({at_, at_ + 1});
    ++characters_;
    if (kind != AsciiKind::punctuation) continue;
    ++at_;
    return;
  }
}

void WordReader::read_pending_word() {
  do append(pending_[pending_at_++]);
  while (pending_at_ < pending_.size() && !pending_[pending_at_].begins_word);
}

void WordReader::prepare_chunk(std::size_t end) {
  pending_.clear();
  pending_at_ = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text_.data());
  while (at_ < end) {
    const auto length = static_cast<std::int32_t>(std::min<std::size_t>(end - at_, U8_MAX_LENGTH));
    std::int32_t used = 0;
    UChar32 code = 0;
    U8_NEXT(bytes + at_, used, length, code);
    const SourceSpan source{at_, at_ + static_cast<std::size_t>(used)};
    at_ = source.end;
    if (code >= 0) add_to_segment(static_cast<char32_t>(code), source);
  }
  finish_segment();
}

void WordReader::add_to_segment(char32_t code, SourceSpan source) {
  if (is_dropped(code)) return;
  if (is_white_space(code)) return finish_segment();
  const bool alone = options_.split_chinese && is_chinese(code);
  if (alone) finish_segment();
  segment_.push_back({code, source});
  if (alone) finish_segment();
}

/// Normalises the segment and cuts it at punctuation.
void WordReader::finish_segment() {
  if (options_.lower_case) lower_case(segment_);
  if (options_.lower_case && options_.strip_accents) strip_accents(segment_);
  bool begins = true;
  for (SourceCharacter& character : segment_) {
    const bool alone = is_punctuation(character.code);
    character.begins_word = begins || alone;
    begins = alone;
  }
  pending_.insert(pending_.end(), segment_.begin(), segment_.end());
  segment_.clear();
}

void WordReader::append(const SourceCharacter& character) {
  std::array<char, U8_MAX_LENGTH> utf8;
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(utf8.data(), length, static_cast<UChar32>(character.code));
  word_.append(utf8.data(), static_cast<std::size_t>(length));
  sources_.insert(sources_.end(), static_cast<std::size_t>(length), character.source);
  ++characters_;
}

}  // namespace osler::neural
