// New names for patients, objects and days, by a key: the same key gives the same ones, and without it nobody can tell whose they are.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace osler::decoder {

/// HMAC-SHA-256 under one key, apart by use. Thread-safe; keeps a view of the key.
class Pseudonyms {
 public:
  /// `patient`: what the file calls its patient; blanks and NULs around it do not count.
  Pseudonyms(ByteView key, std::string_view patient);

  /// `OSL` and 12 hexadecimal digits, of this file's patient.
  const std::string& patient() const { return patient_; }
  /// The same of another patient's id.
  std::string patient_of(std::string_view id) const;
  /// `2.25.` and a 128-bit number (PS3.5 annex B.2).
  std::string object_uid(std::string_view original) const;
  /// The same, but UIDs that DICOM itself has given (1.2.840.10008.) stay: they name kinds of things. Nothing for nothing.
  std::string uid(std::string_view original) const;
  /// Days by which this patient's dates go back: 1 to 3650.
  int days_back() const { return days_back_; }
  /// YYYYMMDD, days_back() earlier; nothing unless it is a day of the years 1850 to 2200.
  std::optional<std::string> earlier(std::string_view date) const;

 private:
  ByteView key_;
  std::string patient_;
  int days_back_;
};

/// Without blanks and NULs at both ends.
std::string_view without_padding(std::string_view text);

}  // namespace osler::decoder
