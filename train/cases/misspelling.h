// Slips of the keyboard and of spelling.
#pragma once

#include <string>
#include <string_view>

#include "train/cases/random.h"

namespace osler::train {

/// Each word of five letters or more is misspelled with that probability: a letter left out, doubled, swapped with the next, or struck
/// beside on the keyboard.
std::string misspelled(std::string_view text, double probability, Random& random);

}  // namespace osler::train
