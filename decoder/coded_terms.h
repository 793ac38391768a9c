// What a film shows and from where, as codes of SNOMED say it (PS3.16 context groups), in the words of those files that use words.
#pragma once

#include <string>

#include "decoder/data_set.h"

namespace osler::decoder {

/// The first item of Anatomic Region Sequence as a word of Body Part Examined (PS3.16 annex L), such as "CHEST" or "HAND": codes of CID 4009 (DX Anatomy
/// Imaged) and the lung. Empty where there is none, or a code that is not among them. Thread-safe.
std::string coded_body_part(const DataSetView& set);

/// The first item of View Code Sequence (CID 4010, DX View) as a word of View Position: "AP", "PA", "FRONTAL", "LL", "RL", "LATERAL", or one of no frontal
/// view, such as "OBLIQUE". Empty as above. Thread-safe.
std::string coded_view(const DataSetView& set);

}  // namespace osler::decoder
