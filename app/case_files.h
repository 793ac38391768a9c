// Files that the evaluating and fitting commands read, and what they show meanwhile.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "evaluate/vignettes.h"

namespace osler::app {

/// ErrorCode::not_found.
Result<std::string> read_text(const std::string& path);

/// The files to read: `path` itself, or those of a folder that end so, sorted.
std::vector<std::filesystem::path> files_at(const std::string& path, const char* ending);

/// The cases, with the codes that a mapping file accepts beside theirs; `mapping` may be empty. ErrorCode::not_found or malformed.
Result<std::vector<evaluate::Vignette>> read_vignettes(const std::string& path, const std::string& mapping);

/// `count` of the cases, evenly spread over their order; all where there are no more than that, or `count` is 0.
std::vector<evaluate::Vignette> some_of(std::vector<evaluate::Vignette> vignettes, std::size_t count);

/// The same patient as a busy caller would send them: complaint and history, no narrative, no measurement. Requests of
/// both kinds reach the server, so confidences must hold for both.
evaluate::Vignette reduced(evaluate::Vignette vignette);

/// A progress bar on a terminal; nothing elsewhere.
void show_progress(const char* what, std::size_t done, std::size_t total);

/// The date, ISO 8601.
std::string today();

}  // namespace osler::app
