#include "neural/word_piece.h"

#include <unicode/utf8.h>

#include "base/limits.h"
#include "neural/word_reader.h"

namespace osler::neural {

namespace {

constexpr std::string_view kContinuation = "##";

Error refused(std::string what) { return make_error(ErrorCode::corrupted, "A vocabulary was refused.", std::move(what)); }
Error over_limit(std::string what) { return make_error(ErrorCode::too_large, "A vocabulary is over a limit.", std::move(what)); }
std::string line_text(std::size_t line) { return "line " + std::to_string(line + 1); }

bool is_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 code = 0;
    U8_NEXT(bytes, at, size, code);
    if (code < 0) return false;
  }
  return true;
}

/// "##" alone continues nothing: it is a piece like any other, though no word will ever hold it.
bool is_continuation(std::string_view piece) { return piece.size() > kContinuation.size() && piece.starts_with(kContinuation); }

}  // namespace

Result<WordPiece> WordPiece::from_vocabulary(std::string_view vocabulary, const WordPieceOptions& options) {
  if (vocabulary.size() > limits::kMaxVocabularyBytes)
    return over_limit("more than " + std::to_string(limits::kMaxVocabularyBytes) + " bytes");
  WordPiece created;
  created.options_ = options;
  created.text_ = std::string(vocabulary);
  TRY_VOID(created.read_lines());
  TRY_VOID(created.build_tries());
  TRY_VOID(created.find_special_pieces());
  return created;
}

Result<void> WordPiece::read_lines() {
  const std::string_view text = text_;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const bool with_return = end > begin && text[end - 1] == '\r';
    const std::string_view line = text.substr(begin, end - begin - (with_return ? 1 : 0));
    if (line.empty()) return refused(line_text(lines_.size()) + " is empty");
    if (!is_utf8(line)) return refused(line_text(lines_.size()) + " is not UTF-8");
    if (lines_.size() == limits::kMaxVocabularyLines) return over_limit("more than " + std::to_string(limits::kMaxVocabularyLines) + " lines");
    lines_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(line.size())});
    begin = end + 1;
  }
  if (lines_.empty()) return refused("it is empty");
  return ok();
}

Result<void> WordPiece::build_tries() {
  std::vector<PieceTrie::Entry> entries;
  entries.reserve(lines_.size());
  for (std::size_t i = 0; i < lines_.size(); ++i) entries.emplace_back(piece(static_cast<TokenId>(i)), static_cast<TokenId>(i));
  std::sort(entries.begin(), entries.end());
  const auto same_text = [](const auto& left, const auto& right) { return left.first == right.first; };
  const auto twice = std::adjacent_find(entries.begin(), entries.end(), same_text);
  if (twice != entries.end()) return refused(line_text(std::next(twice)->second) + " stands twice; it is " + line_text(twice->second) + " too");
  std::vector<PieceTrie::Entry> continuations;
  for (const auto& [text, id] : entries)
    if (is_continuation(text)) continuations.emplace_back(text.substr(kContinuation.size()), id);
  std::erase_if(entries, [](const auto& entry) { return is_continuation(entry.first); });
  beginnings_ = PieceTrie(entries);
  continuations_ = PieceTrie(continuations);
  return ok();
}

Result<void> WordPiece::find_special_pieces() {
  struct Special {
    const char* text;
    TokenId WordPiece::*id;
  };
  for (const auto& [text, id] : {Special{"[UNK]", &WordPiece::unknown_}, Special{"[PAD]", &WordPiece::padding_},
                                 Special{"[CLS]", &WordPiece::begin_}, Special{"[SEP]", &WordPiece::separator_}}) {
    this->*id = beginnings_.id_of(text);
    if (this->*id < 0) return refused(std::string(text) + " is missing");
  }
  mask_ = id_of("[MASK]");
  return ok();
}

std::vector<WordPieceToken> WordPiece::encode(std::string_view text) const {
  std::vector<WordPieceToken> tokens;
  tokens.reserve(text.size() / 3 + 4);
  WordReader reader(text, options_);
  while (reader.next()) add_pieces(reader, tokens);
  return tokens;
}

/// The longest piece first; a remainder that no piece begins makes the whole word unknown.
void WordPiece::add_pieces(const WordReader& reader, std::vector<WordPieceToken>& tokens) const {
  const std::string_view word = reader.word();
  const std::span<const SourceSpan> sources = reader.sources();
  const std::size_t before = tokens.size();
  for (std::size_t at = 0; at < word.size();) {
    const PieceTrie& pieces = at == 0 ? beginnings_ : continuations_;
    const bool too_long = reader.characters() > options_.max_word_characters;
    const PieceTrie::Match match = too_long ? PieceTrie::Match{} : pieces.longest_prefix(word.substr(at));
    if (match.bytes == 0) {
      tokens.resize(before);
      tokens.push_back({unknown_, sources.front().begin, sources.back().end, true});
      return;
    }
    const std::size_t last = at + match.bytes - 1;
    tokens.push_back({match.id, sources[at].begin, sources[last].end, at == 0});
    at += match.bytes;
  }
}

std::size_t WordPiece::size() const { return lines_.size(); }

std::string_view WordPiece::piece(TokenId id) const {
  CHECK(id >= 0 && static_cast<std::size_t>(id) < lines_.size());
  const Line line = lines_[static_cast<std::size_t>(id)];
  return std::string_view(text_).substr(line.begin, line.size);
}

TokenId WordPiece::id_of(std::string_view piece) const {
  const TokenId id = is_continuation(piece) ? continuations_.id_of(piece.substr(kContinuation.size())) : beginnings_.id_of(piece);
  return id < 0 ? unknown_ : id;
}

TokenId WordPiece::padding() const { return padding_; }
TokenId WordPiece::unknown() const { return unknown_; }
TokenId WordPiece::begin() const { return begin_; }
TokenId WordPiece::separator() const { return separator_; }
TokenId WordPiece::mask() const { return mask_; }

}  // namespace osler::neural
