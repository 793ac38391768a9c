// A DICOM file, read whole by GDCM, and where its attributes stand when it has functional groups (enhanced multi-frame objects).
#pragma once

#include <gdcmReader.h>

#include <memory>
#include <string>
#include <vector>

#include "decoder/data_set.h"
#include "decoder/file_layout.h"

namespace osler::decoder {

/// Movable; views of it live as long as it does. Not thread-safe.
class DicomFile {
 public:
  /// The bytes that `layout` views are not needed afterwards. ErrorCode::malformed: GDCM cannot read them, or wants more than there are.
  static Result<DicomFile> read(const FileLayout& layout);

  DataSetView top() const { return DataSetView(reader_->GetFile().GetDataSet()); }
  const std::string& transfer_syntax() const { return transfer_syntax_; }
  const gdcm::TransferSyntax& gdcm_transfer_syntax() const { return reader_->GetFile().GetHeader().GetDataSetTransferSyntax(); }

  /// The data set that holds attributes of one frame: the item of `macro` among the frame's own functional groups, else among the
  /// shared ones, else the top. ErrorCode::malformed: groups that do not fit `frames`, or more than one item of the macro.
  Result<DataSetView> of_frame(const Tag& macro, std::size_t frame, std::size_t frames) const;

 private:
  std::unique_ptr<gdcm::Reader> reader_;
  std::string transfer_syntax_;
};

}  // namespace osler::decoder
