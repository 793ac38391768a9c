// Which parts of a case each unit of its text said, and the case as if some units had not been said.
#pragma once

#include <cstdint>
#include <vector>

#include "clinical/findings.h"
#include "reasoning/attribution.h"

namespace osler::reasoning {

/// Places of the request that are shown and withheld together: a symptom, a lab, a sentence of the narrative. A span with begin < end holds what
/// was said from there on; one with begin == end holds its whole item (or field: age, sex, severity, ...).
using Unit = std::vector<clinical::TextSpan>;

/// True when what was said at `place` belongs to the unit.
bool holds(const Unit& unit, const clinical::TextSpan& place);

/// One thing that a case says and that its absence would change: a finding, a measurement, a stated condition or a circumstance.
struct Piece {
  enum class Kind : std::uint8_t { finding, quantity, known, age, sex, pregnancy, severity, duration, onset };
  Kind kind = Kind::finding;
  std::size_t place = 0;           // in the list of CaseFindings
  std::vector<std::size_t> units;  // ascending; it goes only when all of these are withheld, and never where there are none
};

/// Everything that the case says. A finding said in two units belongs to both; what is said anywhere outside the units has none.
std::vector<Piece> pieces_of(const clinical::CaseFindings& findings, const std::vector<Unit>& units);

/// True when some unit that said the piece is present, or none can withhold it.
bool is_said(const Piece& piece, const Coalition& present);

/// The case without the pieces that are not said. Severity becomes moderate, sex unknown, pregnancy, duration and onset unstated; the age, which a
/// case cannot lack, stays. has_narrative stays too.
clinical::CaseFindings said_by(const clinical::CaseFindings& findings, const std::vector<Piece>& pieces, const Coalition& present);

/// The same from the units, by unit: true where it is withheld.
clinical::CaseFindings without_units(const clinical::CaseFindings& findings, const std::vector<Unit>& units, const std::vector<bool>& withheld);

}  // namespace osler::reasoning
