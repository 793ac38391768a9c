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

/// What in a film's pixels speaks against answering: lungs brighter than what lies between them (inverted); turned over like the films of training and nearer to them than
/// as it is (upside down). An outlier score by itself notices few such films (docs/adr/0018-look-again.md). `shown`: the film; `square`: as the network sees it;
/// `outlier_share`: its outlier score over the threshold. `model` is calibrated. Thread-safe with a workspace of its own.
std::vector<models::FurtherEvaluation> appearance(const models::ImageModel& model, const imaging::GrayImage& shown, const imaging::GrayImage& square, double outlier_share,
                                                  neural::ImageWorkspace& workspace);

/// Thread-safe: each call takes a workspace and gives it back.
class FilmReader {
 public:
  /// `model` outlives the reader.
  explicit FilmReader(const models::ImageModel& model);
  ~FilmReader();

  /// ErrorCode::invalid where the film says, or shows, that it is none to be classified (imaging/film_checks.h). `age_years`: of the patient,
  /// where known.
  Result<FilmReading> read(const imaging::Film& film, std::optional<double> age_years) const;

  const models::ImageModel& model() const { return model_; }

 private:
  struct Idle;
  struct Seen {
    double log_odds = 0, outlier_share = 0;
    imaging::ActivationMap activation;
    std::vector<models::FurtherEvaluation> appearance;
  };
  Seen look(const imaging::GrayImage& shown, const imaging::GrayImage& square) const;

  const models::ImageModel& model_;
  const std::unique_ptr<Idle> idle_;
};

}  // namespace osler::service
