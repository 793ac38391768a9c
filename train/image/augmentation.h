// From a stored film to what the network sees: as it is, or changed within what a radiograph may look like.
#pragma once

#include "imaging/gray_image.h"
#include "train/cases/random.h"
#include "train/image/film_store.h"

namespace osler::train {

/// One way of changing a film. As it stands: no change.
struct Change {
  double proportion = 1;                     // width over height of a film that has lost it
  double radians = 0, scale = 1;             // about the middle of the square
  double shift_x = 0, shift_y = 0;           // of the side
  double brightness = 0, contrast = 1, gamma = 1;
  double blur = 0;                           // weight of each neighbour against 1 of the pixel itself
  double noise = 0;                          // standard deviation, of the range from black to white
  double erased_x = 0, erased_y = 0, erased_width = 0, erased_height = 0, erased_grey = 0;   // of the film; a width of 0: nothing
  std::uint64_t noise_seed = 0;
};

/// Draws a change. `random` gives the same numbers in the same order whatever the film is, so that nothing depends on its label. Thread-safe.
Change draw_change(const AugmentationSettings& settings, const ProportionSettings& proportions, Random& random);

/// The film in the middle of a black square of `side` pixels, [side][side], 0 black to 1 white. Without a change this is imaging::fit_into_square. Brightness,
/// contrast, noise and erasing touch the film alone: what is around it stays black, as it is where the network serves. Thread-safe.
std::vector<float> seen_by_network(const StoredFilm& film, const Change& change, std::size_t side);

}  // namespace osler::train
