#include "evaluate/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <thread>

#include "evaluate/nelder_mead.h"
#include "evaluate/scoring.h"
#include "reasoning/constants.h"
#include "reasoning/network.h"
#include "reasoning/urgency.h"

namespace osler::evaluate {

using reasoning::NetworkParameters;

namespace {

/// A fitted parameter on an unbounded scale: value = low + (high - low) * sigmoid(x).
struct Knob {
  const char* name;
  double NetworkParameters::*member;
  double low, high;
  double neutral;  // what the model does without it
};

constexpr std::array<Knob, 7> kKnobs = {{
    {"alpha", &NetworkParameters::alpha, 0.05, 1.2, 1.0},
    {"lambda", &NetworkParameters::lambda, 0.1, 1.5, 1.0},
    {"group_weight", &NetworkParameters::group_weight, 0.01, 0.99, 0.99},
    {"silence", &NetworkParameters::silence, 0.001, 0.95, 0.001},
    {"pair_weight", &NetworkParameters::pair_weight, 0.0005, 0.5, 0.0005},
    {"temperature", &NetworkParameters::temperature, 0.2, 5, 1.0},
    {"offset", &NetworkParameters::offset, -4, 4, 0.0},
}};
/// How far the fit may leave the starting values, in standard deviations of the unbounded scale: with tens of cases and
/// eight parameters a prior around the design's expectations is worth more than freedom.
constexpr double kPriorSpread = 0.8;
using Point = std::array<double, kKnobs.size()>;

double to_scale(const Knob& knob, double value) {
  const double part = std::clamp((value - knob.low) / (knob.high - knob.low), 1e-3, 1 - 1e-3);
  return std::log(part / (1 - part));
}

NetworkParameters at(const Point& point, NetworkParameters base) {
  for (std::size_t i = 0; i < kKnobs.size(); ++i)
    base.*kKnobs[i].member = kKnobs[i].low + (kKnobs[i].high - kKnobs[i].low) / (1 + std::exp(-point[i]));
  return base;
}

Point point_of(const NetworkParameters& parameters) {
  Point point{};
  for (std::size_t i = 0; i < kKnobs.size(); ++i) point[i] = to_scale(kKnobs[i], parameters.*kKnobs[i].member);
  return point;
}

/// Minus the logarithm of a normal prior around `centre`, but for a constant.
double distance(const Point& point, const Point& centre) {
  double sum = 0;
  for (std::size_t i = 0; i < point.size(); ++i) sum += (point[i] - centre[i]) * (point[i] - centre[i]);
  return sum / (2 * kPriorSpread * kPriorSpread);
}

bool contains(const std::vector<clinical::ConditionIndex>& list, clinical::ConditionIndex index) {
  return std::find(list.begin(), list.end(), index) != list.end();
}

double case_loss(const FitCase& fit_case, const reasoning::Posterior& posterior, const NetworkParameters& parameters) {
  constexpr double kWorthCounting = 0.005;
  double loss = 0;
  for (clinical::ConditionIndex c = 0; c < posterior.log_odds.size(); ++c) {
    const bool right = contains(fit_case.right, c);
    if (!right && contains(fit_case.acceptable, c)) continue;
    const double plain = 1 / (1 + std::exp(-posterior.log_odds[c]));
    if (!right && plain < kWorthCounting) continue;
    const double confidence = std::clamp(reasoning::confidence_of(posterior.log_odds[c], parameters), 1e-6, 1 - 1e-6);
    loss -= std::log(right ? confidence : 1 - confidence);
  }
  return loss;
}

/// Red flags catch some cases whatever the probabilities say. Of those that should be at least `level`, the largest threshold that sends
/// at most `missed_share` of them lower.
double threshold_of(const clinical::KnowledgeBase& knowledge, const std::vector<FitCase>& cases, NetworkParameters parameters,
                    clinical::Urgency level, double missed_share, double largest) {
  const bool emergency = level == clinical::Urgency::emergency;
  const double without_cases = emergency ? parameters.emergency_threshold : parameters.urgent_threshold;
  parameters.emergency_threshold = parameters.urgent_threshold = 2;  // never by probability: what is left are the red flags
  const reasoning::Network network(knowledge, parameters);
  std::vector<double> left;
  std::size_t all = 0;
  for (const FitCase& fit_case : cases) {
    if (fit_case.reduced || !(emergency ? fit_case.emergency : fit_case.urgent)) continue;
    ++all;
    if (network.diagnose(fit_case.findings, 0, 2).urgency.urgency <= level) continue;
    const reasoning::Posterior posterior = network.posterior(fit_case.findings);
    left.push_back(emergency ? reasoning::judged_emergency(posterior.emergency, fit_case.findings.severity) : posterior.urgent_or_worse);
  }
  if (all == 0) return without_cases;
  std::sort(left.begin(), left.end());
  const auto missed = static_cast<std::size_t>(missed_share * static_cast<double>(all));
  return missed < left.size() ? std::min(left[missed], largest) : largest;
}

/// Slope and offset of `unexplained`: half of the cases stand as they are, the other half lose their diagnosis from the knowledge
/// base, so that nothing modelled explains them. The offset is then moved from one half to the prior of nothing modelled.
void fit_unexplained(const clinical::KnowledgeBase& knowledge, const std::vector<FitCase>& cases, NetworkParameters& parameters) {
  const reasoning::Network network(knowledge, parameters);
  std::vector<std::pair<double, bool>> predictions;
  for (const FitCase& fit_case : cases) {
    std::vector<clinical::ConditionIndex> left_out = fit_case.right;
    left_out.insert(left_out.end(), fit_case.acceptable.begin(), fit_case.acceptable.end());
    for (const bool leave : {false, true}) {
      const double logit = network.nothing_without(fit_case.findings, leave ? left_out : std::vector<clinical::ConditionIndex>{});
      predictions.emplace_back(std::clamp(logit, -reasoning::kNothingClip, reasoning::kNothingClip), leave);
    }
  }
  if (predictions.empty()) return;
  const auto [intercept, slope] = logistic_line(predictions);
  const double prior = parameters.nothing_prior;
  parameters.nothing_slope = std::clamp(slope, 0.01, 5.0);
  parameters.nothing_offset = std::clamp(intercept + std::log(prior / (1 - prior)), -20.0, 20.0);
}

}  // namespace

double log_loss(const clinical::KnowledgeBase& knowledge, const std::vector<FitCase>& cases, const NetworkParameters& parameters) {
  const reasoning::Network network(knowledge, parameters);
  std::vector<double> losses(cases.size());  // summed in one order, so that the number of threads does not show
  const auto work = [&](std::size_t first, std::size_t step) {
    for (std::size_t i = first; i < cases.size(); i += step) losses[i] = case_loss(cases[i], network.posterior(cases[i].findings), parameters);
  };
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16);
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < threads; ++i) others.push_back(std::async(std::launch::async, work, i, threads));
  work(0, threads);
  for (const std::future<void>& other : others) other.wait();
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return cases.empty() ? 0 : sum / static_cast<double>(cases.size());
}

FitReport fit(const clinical::KnowledgeBase& knowledge, const std::vector<FitCase>& cases, const std::vector<FitCase>& triage,
              const NetworkParameters& start, const std::function<void(int)>& progress) {
  constexpr int kEvaluations = 500, kFolds = 5, kFoldEvaluations = 150;
  FitReport report;
  int evaluations = 0;
  const auto fit_on = [&](const std::vector<FitCase>& chosen, const NetworkParameters& from, int budget) {
    const Point centre = point_of(start);
    const auto loss = [&](const Point& point) {
      progress(++evaluations);
      return log_loss(knowledge, chosen, at(point, start)) + distance(point, centre) / static_cast<double>(std::max<std::size_t>(chosen.size(), 1));
    };
    return at(nelder_mead<kKnobs.size()>(loss, point_of(from), budget), start);
  };
  report.start_loss = log_loss(knowledge, cases, start);
  report.parameters = fit_on(cases, start, kEvaluations);
  report.fitted_loss = log_loss(knowledge, cases, report.parameters);
  double held_out = 0;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<FitCase> inside, outside;
    for (std::size_t i = 0; i < cases.size(); ++i) (static_cast<int>(i / 2 % kFolds) == fold ? outside : inside).push_back(cases[i]);
    const NetworkParameters fitted = fit_on(inside, start, kFoldEvaluations);
    held_out += log_loss(knowledge, outside, fitted) * static_cast<double>(outside.size());
  }
  report.cross_validated_loss = cases.empty() ? 0 : held_out / static_cast<double>(cases.size());
  for (const Knob& knob : kKnobs) {
    NetworkParameters without = report.parameters;
    without.*knob.member = knob.neutral;
    report.worth.emplace_back(knob.name, log_loss(knowledge, cases, without) - report.fitted_loss);
  }
  fit_unexplained(knowledge, cases, report.parameters);
  constexpr double kMissedEmergencies = 0.03, kMissedUrgent = 0.14;
  const auto threshold = [&](clinical::Urgency level, double missed_share, double largest) {
    return std::min(threshold_of(knowledge, cases, report.parameters, level, missed_share, largest),
                    threshold_of(knowledge, triage.empty() ? cases : triage, report.parameters, level, missed_share, largest));
  };
  const double emergency = threshold(clinical::Urgency::emergency, kMissedEmergencies, 0.2);
  report.parameters.urgent_threshold = threshold(clinical::Urgency::urgent, kMissedUrgent, 0.5);
  report.parameters.emergency_threshold = emergency;
  return report;
}

}  // namespace osler::evaluate
