// What an encoder reads of a case: the pieces of its units, within a length.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "language/case_text.h"
#include "neural/word_piece.h"

namespace osler::models {

/// Where a piece comes from: bytes [begin, end) of the text of a unit; kNoUnit for [CLS], [SEP] and the stops between units.
struct PiecePlace {
  static constexpr std::uint32_t kNoUnit = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t unit = kNoUnit;
  std::uint32_t begin = 0, end = 0;
};

struct EncoderInput {
  std::vector<neural::TokenId> ids;
  std::vector<PiecePlace> places;   // one for each id
  std::size_t pieces_cut = 0;       // that did not fit
  std::size_t first_cut_unit = 0;   // of which something was cut; only if pieces_cut > 0
};

/// The pieces of each unit, made once, so that many subsets of units can be put together quickly.
using UnitPieces = std::vector<std::vector<neural::WordPieceToken>>;
UnitPieces pieces_of(const std::vector<language::CaseTextUnit>& units, const neural::WordPiece& word_piece);

/// [CLS], each unit followed by a full stop, [SEP]; at most `max_length` ids (3 or more), what is over is cut at the end. `use[i]` tells whether
/// unit i is read; empty means all.
EncoderInput encoder_input(const UnitPieces& units, const std::vector<bool>& use, const neural::WordPiece& word_piece, std::size_t max_length);

}  // namespace osler::models
