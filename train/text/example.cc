#include "train/text/example.h"

namespace osler::train {

using namespace clinical;

namespace {

Tag tag_of(Polarity polarity, bool begins) {
  if (polarity == Polarity::present) return begins ? Tag::begin_present : Tag::inside_present;
  return begins ? Tag::begin_absent : Tag::inside_absent;
}

/// Where a labelled span of the request lies in a unit's text, if it does.
bool lies_in(const LabelledSpan& label, const language::CaseTextUnit& unit, std::size_t& begin, std::size_t& end) {
  if (label.span.field != unit.span.field || label.span.item != unit.span.item) return false;
  if (label.span.begin < unit.span.begin || label.span.end > unit.span.end) return false;
  begin = unit.quoted + label.span.begin - unit.span.begin;
  end = unit.quoted + label.span.end - unit.span.begin;
  return true;
}

void label(const std::vector<LabelledSpan>& labels, const std::vector<language::CaseTextUnit>& units, const models::EncoderInput& input, TextExample& out) {
  for (const LabelledSpan& one : labels)
    for (std::uint32_t u = 0; u < units.size(); ++u) {
      std::size_t begin = 0, end = 0;
      if (!lies_in(one, units[u], begin, end)) continue;
      SpanTarget target{0, 0, one.finding};
      bool begun = false;
      for (std::uint32_t i = 0; i < input.places.size(); ++i) {
        const models::PiecePlace& place = input.places[i];
        if (place.unit != u || place.begin < begin || place.end > end) continue;
        out.tags[i] = tag_of(one.polarity, !begun);
        if (!begun) target.first = i;
        target.last = i;
        begun = true;
      }
      if (begun) out.spans.push_back(target);
      break;
    }
}

}  // namespace

TextExample ExampleMaker::begin(const PatientCase& patient, std::vector<language::CaseTextUnit>& units, models::EncoderInput& input) const {
  const GradedLabs graded = grade_measurements(knowledge_, patient);
  units = language::case_text_units(knowledge_, patient, graded.observed);
  input = models::encoder_input(models::pieces_of(units, word_piece_), {}, word_piece_, max_length_);
  TextExample out;
  out.ids = input.ids;
  return out;
}

TextExample ExampleMaker::from(const GeneratedCase& generated) const {
  std::vector<language::CaseTextUnit> units;
  models::EncoderInput input;
  TextExample out = begin(generated.words.patient, units, input);
  out.condition = generated.condition;
  out.tags.assign(out.ids.size(), Tag::outside);
  label(generated.words.spans, units, input, out);
  return out;
}

TextExample ExampleMaker::from(const WrittenCase& written) const {
  std::vector<language::CaseTextUnit> units;
  models::EncoderInput input;
  TextExample out = begin(written.patient, units, input);
  out.condition = written.condition;
  out.tags.assign(out.ids.size(), Tag::unknown);  // nobody marked the findings of these
  return out;
}

TextExample ExampleMaker::from_plain(std::string_view text) const {
  TextExample out;
  out.ids.push_back(word_piece_.begin());
  for (const neural::WordPieceToken& piece : word_piece_.encode(text)) {
    if (out.ids.size() + 1 >= max_length_) break;
    out.ids.push_back(piece.id);
  }
  out.ids.push_back(word_piece_.separator());
  out.tags.assign(out.ids.size(), Tag::unknown);
  return out;
}

}  // namespace osler::train
