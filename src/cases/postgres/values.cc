#include "cases/postgres/values.h"

#include <bit>
#include <cctype>

namespace osler::cases::postgres {

namespace {

// The server's own numbers of its types (pg_type.dat); they never change.
constexpr Oid kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kFloat4 = 700, kFloat8 = 701, kVarchar = 1043;

std::array<char, 8> big_endian(std::uint64_t number) {
  std::array<char, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  return bytes;
}

std::uint64_t unsigned_of(const char* bytes, int size) {
  std::uint64_t number = 0;
  for (int i = 0; i < size; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  return number;
}

std::optional<sql::Cell> number_of(Oid type, const char* bytes, int size) {
  const std::uint64_t number = unsigned_of(bytes, size);
  if (type == kInt8) return static_cast<std::int64_t>(number);
  if (type == kInt4) return std::int64_t{static_cast<std::int32_t>(number)};
  if (type == kInt2) return std::int64_t{static_cast<std::int16_t>(number)};
  return std::nullopt;
}

std::optional<sql::Cell> real_of(Oid type, const char* bytes, int size) {
  const std::uint64_t number = unsigned_of(bytes, size);
  if (type == kFloat8) return std::bit_cast<double>(number);
  if (type == kFloat4) return double{std::bit_cast<float>(static_cast<std::uint32_t>(number))};
  return std::nullopt;
}

}  // namespace

Parameters::Parameters(std::span<const sql::Value> values) {
  numbers_.reserve(values.size());  // views point into it
  for (const sql::Value& value : values) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      numbers_.push_back(big_endian(static_cast<std::uint64_t>(*number)));
      add(kInt8, numbers_.back().data(), 8);
    } else if (const auto* real = std::get_if<double>(&value)) {
      numbers_.push_back(big_endian(std::bit_cast<std::uint64_t>(*real)));
      add(kFloat8, numbers_.back().data(), 8);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
      add(kText, text->empty() ? "" : text->data(), text->size());
    } else if (const auto* bytes = std::get_if<ByteView>(&value)) {
      add(kBytea, bytes->empty() ? static_cast<const void*>("") : bytes->data(), bytes->size());
    } else {
      add(0, nullptr, 0);  // null, of the type that its place says
    }
  }
}

void Parameters::add(Oid type, const void* bytes, std::size_t size) {
  types_.push_back(type);
  values_.push_back(static_cast<const char*>(bytes));
  lengths_.push_back(static_cast<int>(size));
  formats_.push_back(1);
}

std::optional<sql::Cell> cell_of(const PGresult* result, int row, int column, char kind) {
  if (PQgetisnull(result, row, column)) return std::isupper(static_cast<unsigned char>(kind)) ? std::optional<sql::Cell>(std::monostate()) : std::nullopt;
  const Oid type = PQftype(result, column);
  const char* bytes = PQgetvalue(result, row, column);
  const int size = PQgetlength(result, row, column);
  switch (std::tolower(static_cast<unsigned char>(kind))) {
    case 'i': return number_of(type, bytes, size);
    case 'r': return real_of(type, bytes, size);
    case 't': return type == kText || type == kVarchar ? std::optional<sql::Cell>(std::string(bytes, static_cast<std::size_t>(size))) : std::nullopt;
    case 'b': return type == kBytea ? std::optional<sql::Cell>(Bytes(bytes, bytes + size)) : std::nullopt;
    default: return std::nullopt;
  }
}

ErrorCode code_of(std::string_view sqlstate) {
  if (sqlstate == "23505") return ErrorCode::conflict;     // unique_violation
  if (sqlstate == "23503") return ErrorCode::not_found;    // foreign_key_violation
  if (sqlstate.starts_with("XX0")) return sqlstate == "XX000" ? ErrorCode::unavailable : ErrorCode::corrupted;  // data_corrupted, index_corrupted
  if (sqlstate.starts_with("22") || sqlstate.starts_with("23")) return ErrorCode::internal;  // a value that the type or a rule refuses
  return ErrorCode::unavailable;
}

}  // namespace osler::cases::postgres
