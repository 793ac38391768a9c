#include "evaluate/fit_ensemble.h"

#include <array>
#include <cmath>

#include "evaluate/nelder_mead.h"
#include "reasoning/network.h"

namespace osler::evaluate {

namespace {

using reasoning::EnsembleParameters;

enum class Who { network, encoder, fusion };

/// A fitted parameter, searched around `centre` with a normal prior as wide as `spread`.
struct Knob {
  double EnsembleParameters::*member;
  double centre, spread;
  double low, high;  // what calibration.json may hold (docs/formats/model_directory.md)
};
constexpr std::array<Knob, 5> kFusion = {{{&EnsembleParameters::network, 0.7, 0.4, 0, 5},
                                          {&EnsembleParameters::network_unread, 0, 0.5, -5, 5},
                                          {&EnsembleParameters::encoder, 0.3, 0.4, 0, 5},
                                          {&EnsembleParameters::encoder_unread, 0, 0.5, -5, 5},
                                          {&EnsembleParameters::offset, 0, 1.5, -20, 20}}};
constexpr std::array<Knob, 3> kBlind = {{{&EnsembleParameters::blind_network, 0.3, 0.3, 0, 5},
                                         {&EnsembleParameters::blind_encoder, 1, 0.5, 0, 5},
                                         {&EnsembleParameters::blind_offset, 0, 1.5, -20, 20}}};
constexpr std::array<Knob, 2> kAlone = {{{&EnsembleParameters::alone_scale, 1, 0.5, 0, 5}, {&EnsembleParameters::alone_shift, 0, 2, -20, 20}}};

double sigmoid(double logit) { return 1 / (1 + std::exp(-logit)); }

bool contains(const std::vector<clinical::ConditionIndex>& list, clinical::ConditionIndex index) { return std::find(list.begin(), list.end(), index) != list.end(); }

/// Calibrated confidence of one condition.
class Judge {
 public:
  Judge(Who who, const EnsembleParameters& parameters, const reasoning::NetworkParameters& network) : who_(who), network_(network) {
    opinion_.parameters = parameters;
    opinion_.alone = who == Who::encoder;
  }
  double log_odds(const EnsembleCase& one, std::size_t c) {
    const double alone = reasoning::calibrated_log_odds(one.network[c], network_);
    if (who_ == Who::network) return alone;
    opinion_.log_odds = {one.encoder[c]};
    return reasoning::combined_log_odds(opinion_, 0, one.network[c], alone, one.findings);
  }

 private:
  Who who_;
  reasoning::NetworkParameters network_;
  reasoning::EncoderOpinion opinion_;
};

RankScores score(const std::vector<const EnsembleCase*>& cases, Judge judge) {
  constexpr double kWorthCounting = 0.005, kNowhere = -1e9;
  RankScores scores;
  for (const EnsembleCase* one : cases) {
    double best_right = kNowhere;
    std::vector<double> all(one->network.size(), kNowhere);
    for (std::size_t c = 0; c < all.size(); ++c) {
      if (std::isinf(one->network[c])) continue;
      const auto index = static_cast<clinical::ConditionIndex>(c);
      const bool right = contains(one->right, index), fine = right || contains(one->acceptable, index);
      all[c] = judge.log_odds(*one, c);
      if (fine) best_right = std::max(best_right, all[c]);
      const double most = std::max(sigmoid(one->network[c]), std::isnan(one->encoder[c]) ? 0 : sigmoid(one->encoder[c]));
      if (right != fine || (!right && most < kWorthCounting)) continue;
      const double confidence = std::clamp(sigmoid(std::clamp(all[c], -7.0, 7.0)), 1e-6, 1 - 1e-6);
      scores.log_loss -= std::log(right ? confidence : 1 - confidence);
    }
    const auto better = std::count_if(all.begin(), all.end(), [&](double other) { return other > best_right; });
    const bool ranked = best_right > kNowhere;  // not so where a hard limit excludes it
    scores.first += ranked && better < 1;
    scores.first_three += ranked && better < 3;
  }
  const double count = std::max<double>(1, static_cast<double>(cases.size()));
  return {scores.first / count, scores.first_three / count, scores.log_loss / count};
}

template <std::size_t kSize>
void fit_knobs(const std::array<Knob, kSize>& knobs, const std::vector<const EnsembleCase*>& cases, Who who, const reasoning::NetworkParameters& network,
               EnsembleParameters& parameters) {
  using Point = std::array<double, kSize>;
  const auto at = [&](const Point& point) {
    EnsembleParameters result = parameters;
    for (std::size_t i = 0; i < kSize; ++i) result.*knobs[i].member = std::clamp(knobs[i].centre + knobs[i].spread * point[i], knobs[i].low, knobs[i].high);
    return result;
  };
  const auto loss = [&](const Point& point) {
    double prior = 0;
    for (const double x : point) prior += x * x / 2;
    return score(cases, Judge(who, at(point), network)).log_loss + prior / static_cast<double>(std::max<std::size_t>(1, cases.size()));
  };
  constexpr int kEvaluations = 400;
  parameters = at(nelder_mead<kSize>(loss, Point{}, kEvaluations));
}

EnsembleParameters fit_on(const std::vector<const EnsembleCase*>& cases, const reasoning::NetworkParameters& network) {
  EnsembleParameters parameters;
  std::vector<const EnsembleCase*> read, blind;
  for (const EnsembleCase* one : cases) (one->findings == 0 ? blind : read).push_back(one);
  fit_knobs(kFusion, read, Who::fusion, network, parameters);
  fit_knobs(kBlind, blind, Who::fusion, network, parameters);
  fit_knobs(kAlone, cases, Who::encoder, network, parameters);
  return parameters;
}

void add(RankScores& to, const RankScores& from, double weight) {
  to.first += weight * from.first;
  to.first_three += weight * from.first_three;
  to.log_loss += weight * from.log_loss;
}

}  // namespace

EnsembleReport fit_ensemble(const std::vector<EnsembleCase>& cases, std::size_t versions, const reasoning::NetworkParameters& network) {
  constexpr std::size_t kFolds = 5;
  std::vector<const EnsembleCase*> all;
  for (const EnsembleCase& one : cases) all.push_back(&one);
  EnsembleReport report;
  report.parameters = fit_on(all, network);
  report.network = score(all, Judge(Who::network, {}, network));
  report.encoder = score(all, Judge(Who::encoder, report.parameters, network));
  report.fusion = score(all, Judge(Who::fusion, report.parameters, network));
  report.fusion_held_out_by_version.resize(versions);
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<const EnsembleCase*> inside, outside;
    for (std::size_t i = 0; i < cases.size(); ++i) (i / versions % kFolds == fold ? outside : inside).push_back(&cases[i]);
    const EnsembleParameters fitted = fit_on(inside, network);
    const double weight = static_cast<double>(outside.size()) / static_cast<double>(std::max<std::size_t>(1, cases.size()));
    add(report.encoder_held_out, score(outside, Judge(Who::encoder, fitted, network)), weight);
    add(report.fusion_held_out, score(outside, Judge(Who::fusion, fitted, network)), weight);
    for (std::size_t version = 0; version < versions; ++version) {
      std::vector<const EnsembleCase*> of_version;
      for (std::size_t i = version; i < outside.size(); i += versions) of_version.push_back(outside[i]);
      add(report.fusion_held_out_by_version[version], score(of_version, Judge(Who::fusion, fitted, network)), weight);
    }
  }
  return report;
}

}  // namespace osler::evaluate
