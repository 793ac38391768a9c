// DICOM files made by hand, element by element, in any of the uncompressed transfer syntaxes: so that what is tested is not also what wrote them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "decoder/data_set.h"

namespace osler::decoder {

class DicomBuilder {
 public:
  enum class Syntax { explicit_little, implicit_little, explicit_big, deflated };

  /// A grey film of 16 bits allocated and stored, unsigned, MONOCHROME2, with no window.
  static DicomBuilder film(std::uint16_t columns, std::uint16_t rows, const std::vector<std::uint16_t>& pixels);

  DicomBuilder& words(const Tag& tag, const std::vector<std::uint16_t>& values, const char* vr = "US");
  DicomBuilder& text(const Tag& tag, const std::string& value, const char* vr);
  DicomBuilder& bytes(const Tag& tag, const Bytes& value, const char* vr = "OB");
  DicomBuilder& items(const Tag& tag, std::vector<DicomBuilder> items);
  DicomBuilder& remove(const Tag& tag);

  /// Part 10: preamble, meta information, data set.
  Bytes build(Syntax syntax = Syntax::explicit_little) const;
  /// The data set in compressed pixels: `fragments` after an empty offset table, in the transfer syntax of that UID.
  Bytes build_compressed(const std::string& uid, const std::vector<Bytes>& fragments, const std::vector<std::uint32_t>& offsets = {}) const;
  Bytes data_set(Syntax syntax = Syntax::explicit_little) const;

 private:
  struct Element {
    std::string vr;
    Bytes value;  // little-endian
    std::optional<std::vector<DicomBuilder>> items;
  };
  std::map<std::uint32_t, Element> elements_;
};

/// Preamble, DICM, and meta information that names a transfer syntax (none where empty).
Bytes part10_header(const std::string& transfer_syntax);

}  // namespace osler::decoder
