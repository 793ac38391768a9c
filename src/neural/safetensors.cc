#include "neural/safetensors.h"

#include <cstring>

#include "base/json.h"
#include "base/limits.h"

namespace osler::neural {

static_assert(std::endian::native == std::endian::little, "the format is little-endian and read by memcpy");

namespace {

constexpr std::size_t kLengthBytes = 8;   // before the header: its length
constexpr std::size_t kAlignment = 64;    // of the first tensor, when we write
constexpr const char* kMetadataName = "__metadata__";

struct TypeRow {
  TensorType type;
  std::string_view name;
  std::size_t bytes;
};
constexpr TypeRow kTypes[] = {
    {TensorType::f32, "F32", 4}, {TensorType::f16, "F16", 2}, {TensorType::bf16, "BF16", 2}, {TensorType::i8, "I8", 1},
    {TensorType::u8, "U8", 1},   {TensorType::i32, "I32", 4}, {TensorType::i64, "I64", 8},   {TensorType::boolean, "BOOL", 1},
};

const TypeRow& row_of(TensorType type) {
  const auto* row = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& candidate) { return candidate.type == type; });
  CHECK(row != std::end(kTypes));
  return *row;
}

Error refused(std::string what) { return make_error(ErrorCode::corrupted, "A model file was refused.", std::move(what)); }
Error over_limit(std::string what) { return make_error(ErrorCode::too_large, "A model file is over a limit.", std::move(what)); }

/// For messages: quoted and escaped, since it comes from the file.
std::string quoted(const std::string& name) { return "tensor " + Json(name).dump(); }

struct Range {
  std::size_t begin, end;
  const std::string* name;
};

/// One parse: header, then each tensor, then all their ranges together.
class Parser {
 public:
  explicit Parser(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Result<ParsedTensors> run() {
    const Json header = TRY(read_header());
    for (const auto& [name, value] : header.items()) {
      if (name == kMetadataName) TRY_VOID(add_metadata(value));
      else TRY_VOID(add_tensor(name, value));
    }
    TRY_VOID(check_ranges());
    return std::move(parsed_);
  }

 private:
  Result<Json> read_header() {
    if (bytes_.size() < kLengthBytes) return refused("it is shorter than the length of a header");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kLengthBytes);
    if (length > bytes_.size() - kLengthBytes) return refused("its header is said to be longer than the file");
    if (length > limits::kMaxSafetensorsHeaderBytes)
      return over_limit("its header has more than " + std::to_string(limits::kMaxSafetensorsHeaderBytes) + " bytes");
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + kLengthBytes, static_cast<std::size_t>(length));
    data_ = bytes_.subspan(kLengthBytes + text.size());
    if (text.empty() || text.front() != '{') return refused("its header does not begin with '{'");
    Result<Json> header = parse_json(text);
    if (!header) return refused("its header is not strict JSON (" + header.error().external + ")");
    if (header->size() > limits::kMaxSafetensorsTensors + 1)
      return over_limit("it has more than " + std::to_string(limits::kMaxSafetensorsTensors) + " tensors");
    return header;
  }

  Result<void> add_metadata(const Json& value) {
    if (!value.is_object()) return refused("its __metadata__ is not an object");
    for (const auto& [name, text] : value.items()) {
      if (!text.is_string()) return refused("its __metadata__ holds something that is not a text");
      parsed_.metadata.emplace(name, text.get<std::string>());
    }
    return ok();
  }

  Result<void> add_tensor(const std::string& name, const Json& value) {
    if (name.size() > limits::kMaxTensorNameBytes)
      return over_limit("the name of a tensor has more than " + std::to_string(limits::kMaxTensorNameBytes) + " bytes");
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets"))
      return refused(quoted(name) + " is not an object of just dtype, shape and data_offsets");
    TensorView view;
    view.type = TRY(read_type(name, value["dtype"]));
    view.shape = TRY(read_shape(name, value["shape"]));
    const std::size_t size = TRY(size_of(name, view));
    const Range range = TRY(read_range(name, value["data_offsets"]));
    if (range.end - range.begin != size)
      return refused(quoted(name) + " has " + std::to_string(range.end - range.begin) + " bytes, and its type and shape need " +
                     std::to_string(size));
    view.bytes = data_.subspan(range.begin, size);
    const auto entry = parsed_.tensors.emplace(name, std::move(view)).first;
    ranges_.push_back({range.begin, range.end, &entry->first});
    return ok();
  }

  static Result<TensorType> read_type(const std::string& name, const Json& value) {
    if (!value.is_string()) return refused(quoted(name) + " has a dtype that is not a text");
    for (const TypeRow& row : kTypes)
      if (row.name == value.get_ref<const std::string&>()) return row.type;
    return refused(quoted(name) + " has a dtype that is not supported");
  }

  static Result<std::vector<std::size_t>> read_shape(const std::string& name, const Json& value) {
    if (!value.is_array()) return refused(quoted(name) + " has a shape that is not a list");
    if (value.size() > limits::kMaxTensorDimensions)
      return over_limit(quoted(name) + " has more than " + std::to_string(limits::kMaxTensorDimensions) + " dimensions");
    std::vector<std::size_t> shape;
    for (const Json& dimension : value) {
      if (!dimension.is_number_unsigned()) return refused(quoted(name) + " has a dimension that is not a whole number of at least 0");
      shape.push_back(dimension.get<std::size_t>());
    }
    return shape;
  }

  /// Bytes that type and shape need. A dimension of 0 does not excuse the others: whoever computes strides must not overflow.
  static Result<std::size_t> size_of(const std::string& name, const TensorView& view) {
    std::size_t product = bytes_of(view.type);
    bool is_empty = false;
    for (const std::size_t dimension : view.shape) {
      is_empty = is_empty || dimension == 0;
      if (dimension != 0 && __builtin_mul_overflow(product, dimension, &product)) return refused(quoted(name) + " has a shape that overflows");
    }
    return is_empty ? 0 : product;
  }

  Result<Range> read_range(const std::string& name, const Json& value) const {
    if (!value.is_array() || value.size() != 2 || !value[0].is_number_unsigned() || !value[1].is_number_unsigned())
      return refused(quoted(name) + " has data_offsets that are not two whole numbers of at least 0");
    const std::size_t begin = value[0].get<std::size_t>();
    const std::size_t end = value[1].get<std::size_t>();
    if (begin > end || end > data_.size()) return refused(quoted(name) + " lies outside of the file");
    return Range{begin, end, nullptr};
  }

  /// In the order of the file each tensor begins where the one before ended, and the last ends with the file.
  Result<void> check_ranges() {
    std::sort(ranges_.begin(), ranges_.end(), [](const Range& left, const Range& right) {
      return std::pair(left.begin, left.end) < std::pair(right.begin, right.end);
    });
    std::size_t end = 0;
    for (const Range& range : ranges_) {
      if (range.begin < end) return refused(quoted(*range.name) + " overlaps another tensor");
      if (range.begin > end) return refused("there is a hole before " + quoted(*range.name));
      end = range.end;
    }
    if (end != data_.size()) return refused("there are bytes after the last tensor");
    return ok();
  }

  std::span<const std::byte> bytes_;
  std::span<const std::byte> data_;  // after the header
  ParsedTensors parsed_;
  std::vector<Range> ranges_;  // names point into parsed_
};

/// The header's text, padded so that what follows it begins at a multiple of kAlignment.
std::string write_header(const std::map<std::string, TensorView>& tensors, const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadataName] = metadata;
  std::size_t at = 0;
  for (const auto& [name, view] : tensors) {
    header[name] = {{"dtype", name_of(view.type)}, {"shape", view.shape}, {"data_offsets", {at, at + view.bytes.size()}}};
    at += view.bytes.size();
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);  // is_faithful() finds what was replaced
  while ((kLengthBytes + text.size()) % kAlignment != 0) text += ' ';
  return text;
}

bool same(const TensorView& left, const TensorView& right) {
  return left.type == right.type && left.shape == right.shape && left.bytes.size() == right.bytes.size();
}

bool is_faithful(std::span<const std::byte> file, const std::map<std::string, TensorView>& tensors,
                 const std::map<std::string, std::string>& metadata) {
  const Result<ParsedTensors> parsed = parse_safetensors(file);
  return parsed && parsed->metadata == metadata && parsed->tensors.size() == tensors.size() &&
         std::equal(tensors.begin(), tensors.end(), parsed->tensors.begin(), [](const auto& given, const auto& found) {
           return given.first == found.first && same(given.second, found.second);
         });
}

}  // namespace

std::size_t bytes_of(TensorType type) { return row_of(type).bytes; }
std::string_view name_of(TensorType type) { return row_of(type).name; }

std::size_t TensorView::elements() const {
  std::size_t product = 1;
  for (const std::size_t dimension : shape) product *= dimension;
  return product;
}

Result<ParsedTensors> parse_safetensors(std::span<const std::byte> bytes) { return Parser(bytes).run(); }

std::vector<std::byte> write_safetensors(const std::map<std::string, TensorView>& tensors, const std::map<std::string, std::string>& metadata) {
  const std::string header = write_header(tensors, metadata);
  const std::uint64_t length = header.size();
  std::size_t total = kLengthBytes + header.size();
  for (const auto& [name, view] : tensors) total += view.bytes.size();
  std::vector<std::byte> file(total);
  std::memcpy(file.data(), &length, kLengthBytes);
  std::memcpy(file.data() + kLengthBytes, header.data(), header.size());
  auto at = file.begin() + static_cast<std::ptrdiff_t>(kLengthBytes + header.size());
  for (const auto& [name, view] : tensors) at = std::copy(view.bytes.begin(), view.bytes.end(), at);
  CHECK(is_faithful(file, tensors, metadata));
  return file;
}

}  // namespace osler::neural
