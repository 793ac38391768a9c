// Scores of ranked differentials against known diagnoses.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace osler::evaluate {

/// One case as the scores see it.
struct ScoredCase {
  std::string id, specialty;
  double age_years = 0;
  bool covered = false;        // the knowledge base knows the diagnosis
  std::size_t rank = 0;        // of the best hit, from 1; 0: no hit among the suspected
  double first_confidence = 0; // of the first suspected condition
  bool first_is_right = false;
  double gain = 0;             // NDCG of the first ten, in [0, 1]
  std::string urgency_expected, urgency_given;
  // (confidence, is right) of all conditions with confidence >= 0.02; acceptable alternatives are in neither class
  std::vector<std::pair<double, bool>> pairs;
};

struct Interval { double value = 0, low = 0, high = 0; };

/// One bin of a reliability diagram.
struct ReliabilityBin {
  double mean_confidence = 0, share_right = 0;
  std::size_t count = 0;
};

/// How far confidences are from frequencies.
struct Calibration {
  std::size_t predictions = 0;
  Interval ece;                                    // equal-mass bins; 95 % bootstrap over cases
  double perfect_low = 0, perfect_high = 0;        // 95 % interval of a perfectly calibrated predictor at this number
  std::vector<ReliabilityBin> bins;
};

/// Positions in order of danger, as in Scores::triage.
inline constexpr std::array<const char*, 4> kUrgencyNames = {"self_care", "routine", "urgent", "emergency"};

struct Scores {
  std::size_t cases = 0, covered = 0;
  // Over all cases, with a 95 % bootstrap interval (1,000 resamples).
  Interval coverage, top1, top3, top5, top10, mean_reciprocal_rank, ndcg, brier;
  Calibration first;                               // of the first suspected condition, 5 bins
  Calibration pairs;                               // of all pairs with confidence >= 0.05, 10 bins
  Interval slope, intercept;                       // logistic, over pairs with confidence >= 0.02
  std::array<std::array<std::size_t, 4>, 4> triage{};  // [expected][given]
  std::size_t triaged = 0, emergencies = 0, emergencies_sent_lower = 0, under_triaged = 0, over_triaged = 0;
};

/// Sum of `parts` over sum of `wholes`, an entry a case, with its bootstrap interval over cases; with wholes of 1 the mean. All 0 without cases.
Interval ratio_interval(const std::vector<double>& parts, const std::vector<double>& wholes, unsigned seed = 1);
Interval mean_interval(const std::vector<double>& values, unsigned seed = 1);

/// Deterministic for a seed.
Scores score(const std::vector<ScoredCase>& cases, unsigned seed = 1);

/// A group of cases with its scores, e.g. a specialty.
struct GroupScores {
  std::string name;
  Scores scores;
};

/// By specialty in the order of the alphabet, and by age band (under 1, 1 to 15, 16 to 39, 40 to 64, 65 and more); empty groups are left out.
std::vector<GroupScores> score_by_specialty(const std::vector<ScoredCase>& cases);
std::vector<GroupScores> score_by_age(const std::vector<ScoredCase>& cases);

/// Expected calibration error in equal-mass bins over (confidence, is right).
double calibration_error(std::vector<std::pair<double, bool>> predictions, std::size_t bins);

/// Equal-mass bins, least confidence first.
std::vector<ReliabilityBin> reliability(std::vector<std::pair<double, bool>> predictions, std::size_t bins);

/// Logistic regression of `is right` on logit(confidence): (intercept, slope), by Newton's method.
std::pair<double, double> calibration_line(const std::vector<std::pair<double, bool>>& predictions);

/// Logistic regression of the second on the first: (intercept, slope), by Newton's method.
std::pair<double, double> logistic_line(const std::vector<std::pair<double, bool>>& points);

/// Normalised discounted cumulative gain of the first ten (Jarvelin and Kekalainen 2002, gain 2^relevance - 1): `relevance` of
/// each rank, `ideal` of all that could be found.
double ndcg_at_ten(const std::vector<int>& relevance, std::vector<int> ideal);

}  // namespace osler::evaluate
