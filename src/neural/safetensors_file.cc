// SafetensorsFile: a file of tensors in memory by mmap, and its weights as floats.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/limits.h"
#include "neural/safetensors.h"

namespace osler::neural {

namespace {

Error file_error(const std::string& path, const char* operation) {
  const int code = errno;
  const ErrorCode kind = code == ENOENT || code == ENOTDIR ? ErrorCode::not_found : ErrorCode::unavailable;
  return make_error(kind, "A model file cannot be read.", path + ": " + operation + ": " + std::strerror(code));
}

/// A mapping needs no descriptor after it was made.
class Descriptor {
 public:
  // Without O_NONBLOCK the open of a FIFO would wait for a writer.
  explicit Descriptor(const std::string& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { if (number_ >= 0) ::close(number_); }
  int number() const { return number_; }

 private:
  int number_;
};

std::string text_of(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (const std::size_t dimension : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(dimension);
  return text + "]";
}

template <typename Bits>
Bits bits_at(std::span<const std::byte> bytes, std::size_t index) {
  Bits bits;
  std::memcpy(&bits, bytes.data() + index * sizeof(Bits), sizeof(Bits));
  return bits;
}

std::vector<float> to_floats(const TensorView& view) {
  std::vector<float> values(view.elements());
  if (view.type == TensorType::f32 && !values.empty()) std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
  for (std::size_t i = 0; view.type == TensorType::f16 && i < values.size(); ++i)
    values[i] = float_from_half(bits_at<std::uint16_t>(view.bytes, i));
  for (std::size_t i = 0; view.type == TensorType::bf16 && i < values.size(); ++i)
    values[i] = float_from_bfloat16(bits_at<std::uint16_t>(view.bytes, i));
  return values;
}

bool is_floating(TensorType type) { return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::bf16; }

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

}  // namespace

struct SafetensorsFile::Mapping {
  std::string path;
  std::span<const std::byte> bytes{};
  ParsedTensors parsed{};

  explicit Mapping(std::string path_) : path(std::move(path_)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { if (!bytes.empty()) ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size()); }
};

SafetensorsFile::SafetensorsFile(std::unique_ptr<Mapping> mapping) : mapping_(std::move(mapping)) {}
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;
SafetensorsFile::~SafetensorsFile() = default;

Result<SafetensorsFile> SafetensorsFile::open(const std::string& path) {
  const Descriptor descriptor(path);
  struct stat status {};
  if (descriptor.number() < 0 || ::fstat(descriptor.number(), &status) != 0) return file_error(path, "open");
  if (!S_ISREG(status.st_mode) || status.st_size == 0)
    return make_error(ErrorCode::corrupted, "A model file was refused.", path + ": not a regular file with something in it");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limits::kMaxModelFileBytes) return make_error(ErrorCode::too_large, "A model file is over a limit.", path + ": too large a file");
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.number(), 0);
  if (address == MAP_FAILED) return file_error(path, "mmap");
  auto mapping = std::make_unique<Mapping>(path);
  mapping->bytes = {static_cast<const std::byte*>(address), size};
  Result<ParsedTensors> parsed = parse_safetensors(mapping->bytes);
  if (!parsed) return make_error(parsed.error().code, parsed.error().external, path + ": " + parsed.error().internal);
  mapping->parsed = std::move(*parsed);
  return SafetensorsFile(std::move(mapping));
}

const std::map<std::string, TensorView>& SafetensorsFile::tensors() const { return mapping_->parsed.tensors; }
const std::map<std::string, std::string>& SafetensorsFile::metadata() const { return mapping_->parsed.metadata; }
const std::string& SafetensorsFile::path() const { return mapping_->path; }
std::span<const std::byte> SafetensorsFile::bytes() const { return mapping_->bytes; }

Result<std::vector<float>> SafetensorsFile::floats(const std::string& name, const std::vector<std::size_t>& shape) const {
  const auto refused = [&](const std::string& what) {
    return make_error(ErrorCode::corrupted, "A model file was refused.", path() + ": tensor \"" + name + "\" " + what);
  };
  const auto found = tensors().find(name);
  if (found == tensors().end()) return refused("is missing");
  const TensorView& view = found->second;
  if (view.shape != shape) return refused("has the shape " + text_of(view.shape) + ", not " + text_of(shape));
  if (view.type == TensorType::i8) return scaled_rows(name, view);
  if (!is_floating(view.type)) return refused("is of type " + std::string(name_of(view.type)) + ", not F32, F16, BF16 or I8");
  std::vector<float> values = to_floats(view);
  if (!all_finite(values)) return refused("holds a value that is not finite");
  return values;
}

/// Rows of bytes, each with a scale of its own; of a convolution a row is all that one output channel has.
Result<std::vector<float>> SafetensorsFile::scaled_rows(const std::string& name, const TensorView& view) const {
  if (view.shape.size() < 2)
    return make_error(ErrorCode::corrupted, "A model file was refused.", path() + ": tensor \"" + name + "\" is of type I8 and has no rows and columns");
  const std::vector<float> scales = TRY(floats(name + ".scale", {view.shape[0]}));
  const auto* stored = reinterpret_cast<const std::int8_t*>(view.bytes.data());
  std::vector<float> values(view.elements());
  const std::size_t width = values.empty() ? 0 : values.size() / view.shape[0];
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(stored[i]) * scales[i / width];
  if (!all_finite(values))
    return make_error(ErrorCode::corrupted, "A model file was refused.", path() + ": tensor \"" + name + "\" holds a value that is not finite");
  return values;
}

}  // namespace osler::neural
