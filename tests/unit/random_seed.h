// The seed of whatever a test draws at random: new at every run, printed, and repeated with OSLER_TEST_SEED=<number>.
#pragma once

#include <cstdlib>
#include <iostream>
#include <random>

namespace osler {

inline unsigned fresh_seed() {
  const char* fixed = std::getenv("OSLER_TEST_SEED");
  const unsigned seed = fixed ? static_cast<unsigned>(std::strtoul(fixed, nullptr, 10)) : std::random_device{}();
  std::cout << "seed " << seed << " (repeat with OSLER_TEST_SEED=" << seed << ")" << std::endl;
  return seed;
}

}  // namespace osler
