// A decoded film to an answer: checks, network, decision. Pixels in, values out; no I/O.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "imaging/film.h"
#include "imaging/film_checks.h"
#include "imaging/heat_map.h"
#include "models/image_model.h"

namespace osler::service {

/// What the network and the rule say of one film.
struct FilmReading {
  double pneumonia = 0;               // calibrated probability
  double outlier_share = 0;           // outlier score over its threshold: above 1 is unlike the films of training
  double error_rate = 0;              // of the prediction set
  models::FilmDecision decision;
  std::vector<imaging::QualityFinding> quality;
  imaging::ActivationMap activation;           // towards pneumonia and away from normal
  imaging::Placement placement;                // of the film in the network's square of `side` pixels
  std::size_t side = 0;
};

/// Thread-safe: each call takes a workspace and gives it back.
class FilmReader {
 public:
  /// `model` outlives the reader.
  explicit FilmReader(const models::ImageModel& model);
  ~FilmReader();

  /// ErrorCode::invalid where the film says, or shows, that it is none to be classified (imaging/film_checks.h). `age_years`: of the patient,
  /// where known. A film whose lungs are brighter than what lies
  /// between them is taken to be inverted; one that is more like those of training turned over, upside down.
  Result<FilmReading> read(const imaging::Film& film, std::optional<double> age_years) const;

  const models::ImageModel& model() const { return model_; }

 private:
  struct Idle;
  struct Seen {
    double log_odds = 0, outlier_share = 0;
    imaging::ActivationMap activation;
  };
  Seen look(const imaging::GrayImage& square, bool wants_map) const;
  /// Whether it looks inverted, or turned over is like the films of training and nearer to them than it is: an outlier score by itself notices few such
  /// films (docs/adr/0018-look-again.md).
  std::vector<models::FurtherEvaluation> appearance(const imaging::GrayImage& shown, const imaging::GrayImage& square, double outlier_share) const;

  const models::ImageModel& model_;
  const std::unique_ptr<Idle> idle_;
};

}  // namespace osler::service
