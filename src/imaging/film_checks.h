// Whether a film is one that a network for frontal chest radiographs may speak about: by what its file says, and by its grey levels.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "imaging/film.h"

namespace osler::imaging {

/// Something that a reader should know of a film before trusting the answer.
struct QualityFinding {
  std::string code;  // stable: "view_unknown", "odd_proportions", ...
  std::string text;  // one sentence
};

/// By the file's own words. ErrorCode::invalid where they say that this is no frontal chest radiograph: another modality (a CT slice), another
/// part of the body (a hand), a lateral or oblique view. What they leave open comes back as findings.
Result<std::vector<QualityFinding>> check_attributes(const Film& film);

/// By its grey levels, of the film as it is shown. ErrorCode::invalid for a blank film and for one too small to be read (under
/// limits::kMinFilmSide pixels). Proportions of no chest film and hard contrasts come back as findings.
Result<std::vector<QualityFinding>> check_picture(const GrayImage& shown, double pixel_aspect);

/// How much brighter the middle of the film (spine and mediastinum) is than both lung fields beside it, -1 to 1: mean grey of the strip from 44 to 56 % of
/// the width and 25 to 75 % of the height, less that of 18 to 36 % and 64 to 82 % of the width, 25 to 60 % of the height. Bone and heart take more of the
/// ray than air, so a chest film with a value below 0 is inverted. Of 4,012 children's films 1 was below 0, of 296 films of adults 2
/// (docs/adr/0018-look-again.md). Thread-safe.
double mediastinum_contrast(const GrayImage& shown);

}  // namespace osler::imaging
