// Batches as the program runs them: the threads of a server, and `osler batch` without one.
#pragma once

#include <cstddef>

#include "app/config.h"

namespace osler::app {

/// BATCH_THREADS; not set: one less than the cores, at least one.
std::size_t batch_threads(const Config& config);

}  // namespace osler::app
