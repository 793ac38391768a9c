// What a file says about its film, and the shape of its pixels. Nothing that names a patient is read.
#pragma once

#include "decoder/dicom_file.h"
#include "imaging/film.h"

namespace osler::decoder {

/// Unusable texts are left empty. Where Body Part Examined or View Position is, the codes of coded_terms.h say it; a view that neither says is LATERAL where Patient
/// Orientation has rows lead forwards or backwards. The age is Patient's Age, else from Birth Date and Study Date; none that nobody reaches.
imaging::FilmAttributes read_attributes(const DicomFile& file, std::size_t frames);

/// Warns where Patient Orientation is anything but that of a frontal film, rows to the left of the patient and columns to the feet.
void check_orientation(const DataSetView& set, std::vector<std::string>& warnings);

/// Height of a pixel over its width: Pixel Aspect Ratio (vertical\horizontal), else Pixel Spacing, else Imager Pixel Spacing (between
/// rows\between columns), else 1. `measures`: the set that holds Pixel Spacing. One that is not two numbers above 0 (writers without a scale
/// put 0) is passed over with a warning. ErrorCode::invalid: more than limits::kMaxPixelAspect.
Result<double> read_pixel_aspect(const DataSetView& top, const DataSetView& measures, std::vector<std::string>& warnings);

}  // namespace osler::decoder
