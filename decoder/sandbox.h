// The walls around whoever parses a file from outside: limits of the operating system, and a filter of its calls.
#pragma once

#include "base/result.h"

namespace osler::decoder {

/// After this the process may compute, take memory up to limits::kMaxDecoderMemoryBytes, read its standard input and write its standard output
/// and error; processor time is limits::kDecoderTimeout. No file is found when it asks for one. Any other system call (opening to write, socket, execve, fork,
/// kill, memory that can be executed) ends it by SIGSYS. There is no way back. ErrorCode::internal: the operating system does not offer one of them; then nothing may be parsed. Under
/// address or thread sanitizer, whose own run-time needs more, only the limits that it bears are set. Call it from the only thread.
Result<void> enter_sandbox();

}  // namespace osler::decoder
