// The cases of a chunk as they are sealed, and what a batch keeps in clear: its options and its refusals, without the caller's words.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cases/batches.h"
#include "service/batch_upload.h"
#include "service/diagnose.h"
#include "vault/key_ring.h"

namespace osler::service {

/// One line of a chunk: a request nobody looked at yet, or why there is none (refusal_json).
struct ChunkCase {
  std::uint64_t line = 0;
  std::string body;
  std::string refusal;
};

/// Grammar: ( line " " ( "case " body | "refused " refusal ) "\n" ){cases}. Neither holds a line end.
std::string write_chunk(std::span<const BatchRow> rows);
/// ErrorCode::corrupted for any other text.
Result<std::vector<ChunkCase>> parse_chunk(std::string_view text);

/// "<batch>/<chunk>": the row that the text is bound to.
std::string chunk_row(std::string_view batch, std::uint64_t chunk);
vault::SealedText seal_chunk(const vault::KeyRing& keys, std::string_view batch, std::uint64_t chunk, std::string_view text);
/// Errors as for vault::open() and parse_chunk().
Result<std::vector<ChunkCase>> open_chunk(const vault::KeyRing& keys, const cases::ChunkClaim& claim);

/// {"code", "detail", "errors"} as in a problem document. Stands in clear: pointers name only what the contract names, since a name that a caller made up
/// may say anything.
std::string refusal_json(const Error& error);

/// What holds for every case of a batch; stands in clear.
struct BatchOptions {
  std::optional<double> threshold;
  std::string role, client_address;  // of who sent it: for the audit entries of its cases
};
std::string write_options(const BatchOptions& options);
/// ErrorCode::corrupted.
Result<BatchOptions> parse_options(std::string_view json);

}  // namespace osler::service
