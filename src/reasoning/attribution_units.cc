#include "reasoning/attribution_units.h"

#include <algorithm>
#include <span>

#include "base/check.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

/// Units that hold the places; none where some place is outside all units, since that goes on saying it.
std::vector<std::size_t> units_holding(const std::vector<Unit>& units, std::span<const TextSpan> places) {
  std::vector<std::size_t> holders;
  for (const TextSpan& place : places) {
    const std::size_t before = holders.size();
    for (std::size_t u = 0; u < units.size(); ++u)
      if (holds(units[u], place)) holders.push_back(u);
    if (holders.size() == before) return {};
  }
  std::sort(holders.begin(), holders.end());
  holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
  return holders;
}

template <typename T>
void keep(std::vector<T>& items, const std::vector<bool>& gone) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (gone[i]) continue;
    if (kept != i) items[kept] = std::move(items[i]);
    ++kept;
  }
  items.resize(kept);
}

void withhold_circumstance(Piece::Kind kind, CaseFindings& findings) {
  if (kind == Piece::Kind::sex) findings.sex = Sex::unknown;
  if (kind == Piece::Kind::pregnancy) findings.pregnant.reset();
  if (kind == Piece::Kind::severity) findings.severity = Severity::moderate;
  if (kind == Piece::Kind::duration) findings.duration_days.reset();
  if (kind == Piece::Kind::onset) findings.onset.reset();
}

}  // namespace

bool holds(const Unit& unit, const TextSpan& place) {
  return std::any_of(unit.begin(), unit.end(), [&](const TextSpan& span) {
    if (span.field != place.field || span.item != place.item) return false;
    return span.begin == span.end || (place.begin >= span.begin && place.begin < span.end);
  });
}

std::vector<Piece> pieces_of(const CaseFindings& findings, const std::vector<Unit>& units) {
  std::vector<Piece> pieces;
  const auto add = [&](Piece::Kind kind, std::size_t place, std::span<const TextSpan> spans) {
    pieces.push_back({kind, place, units_holding(units, spans)});
  };
  for (std::size_t i = 0; i < findings.findings.size(); ++i) add(Piece::Kind::finding, i, findings.findings[i].spans);
  for (std::size_t i = 0; i < findings.quantities.size(); ++i) add(Piece::Kind::quantity, i, {&findings.quantities[i].span, 1});
  for (std::size_t i = 0; i < findings.known.size(); ++i) add(Piece::Kind::known, i, {&findings.known[i].span, 1});
  const auto add_circumstance = [&](Piece::Kind kind, CaseField field, bool stated) {
    TextSpan span;
    span.field = field;
    if (stated) add(kind, 0, {&span, 1});
  };
  add_circumstance(Piece::Kind::age, CaseField::age, true);
  add_circumstance(Piece::Kind::sex, CaseField::sex, findings.sex != Sex::unknown);
  add_circumstance(Piece::Kind::pregnancy, CaseField::pregnant, findings.pregnant.has_value());
  add_circumstance(Piece::Kind::severity, CaseField::severity, findings.severity != Severity::moderate);
  add_circumstance(Piece::Kind::duration, CaseField::duration_days, findings.duration_days.has_value());
  add_circumstance(Piece::Kind::onset, CaseField::onset, findings.onset.has_value());
  return pieces;
}

bool is_said(const Piece& piece, const Coalition& present) {
  return piece.units.empty() || std::any_of(piece.units.begin(), piece.units.end(), [&](std::size_t unit) { return present[unit]; });
}

CaseFindings said_by(const CaseFindings& findings, const std::vector<Piece>& pieces, const Coalition& present) {
  CaseFindings said = findings;
  std::vector<bool> findings_gone(findings.findings.size()), quantities_gone(findings.quantities.size()), known_gone(findings.known.size());
  for (const Piece& piece : pieces) {
    if (is_said(piece, present)) continue;
    if (piece.kind == Piece::Kind::finding) findings_gone[piece.place] = true;
    else if (piece.kind == Piece::Kind::quantity) quantities_gone[piece.place] = true;
    else if (piece.kind == Piece::Kind::known) known_gone[piece.place] = true;
    else withhold_circumstance(piece.kind, said);
  }
  keep(said.findings, findings_gone);
  keep(said.quantities, quantities_gone);
  keep(said.known, known_gone);
  return said;
}

CaseFindings without_units(const CaseFindings& findings, const std::vector<Unit>& units, const std::vector<bool>& withheld) {
  CHECK(withheld.size() == units.size());
  Coalition present = withheld;
  present.flip();
  return said_by(findings, pieces_of(findings, units), present);
}

}  // namespace osler::reasoning
