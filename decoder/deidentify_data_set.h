// A data set, item by item, through the confidentiality profile.
#pragma once

#include <gdcmDataSet.h>

#include <string_view>

#include "base/result.h"
#include "decoder/deidentify_values.h"

namespace osler::decoder {

/// What may stay of `set`, by profile_action and kept_text; Pixel Data is left to whoever calls. Elements that the standard does not know, or whose type (VR)
/// is not the one it gives them, go. ErrorCode::too_large: nested deeper than limits::kMaxSequenceDepth. May throw what GDCM throws.
Result<gdcm::DataSet> clean_data_set(const gdcm::DataSet& set, const Pseudonyms& pseudonyms, const ProfileOptions& options);

/// Puts a text (padded as its VR wants) in the place of an element.
void replace_text(gdcm::DataSet& set, std::uint32_t tag, gdcm::VR::VRType vr, std::string_view text);

/// Puts a sequence of these items in the place of an element.
void replace_sequence(gdcm::DataSet& set, std::uint32_t tag, const std::vector<gdcm::DataSet>& items);

}  // namespace osler::decoder
