#include "decoder/element_walk.h"

#include "decoder/tags.h"

namespace osler::decoder {

namespace {

constexpr std::uint16_t kItemGroup = 0xfffe, kItem = 0xe000, kItemEnd = 0xe00d, kSequenceEnd = 0xe0dd;
constexpr std::uint32_t kUndefined = 0xffffffff;
constexpr std::size_t kShortestHeader = 8;
constexpr const char* kWithinElement = "it ends within an element.";  // whose tag and length may be anything, a piece of a name too

Error cut_short(const std::string& how) { return make_error(ErrorCode::malformed, "The DICOM file is cut short or damaged: " + how); }

/// Steps into sequences and items of undefined length and over everything else, so that what lies in them needs no stack.
class Walk {
 public:
  explicit Walk(const FileLayout& layout)
      : bytes_(layout.data_set), is_implicit_(is_implicit(layout.transfer_syntax)), is_big_(is_big_endian(layout.transfer_syntax)) {}

  Result<void> run() {
    while (at_ < bytes_.size()) {
      if (left() < kShortestHeader) return cut_short(kWithinElement);
      group_ = word(0);
      element_ = word(2);
      const bool goes_on = group_ == kItemGroup ? step_over_item() : step_over_element();
      if (lacks_ > 0) return too_few_bytes();
      if (!goes_on) return ok();
    }
    if (open_ > 0) return cut_short("a sequence, or its compressed pixels, do not end.");
    return ok();
  }

 private:
  std::size_t left() const { return bytes_.size() - at_; }
  std::uint16_t word(std::size_t offset) const {
    const unsigned first = bytes_[at_ + offset], second = bytes_[at_ + offset + 1];
    return static_cast<std::uint16_t>(is_big_ ? first << 8 | second : second << 8 | first);
  }
  std::uint32_t double_word(std::size_t offset) const {
    const std::uint32_t first = word(offset), second = word(offset + 2);
    return is_big_ ? first << 16 | second : second << 16 | first;
  }

  void step_over(std::size_t header, std::size_t length) {
    declared_ = length;
    held_ = header < left() ? left() - header : 0;
    if (header > left() || length > held_) lacks_ = header + length - left();
    else at_ += header + length;
  }

  /// False where something is met that this does not know.
  bool step_over_item() {
    const std::uint32_t length = double_word(4);
    if (element_ == kItem && in_fragments_ && length == kUndefined) return false;
    if (element_ == kSequenceEnd && open_ == 0) return false;
    if (element_ != kItem && element_ != kItemEnd && element_ != kSequenceEnd) return false;
    step_over(kShortestHeader, element_ == kItem && in_fragments_ ? length : 0);  // items of elements are entered
    if (element_ != kSequenceEnd) return true;
    --open_;
    in_fragments_ = false;
    return true;
  }

  bool step_over_element() {
    std::size_t header = kShortestHeader;
    std::uint32_t length = is_implicit_ ? double_word(4) : word(6);
    if (!is_implicit_) {
      const std::string_view vr = as_text(bytes_.subspan(at_ + 4, 2));
      const std::optional<std::size_t> known = explicit_header_bytes(vr);
      if (!known) return false;
      header = *known;
      if (header > kShortestHeader) length = header <= left() ? double_word(8) : 0;
      if (length == kUndefined && vr == "UN") return false;  // what follows is in implicit VR
    }
    if (length == kUndefined) {
      ++open_;
      in_fragments_ = is_pixels();
      length = 0;
    }
    step_over(header, length);
    return true;
  }

  bool is_pixels() const { return group_ == tags::kPixelData.group && element_ == tags::kPixelData.element; }

  Error too_few_bytes() const {
    if (in_fragments_) return cut_short("its compressed pixels do not end.");
    if (!is_pixels() || declared_ == 0) return cut_short(kWithinElement);
    return cut_short("of the " + std::to_string(declared_) + " bytes that Pixel Data declares it holds " + std::to_string(held_) + ".");
  }

  const ByteView bytes_;
  const bool is_implicit_, is_big_;
  std::size_t at_ = 0;
  std::uint16_t group_ = 0, element_ = 0;
  std::size_t declared_ = 0, held_ = 0, lacks_ = 0;  // bytes of the value
  std::size_t open_ = 0;       // sequences of undefined length
  bool in_fragments_ = false;  // of compressed pixels
};

}  // namespace

Result<void> check_not_cut_short(const FileLayout& layout) { return Walk(layout).run(); }

}  // namespace osler::decoder
