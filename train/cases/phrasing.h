// The fixed phrases around a patient's findings: openings, joints, denials and talk that tells nothing.
#pragma once

#include <span>
#include <string_view>

#include "train/cases/voice.h"

namespace osler::train {

/// How a voice speaks. "{}" stands for a finding, or in openings for the first one.
struct Phrasing {
  std::span<const std::string_view> openings;     // of the narrative
  std::span<const std::string_view> sentences;    // one more finding
  std::span<const std::string_view> pairs;        // two findings: "{} and {}"
  std::span<const std::string_view> denials;
  std::span<const std::string_view> durations;    // "{}" is the time: "3 days"
  std::span<const std::string_view> histories;    // "{}" is a disease or a habit
  double lay = 0.5;                               // share of lay wordings
  double misspelling = 0.01;
  double talk = 0;                                // sentences that tell nothing, for each finding
};

const Phrasing& phrasing_of(Voice voice);

/// Whether a clause ("my chest hurts") may stand in the pattern, and not only a noun.
bool takes_clause(std::string_view pattern);

/// Whether the pattern may say that of such a finding: only signs are found "on examination", only what somebody feels or has done is reported, and what
/// somebody has been or done is no complaint.
bool suits(std::string_view pattern, clinical::FindingKind kind, clinical::Polarity polarity);

/// Sentences that say nothing of the illness and fit any patient, whoever tells.
std::span<const std::string_view> idle_talk();
/// Likewise, of somebody of working age who speaks of themselves.
std::span<const std::string_view> working_life_talk();

}  // namespace osler::train
