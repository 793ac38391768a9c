// libFuzzer: any bytes as a file of tensors. What is taken lies in the file, and is the same after writing and reading it again.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "neural/safetensors.h"

namespace {

using namespace osler;
using namespace osler::neural;

void check_inside(const TensorView& view, std::span<const std::byte> file) {
  CHECK(view.bytes.size() == view.elements() * bytes_of(view.type));
  CHECK(view.bytes.data() >= file.data());
  CHECK(view.bytes.data() + view.bytes.size() <= file.data() + file.size());
}

void check_again(const ParsedTensors& parsed) {
  const std::vector<std::byte> file = write_safetensors(parsed.tensors, parsed.metadata);
  const Result<ParsedTensors> again = parse_safetensors(file);
  CHECK(again.has_value());
  CHECK(again->metadata == parsed.metadata);
  for (const auto& [name, view] : parsed.tensors) CHECK(std::ranges::equal(again->tensors.at(name).bytes, view.bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  const Result<ParsedTensors> parsed = parse_safetensors(file);
  if (!parsed) {
    CHECK(parsed.error().code == ErrorCode::corrupted || parsed.error().code == ErrorCode::too_large);
    CHECK(!parsed.error().internal.empty());
    return 0;
  }
  for (const auto& [name, view] : parsed->tensors) check_inside(view, file);
  check_again(*parsed);
  return 0;
}
