#include "decoder/deidentify.h"

#include <gdcmExplicitDataElement.h>
#include <gdcmImplicitDataElement.h>
#include <gdcmSwapper.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <ostream>
#include <streambuf>

#include "decoder/deidentify_data_set.h"
#include "decoder/deidentify_pixels.h"
#include "decoder/tags.h"

namespace osler::decoder {

namespace {

using gdcm::VR;

constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2", kExplicitLittleEndian = "1.2.840.10008.1.2.1", kDeflated = "1.2.840.10008.1.2.1.99",
                           kExplicitBigEndian = "1.2.840.10008.1.2.2";
constexpr std::string_view kImplementationClass = "2.25.206350176283465410384526173240398217605", kImplementationName = "OSLER1";
constexpr std::string_view kStorage = "1.2.840.10008.5.1.4.1.1.";

constexpr Tag kSopInstanceUid{0x0008, 0x0018, "SOP Instance UID"}, kStudyInstanceUid{0x0020, 0x000d, "Study Instance UID"},
              kSeriesInstanceUid{0x0020, 0x000e, "Series Instance UID"}, kPatientName{0x0010, 0x0010, "Patient's Name"}, kPatientId{0x0010, 0x0020, "Patient ID"},
              kImageType{0x0008, 0x0008, "Image Type"}, kRecognizableFeatures{0x0028, 0x0302, "Recognizable Visual Features"};

/// Storage classes, below kStorage, of what is no picture, or has more in it than a picture: there texts are the content.
constexpr std::array<std::string_view, 14> kNotPictures = {"4.2", "9.", "11.", "34.", "66", "67", "68.", "78.", "79.", "80.", "88.", "90.", "104.", "481."};

std::string raw_text(const DataSetView& set, const Tag& tag) {
  const std::optional<ByteView> bytes = set.bytes(tag);
  return bytes ? std::string(without_padding(as_text(*bytes))) : std::string();
}

Error not_cleanable(const char* what) { return make_error(ErrorCode::invalid, std::string("Not an image that this can clean: ") + what); }

Result<void> check_kind(const DataSetView& set, const std::string& sop_class) {
  if (sop_class.empty()) return not_cleanable("it does not say what it is (no SOP Class UID).");
  const bool is_uid = sop_class.find_first_not_of("0123456789.") == std::string::npos && sop_class.size() <= 64;
  if (!sop_class.starts_with(kStorage) || !is_uid) return not_cleanable("its SOP class is not one of the standard's images.");
  const std::string_view kind = std::string_view(sop_class).substr(kStorage.size());
  const bool is_dose = kind == "481.1" || kind == "481.2";  // RT image and dose are pictures
  const auto matches = [&](std::string_view each) { return each.ends_with('.') ? kind.starts_with(each) : kind == each || kind.starts_with(std::string(each) + "."); };
  if (!is_dose && std::any_of(kNotPictures.begin(), kNotPictures.end(), matches))
    return not_cleanable("a report, a document, a waveform, a plan, a segmentation or raw data.");
  if (!set.has(tags::kPixelData)) return not_cleanable("it holds no pixels.");
  for (const Tag& tag : {kSopInstanceUid, kStudyInstanceUid, kSeriesInstanceUid})
    if (raw_text(set, tag).empty()) return wrong_attribute(tag, "is missing.");
  return ok();
}

bool is_secondary_capture(std::string_view kind) { return kind == "7" || kind.starts_with("7."); }
bool is_ultrasound(std::string_view kind) { return kind == "6" || kind.starts_with("6.") || kind == "3" || kind.starts_with("3."); }

/// PS3.15 E.3.1. Declared, or of a kind that is rarely without and is not declared free of it.
bool has_burned_in_text(const DataSetView& set, const std::string& sop_class) {
  const std::string declared = set.text(tags::kBurnedInAnnotation);
  if (declared == "NO") return false;
  if (!declared.empty()) return true;  // YES, or a word that is not defined
  const std::string_view kind = std::string_view(sop_class).substr(kStorage.size());
  const std::string image_type = raw_text(set, kImageType), modality = set.text(tags::kModality);
  return is_secondary_capture(kind) || is_ultrasound(kind) || modality == "US" || modality == "IVUS" || image_type.find("SCREEN") != std::string::npos;
}

/// Writes into bytes, without the copy that a string stream would make.
class ByteSink : public std::streambuf {
 public:
  explicit ByteSink(Bytes& bytes) : bytes_(bytes) {}

 protected:
  std::streamsize xsputn(const char* data, std::streamsize count) override {
    bytes_.insert(bytes_.end(), data, data + count);
    return count;
  }
  int_type overflow(int_type byte) override {
    bytes_.push_back(static_cast<std::uint8_t>(byte));
    return byte;
  }

 private:
  Bytes& bytes_;
};

void put_meta(Bytes& to, std::uint16_t element, std::string_view vr, std::string value) {
  const auto word = [&](std::size_t number) { for (int i = 0; i < 2; ++i) to.push_back(static_cast<std::uint8_t>(number >> (8 * i))); };
  if (value.size() % 2 != 0) value += '\0';
  word(0x0002);
  word(element);
  to.insert(to.end(), vr.begin(), vr.end());
  if (vr == "OB") word(0);
  word(value.size());
  if (vr == "OB") word(0);
  to.insert(to.end(), value.begin(), value.end());
}

/// Preamble and meta information of PS3.10 7.1, with nothing of the file's own.
Bytes make_header(const std::string& sop_class, const std::string& instance, const std::string& syntax) {
  Bytes meta;
  put_meta(meta, 0x0001, "OB", std::string("\0\1", 2));
  put_meta(meta, 0x0002, "UI", sop_class);
  put_meta(meta, 0x0003, "UI", instance);
  put_meta(meta, 0x0010, "UI", syntax);
  put_meta(meta, 0x0012, "UI", std::string(kImplementationClass));
  put_meta(meta, 0x0013, "SH", std::string(kImplementationName));
  std::string length;
  for (int i = 0; i < 4; ++i) length += static_cast<char>(meta.size() >> (8 * i));
  Bytes header(128, 0);
  for (const char letter : std::string_view("DICM")) header.push_back(static_cast<std::uint8_t>(letter));
  put_meta(header, 0x0000, "UL", length);
  header.insert(header.end(), meta.begin(), meta.end());
  return header;
}

Bytes write_file(const gdcm::DataSet& set, const std::string& sop_class, const std::string& instance, const std::string& syntax, std::size_t likely_size) {
  Bytes bytes = make_header(sop_class, instance, syntax);
  bytes.reserve(likely_size);
  ByteSink sink(bytes);
  std::ostream stream(&sink);
  if (syntax == kImplicitLittleEndian) set.Write<gdcm::ImplicitDataElement, gdcm::SwapperNoOp>(stream);
  else if (syntax == kExplicitBigEndian) set.Write<gdcm::ExplicitDataElement, gdcm::SwapperDoOp>(stream);
  else set.Write<gdcm::ExplicitDataElement, gdcm::SwapperNoOp>(stream);
  return bytes;
}

/// The codes of what was done (PS3.16 CID 7050).
std::vector<gdcm::DataSet> method_codes(const imaging::DeidentificationOptions& options, bool has_blanked_pixels) {
  struct Method {
    bool is_used;
    const char *code, *meaning;
  };
  const Method methods[] = {{true, "113100", "Basic Application Confidentiality Profile"}, {has_blanked_pixels, "113101", "Clean Pixel Data Option"},
    {options.keeps_dates, "113107", "Retain Longitudinal Temporal Information Modified Dates Option"},
    {options.keeps_characteristics, "113108", "Retain Patient Characteristics Option"}};
  std::vector<gdcm::DataSet> items;
  for (const Method& method : methods) {
    if (!method.is_used) continue;
    gdcm::DataSet& item = items.emplace_back();
    replace_text(item, 0x00080100, VR::SH, method.code);
    replace_text(item, 0x00080102, VR::SH, "DCM");
    replace_text(item, 0x00080104, VR::LO, method.meaning);
  }
  return items;
}

void say_what_was_done(gdcm::DataSet& set, const imaging::DeidentificationOptions& options, bool has_blanked_pixels) {
  replace_text(set, 0x00120062, VR::CS, "YES");
  replace_text(set, 0x00120063, VR::LO, "Osler: PS3.15 table E.1-1 (2024b), all free text removed");
  replace_sequence(set, 0x00120064, method_codes(options, has_blanked_pixels));
  replace_text(set, 0x00280303, VR::CS, options.keeps_dates ? "MODIFIED" : "REMOVED");
  if (has_blanked_pixels) replace_text(set, 0x00280301, VR::CS, "NO");
}

/// What the patient's pseudonym and days hang on: the id, else the name, else the study.
std::string patient_key(const DataSetView& set) {
  for (const Tag& tag : {kPatientId, kPatientName, kStudyInstanceUid})
    if (std::string text = raw_text(set, tag); !text.empty()) return text;
  return {};
}

void use_uncompressed_pixels(gdcm::DataSet& set, const CleanPixels& pixels) {
  if (pixels.photometric.empty()) return;
  replace_text(set, 0x00280004, VR::CS, pixels.photometric);
  gdcm::DataElement planar(gdcm::Tag(0x0028, 0x0006));
  planar.SetVR(VR::US);
  planar.SetByteValue("\0\0", 2);
  set.Replace(planar);
}

void put_names(gdcm::DataSet& set, const std::string& sop_class, const imaging::FileIdentity& names) {
  replace_text(set, 0x00100010, VR::PN, names.patient);
  replace_text(set, 0x00100020, VR::LO, names.patient);
  replace_text(set, 0x00080016, VR::UI, sop_class);
  replace_text(set, 0x00080018, VR::UI, names.instance);
  replace_text(set, 0x0020000d, VR::UI, names.study);
  replace_text(set, 0x0020000e, VR::UI, names.series);
}

Result<imaging::Deidentified> run(ByteView bytes, ByteView key, const imaging::DeidentificationOptions& options) {
  const FileLayout layout = TRY(check_file_layout(bytes));
  const DicomFile file = TRY(DicomFile::read(layout));
  const DataSetView top = file.top();
  const std::string sop_class = raw_text(top, tags::kSopClassUid);
  TRY_VOID(check_kind(top, sop_class));
  imaging::Deidentified done;
  done.has_blanked_pixels = has_burned_in_text(top, sop_class);
  if (done.has_blanked_pixels && options.regions.empty())
    return make_error(ErrorCode::invalid, "Text in the pixels is declared, or likely for this kind of image; name what to blank with --clean-pixels.");
  const CleanPixels pixels = TRY(done.has_blanked_pixels ? blank_pixels(file, options.regions) : copy_pixels(file));
  const Pseudonyms pseudonyms(key, patient_key(top));
  gdcm::DataSet clean = TRY(clean_data_set(top.gdcm_set(), pseudonyms, {options.keeps_dates, options.keeps_characteristics}));
  const imaging::FileIdentity originals{raw_text(top, kPatientId), raw_text(top, kStudyInstanceUid), raw_text(top, kSeriesInstanceUid), raw_text(top, kSopInstanceUid)};
  done.names = {pseudonyms.patient(), pseudonyms.object_uid(originals.study), pseudonyms.object_uid(originals.series), pseudonyms.object_uid(originals.instance)};
  if (options.tells_originals) done.originals = originals;
  if (top.text(kRecognizableFeatures) == "YES") done.notes.push_back("A face or another recognisable feature is declared; nothing was done about it.");
  put_names(clean, sop_class, done.names);
  say_what_was_done(clean, options, done.has_blanked_pixels);
  use_uncompressed_pixels(clean, pixels);
  clean.Replace(pixels.element);
  const bool is_rewritten = pixels.is_uncompressed || layout.transfer_syntax == kDeflated;
  done.file = write_file(clean, sop_class, done.names.instance, is_rewritten ? std::string(kExplicitLittleEndian) : layout.transfer_syntax, bytes.size() + 4096);
  return done;
}

}  // namespace

Result<imaging::Deidentified> deidentify(ByteView file, ByteView key, const imaging::DeidentificationOptions& options) {
  CHECK(key.size() == imaging::kPseudonymKeyBytes);
  try {
    return run(file, key, options);
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::too_large, "The file needs more memory than the decoder may use.");
  } catch (const std::exception&) {  // GDCM throws where it should say no; its texts quote the file
    return make_error(ErrorCode::malformed, "The DICOM file cannot be read: it is damaged.");
  }
}

}  // namespace osler::decoder
