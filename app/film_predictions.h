// What an image model says of many films, for fitting and evaluating: decoded and run as the server does it.
#pragma once

#include <vector>

#include "app/config.h"
#include "evaluate/films/film_points.h"
#include "imaging/decoder_process.h"
#include "models/image_model.h"
#include "train/image/film_records.h"

namespace osler::app {

/// One prediction for each film, in their order, on as many threads as the machine has cores; a progress bar meanwhile. A film whose source has
/// lost its proportions gets those that the configuration says. A film that the server would refuse for what it says
/// or shows has a refusal and no prediction; the first one that cannot be decoded is an error that names it.
Result<std::vector<evaluate::FilmPrediction>> predict_films(const imaging::FilmDecoder& decoder, const models::ImageModel& model,
                                                            const train::ImageTrainingConfig& config, const std::vector<train::FilmRecord>& films);

}  // namespace osler::app
