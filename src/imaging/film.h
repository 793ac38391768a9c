// A decoded film: what the decoder (decoder/, a process of its own) makes of a file, and the one way from it to what is shown.
// docs/formats/film.md is the form in which it passes between the two processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imaging/gray_image.h"

namespace osler::imaging {

enum class FilmSource { dicom, png, jpeg };

/// What a file says about its film, as far as it matters here; empty where it says nothing. Age and sex describe a patient: whoever
/// holds a Film outside the pipeline holds it as Phi. Nothing that names one (names, ids, dates, UIDs) ever leaves the decoder.
struct FilmAttributes {
  std::string modality;             // (0008,0060), e.g. "DX"
  std::string body_part;            // (0018,0015), e.g. "CHEST"
  std::string view_position;        // (0018,5101), e.g. "PA"
  std::string photometric;          // (0028,0004)
  std::string transfer_syntax;      // UID
  std::string sop_class;            // UID
  std::string manufacturer, model;  // (0008,0070), (0008,1090)
  std::string presentation_intent;  // (0008,0068)
  std::string sex;                  // (0010,0040): "F", "M", "O"
  std::optional<double> age_years;  // (0010,1010), or from the two dates
  std::size_t frames = 1;
  bool burned_in_annotation = false;  // (0028,0301) says YES
};

struct Film {
  FilmSource source = FilmSource::dicom;
  std::size_t width = 0, height = 0;
  /// [height][width]. After the modality transformation, in steps of `value_slope` from `value_intercept`: a modality value (PS3.3 C.11.1) is
  /// value_intercept + value_slope * values[i]. Padding (PS3.3 C.7.5.1.1.2) has the value that is shown black.
  std::vector<std::uint16_t> values;
  double value_intercept = 0, value_slope = 1;
  /// 65,536 entries: what is shown for each value, 0 black to 65,535 white, after VOI (window, sigmoid or table) and MONOCHROME1.
  std::vector<std::uint16_t> display;
  double window_centre = 0, window_width = 0;  // of `display`, in modality values, for a viewer; of a table the range that it covers
  bool inverted = false;                       // the lowest value is white (MONOCHROME1)
  double pixel_aspect = 1;                     // height of a pixel over its width
  FilmAttributes attributes;
  std::vector<std::string> warnings;           // one sentence each, without a patient's data
};

/// The film as it is meant to be seen. CHECKs that `display` is complete.
GrayImage display(const Film& film);

}  // namespace osler::imaging
