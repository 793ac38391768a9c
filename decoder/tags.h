// The attributes that are read, by their names in PS3.6. Whoever reads another adds it here.
#pragma once

#include "decoder/data_set.h"

namespace osler::decoder::tags {

inline constexpr Tag kSopClassUid{0x0008, 0x0016, "SOP Class UID"};
inline constexpr Tag kStudyDate{0x0008, 0x0020, "Study Date"};
inline constexpr Tag kModality{0x0008, 0x0060, "Modality"};
inline constexpr Tag kPresentationIntent{0x0008, 0x0068, "Presentation Intent Type"};
inline constexpr Tag kManufacturer{0x0008, 0x0070, "Manufacturer"};
inline constexpr Tag kCodeValue{0x0008, 0x0100, "Code Value"};
inline constexpr Tag kCodingScheme{0x0008, 0x0102, "Coding Scheme Designator"};
inline constexpr Tag kModelName{0x0008, 0x1090, "Manufacturer's Model Name"};
inline constexpr Tag kAnatomicRegionSequence{0x0008, 0x2218, "Anatomic Region Sequence"};
inline constexpr Tag kBirthDate{0x0010, 0x0030, "Patient's Birth Date"};
inline constexpr Tag kSex{0x0010, 0x0040, "Patient's Sex"};
inline constexpr Tag kAge{0x0010, 0x1010, "Patient's Age"};
inline constexpr Tag kBodyPart{0x0018, 0x0015, "Body Part Examined"};
inline constexpr Tag kImagerPixelSpacing{0x0018, 0x1164, "Imager Pixel Spacing"};
inline constexpr Tag kViewPosition{0x0018, 0x5101, "View Position"};
inline constexpr Tag kPatientOrientation{0x0020, 0x0020, "Patient Orientation"};
inline constexpr Tag kSamplesPerPixel{0x0028, 0x0002, "Samples per Pixel"};
inline constexpr Tag kPhotometric{0x0028, 0x0004, "Photometric Interpretation"};
inline constexpr Tag kPlanarConfiguration{0x0028, 0x0006, "Planar Configuration"};
inline constexpr Tag kNumberOfFrames{0x0028, 0x0008, "Number of Frames"};
inline constexpr Tag kRows{0x0028, 0x0010, "Rows"};
inline constexpr Tag kColumns{0x0028, 0x0011, "Columns"};
inline constexpr Tag kPixelSpacing{0x0028, 0x0030, "Pixel Spacing"};
inline constexpr Tag kPixelAspectRatio{0x0028, 0x0034, "Pixel Aspect Ratio"};
inline constexpr Tag kBitsAllocated{0x0028, 0x0100, "Bits Allocated"};
inline constexpr Tag kBitsStored{0x0028, 0x0101, "Bits Stored"};
inline constexpr Tag kHighBit{0x0028, 0x0102, "High Bit"};
inline constexpr Tag kPixelRepresentation{0x0028, 0x0103, "Pixel Representation"};
inline constexpr Tag kPixelPaddingValue{0x0028, 0x0120, "Pixel Padding Value"};
inline constexpr Tag kPixelPaddingRangeLimit{0x0028, 0x0121, "Pixel Padding Range Limit"};
inline constexpr Tag kBurnedInAnnotation{0x0028, 0x0301, "Burned In Annotation"};
inline constexpr Tag kWindowCentre{0x0028, 0x1050, "Window Center"};
inline constexpr Tag kWindowWidth{0x0028, 0x1051, "Window Width"};
inline constexpr Tag kRescaleIntercept{0x0028, 0x1052, "Rescale Intercept"};
inline constexpr Tag kRescaleSlope{0x0028, 0x1053, "Rescale Slope"};
inline constexpr Tag kVoiLutFunction{0x0028, 0x1056, "VOI LUT Function"};
inline constexpr Tag kPaletteDescriptors[] = {{0x0028, 0x1101, "Red Palette Color Lookup Table Descriptor"},
  {0x0028, 0x1102, "Green Palette Color Lookup Table Descriptor"}, {0x0028, 0x1103, "Blue Palette Color Lookup Table Descriptor"}};
inline constexpr Tag kPaletteData[] = {{0x0028, 0x1201, "Red Palette Color Lookup Table Data"},
  {0x0028, 0x1202, "Green Palette Color Lookup Table Data"}, {0x0028, 0x1203, "Blue Palette Color Lookup Table Data"}};
inline constexpr Tag kSegmentedPaletteData{0x0028, 0x1221, "Segmented Red Palette Color Lookup Table Data"};
inline constexpr Tag kModalityLutSequence{0x0028, 0x3000, "Modality LUT Sequence"};
inline constexpr Tag kLutDescriptor{0x0028, 0x3002, "LUT Descriptor"};
inline constexpr Tag kLutData{0x0028, 0x3006, "LUT Data"};
inline constexpr Tag kVoiLutSequence{0x0028, 0x3010, "VOI LUT Sequence"};
inline constexpr Tag kPixelMeasuresSequence{0x0028, 0x9110, "Pixel Measures Sequence"};
inline constexpr Tag kFrameVoiLutSequence{0x0028, 0x9132, "Frame VOI LUT Sequence"};
inline constexpr Tag kPixelValueTransformationSequence{0x0028, 0x9145, "Pixel Value Transformation Sequence"};
inline constexpr Tag kViewCodeSequence{0x0054, 0x0220, "View Code Sequence"};
inline constexpr Tag kPresentationLutShape{0x2050, 0x0020, "Presentation LUT Shape"};
inline constexpr Tag kSharedFunctionalGroups{0x5200, 0x9229, "Shared Functional Groups Sequence"};
inline constexpr Tag kPerFrameFunctionalGroups{0x5200, 0x9230, "Per-frame Functional Groups Sequence"};
inline constexpr Tag kFloatPixelData{0x7fe0, 0x0008, "Float Pixel Data"};
inline constexpr Tag kDoubleFloatPixelData{0x7fe0, 0x0009, "Double Float Pixel Data"};
inline constexpr Tag kPixelData{0x7fe0, 0x0010, "Pixel Data"};

}  // namespace osler::decoder::tags
