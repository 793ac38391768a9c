#include "models/encoder_input.h"

#include "base/check.h"

namespace osler::models {

UnitPieces pieces_of(const std::vector<language::CaseTextUnit>& units, const neural::WordPiece& word_piece) {
  UnitPieces pieces;
  pieces.reserve(units.size());
  for (const language::CaseTextUnit& unit : units) pieces.push_back(word_piece.encode(unit.text));
  return pieces;
}

EncoderInput encoder_input(const UnitPieces& units, const std::vector<bool>& use, const neural::WordPiece& word_piece, std::size_t max_length) {
  CHECK(max_length >= 3 && (use.empty() || use.size() == units.size()));
  const neural::TokenId stop = word_piece.id_of(".");
  EncoderInput input;
  input.ids.reserve(max_length);
  const auto add = [&](neural::TokenId id, const PiecePlace& place) {
    input.ids.push_back(id);
    input.places.push_back(place);
  };
  const auto full = [&] { return input.ids.size() + 1 >= max_length; };
  add(word_piece.begin(), {});
  for (std::uint32_t u = 0; u < units.size(); ++u) {
    if (!use.empty() && !use[u]) continue;
    for (const neural::WordPieceToken& piece : units[u]) {
      if (full()) {
        if (input.pieces_cut++ == 0) input.first_cut_unit = u;
      } else {
        add(piece.id, {u, static_cast<std::uint32_t>(piece.begin), static_cast<std::uint32_t>(piece.end)});
      }
    }
    if (!units[u].empty() && units[u].back().id != stop && stop != word_piece.unknown() && !full()) add(stop, {});
  }
  add(word_piece.separator(), {});
  return input;
}

}  // namespace osler::models
