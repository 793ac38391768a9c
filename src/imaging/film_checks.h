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

}  // namespace osler::imaging
