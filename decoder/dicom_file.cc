#include "decoder/dicom_file.h"

#include <gdcmTrace.h>

#include <algorithm>
#include <istream>
#include <streambuf>

#include "decoder/element_walk.h"
#include "decoder/tags.h"

namespace osler::decoder {

namespace {

/// A header and a data set as one stream that can be read and sought, without a copy. Notes when more was asked for than is there.
class TwoPartStream : public std::streambuf {
 public:
  TwoPartStream(ByteView header, ByteView body) : header_(header), body_(body) { enter(0); }
  bool ran_short() const { return ran_short_; }

 protected:
  int_type underflow() override {
    if (gptr() == egptr()) enter(position());
    return gptr() == egptr() ? traits_type::eof() : traits_type::to_int_type(*gptr());
  }
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    const std::streamsize got = std::streambuf::xsgetn(to, count);
    const bool is_probe = got == 0 && count <= kTagBytes;  // whether another element follows
    if (got < count && !is_probe) ran_short_ = true;
    return got;
  }
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    const auto size = static_cast<off_type>(header_.size() + body_.size());
    const off_type target = offset + (from == std::ios_base::beg ? 0 : from == std::ios_base::cur ? static_cast<off_type>(position()) : size);
    if (target < 0 || target > size) return pos_type(off_type(-1));
    enter(static_cast<std::size_t>(target));
    return pos_type(target);
  }
  pos_type seekpos(pos_type position, std::ios_base::openmode mode) override { return seekoff(off_type(position), std::ios_base::beg, mode); }

 private:
  static constexpr std::streamsize kTagBytes = 8;

  std::size_t position() const { return start_ + static_cast<std::size_t>(gptr() - eback()); }
  void enter(std::size_t position) {
    const ByteView part = position < header_.size() ? header_ : body_;
    start_ = position < header_.size() ? 0 : header_.size();
    char* begin = const_cast<char*>(reinterpret_cast<const char*>(part.data()));  // setg takes no const; nothing writes
    setg(begin, begin + (position - start_), begin + part.size());
  }

  ByteView header_, body_;
  std::size_t start_ = 0;  // of the part that is being read
  bool ran_short_ = false;
};

constexpr std::size_t kLeastDataSetBytes = 8;  // an element without a value; GDCM aborts where even that is missing

void silence_gdcm() {  // its warnings quote what is in the file
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
}

/// Compressed pixels end with a delimiter (PS3.5 A.4); GDCM takes what there is of a file that was cut before it.
bool has_sequence_delimiter(ByteView data_set) {
  constexpr std::uint8_t kDelimiter[] = {0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0};
  return std::find_end(data_set.begin(), data_set.end(), std::begin(kDelimiter), std::end(kDelimiter)) != data_set.end();
}

/// The item of `macro` in one item of functional groups; nothing if the group does not have it.
Result<std::optional<DataSetView>> macro_in(const DataSetView& group, const Tag& macro) {
  const std::vector<DataSetView> items = group.items(macro);
  if (items.empty()) return std::optional<DataSetView>();
  if (items.size() > 1) return wrong_attribute(macro, "has more than one item.");
  return std::optional<DataSetView>(items.front());
}

}  // namespace

Result<DicomFile> DicomFile::read(const FileLayout& layout) {
  silence_gdcm();
  if (layout.data_set.size() < kLeastDataSetBytes) return make_error(ErrorCode::malformed, "The DICOM file holds no data set.");
  if (is_compressed(layout.transfer_syntax) && !has_sequence_delimiter(layout.data_set))
    return make_error(ErrorCode::malformed, "The DICOM file is cut short: its compressed pixels do not end.");
  TRY_VOID(check_not_cut_short(layout));
  const Bytes header = plain_header(layout);
  TwoPartStream buffer(header, layout.data_set);
  std::istream stream(&buffer);
  DicomFile file;
  file.reader_ = std::make_unique<gdcm::Reader>();
  file.reader_->SetStream(stream);
  if (!file.reader_->Read() || buffer.ran_short()) return make_error(ErrorCode::malformed, "The DICOM data set cannot be read: it is damaged or cut short.");
  file.transfer_syntax_ = layout.transfer_syntax;
  return file;
}

Result<DataSetView> DicomFile::of_frame(const Tag& macro, std::size_t frame, std::size_t frames) const {
  const std::vector<DataSetView> own = top().items(tags::kPerFrameFunctionalGroups), shared = top().items(tags::kSharedFunctionalGroups);
  if (!own.empty() && own.size() != frames) return wrong_attribute(tags::kPerFrameFunctionalGroups, "does not have an item for each frame.");
  if (shared.size() > 1) return wrong_attribute(tags::kSharedFunctionalGroups, "has more than one item.");
  if (!own.empty())
    if (const std::optional<DataSetView> found = TRY(macro_in(own[frame], macro))) return *found;
  if (!shared.empty())
    if (const std::optional<DataSetView> found = TRY(macro_in(shared.front(), macro))) return *found;
  return top();
}

}  // namespace osler::decoder
