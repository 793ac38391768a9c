// Reading a DICOM data set through GDCM, by checked types. The only header that shows GDCM's types, together with dicom_file.h.
#pragma once

#include <gdcmDataSet.h>
#include <gdcmSequenceOfItems.h>
#include <gdcmSmartPointer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace osler::decoder {

/// An attribute's tag and name (PS3.6), as errors say it.
struct Tag {
  std::uint16_t group, element;
  const char* name;
};

/// `Rows (0028,0010)`.
std::string describe(const Tag& tag);

/// `attribute what`, as ErrorCode::malformed: the attribute does not hold what its definition says.
Error wrong_attribute(const Tag& tag, const std::string& what);

/// The numbers of one attribute of VR US or SS (in implicit VR whatever its tag stands for).
struct Words {
  std::vector<std::uint16_t> values;
  bool is_declared_signed = false;  // VR SS
};

/// One data set of a file; must not outlive the file. Reading never throws but std::bad_alloc. Errors are ErrorCode::malformed.
class DataSetView {
 public:
  explicit DataSetView(const gdcm::DataSet& set) : set_(&set) {}
  /// The set lies in `owner`, which is kept.
  DataSetView(const gdcm::DataSet& set, gdcm::SmartPointer<gdcm::SequenceOfItems> owner) : set_(&set), owner_(std::move(owner)) {}

  /// Present, empty or not.
  bool has(const Tag& tag) const;
  /// The raw value; nothing if the attribute is absent, empty or no plain value.
  std::optional<ByteView> bytes(const Tag& tag) const;
  /// One unsigned 16-bit number; nothing where absent or empty.
  Result<std::optional<std::uint16_t>> word(const Tag& tag) const;
  /// 16-bit numbers, host byte order; nothing where absent or empty.
  Result<std::optional<Words>> words(const Tag& tag) const;
  /// Decimal or integer strings, finite; nothing where absent or empty.
  Result<std::optional<std::vector<double>>> decimals(const Tag& tag) const;
  /// The first value of a text, in printable ASCII, blanks around it removed, at most limits::kMaxFilmTextCharacters; else empty.
  std::string text(const Tag& tag) const;
  /// The items of a sequence; none where absent.
  std::vector<DataSetView> items(const Tag& tag) const;

  const gdcm::DataSet& gdcm_set() const { return *set_; }

 private:
  const gdcm::DataSet* set_;
  gdcm::SmartPointer<gdcm::SequenceOfItems> owner_;
};

}  // namespace osler::decoder
