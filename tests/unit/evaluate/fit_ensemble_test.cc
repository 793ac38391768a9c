// Fitting how network and encoder go together, on made-up opinions.
#include "evaluate/fit_ensemble.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "models/calibration.h"

namespace osler::evaluate {
namespace {

constexpr std::size_t kConditions = 8, kVersions = 2;
constexpr double kExcluded = -std::numeric_limits<double>::infinity(), kNoLabel = std::numeric_limits<double>::quiet_NaN();

/// How well somebody knows the right condition: log-odds of it and of the others, and how much chance plays.
struct Skill {
  double right, others, noise;
};
constexpr Skill kClever{2, -3, 1}, kIgnorant{-2, -2, 1}, kPerverse{-6, 1, 1};

// Always the same cases: what a fit gives must not hang on the draw.
std::vector<EnsembleCase> cases_of(Skill network, Skill encoder, std::size_t count = 60) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::vector<EnsembleCase> cases;
  for (std::size_t i = 0; i < count * kVersions; ++i) {
    EnsembleCase one;
    const auto right = static_cast<clinical::ConditionIndex>(i / kVersions % kConditions);
    one.right = {right};
    one.findings = i % kVersions == 0 ? 5 : 1;
    for (std::size_t c = 0; c < kConditions; ++c) {
      one.network.push_back((c == right ? network.right : network.others) + network.noise * normal(random));
      one.encoder.push_back((c == right ? encoder.right : encoder.others) + encoder.noise * normal(random));
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

EnsembleReport fit(const std::vector<EnsembleCase>& cases) { return fit_ensemble(cases, kVersions, {}); }

bool same(const reasoning::EnsembleParameters& a, const reasoning::EnsembleParameters& b) {
  const reasoning::CalibrationRecord record{"p", 1, "2026-01-02", ""};
  return models::write_ensemble(a, record) == models::write_ensemble(b, record);
}

/// Whether a directory with these parameters would load.
bool loads(const reasoning::EnsembleParameters& parameters) {
  const auto parsed = models::parse_ensemble(models::write_ensemble(parameters, {"p", 1, "2026-01-02", ""}));
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return parsed.has_value();
}

TEST(FitEnsemble, TogetherTwoThatKnowSomethingAreBetterThanEither) {
  const EnsembleReport report = fit(cases_of({0.5, -2, 1.5}, {0.5, -2, 1.5}));
  EXPECT_GT(report.fusion_held_out.first, std::max(report.network.first, report.encoder_held_out.first));
  EXPECT_LT(report.fusion_held_out.log_loss, std::min(report.network.log_loss, report.encoder_held_out.log_loss));
  EXPECT_GE(report.fusion_held_out.first_three, report.fusion_held_out.first);
}

TEST(FitEnsemble, HearsTheOneWhoKnows) {
  const EnsembleReport network = fit(cases_of(kClever, kIgnorant)), encoder = fit(cases_of(kIgnorant, kClever));
  EXPECT_GT(network.parameters.network, network.parameters.encoder);
  EXPECT_GT(encoder.parameters.encoder, encoder.parameters.network);
  EXPECT_GE(network.fusion_held_out.first, network.network.first - 0.05);
  EXPECT_GE(encoder.fusion_held_out.first, encoder.encoder_held_out.first - 0.05);
}

TEST(FitEnsemble, WhereNothingWasReadTheEncoderIsHeardMore) {
  std::vector<EnsembleCase> cases = cases_of(kClever, kClever);
  std::mt19937 random(3);
  for (EnsembleCase& one : cases) {
    if (one.findings > 1) continue;
    one.findings = 0;
    for (double& value : one.network) value = -2 + std::normal_distribution<double>()(random);  // it has nothing to go by
  }
  const reasoning::EnsembleParameters fitted = fit(cases).parameters;
  EXPECT_LT(fitted.blind_network, fitted.network);
  EXPECT_GT(fitted.blind_encoder, fitted.encoder);
}

TEST(FitEnsemble, WhatItFitsIsWhatADirectoryMayHold) {
  for (const Skill network : {kClever, kIgnorant, kPerverse})
    for (const Skill encoder : {kClever, kIgnorant, kPerverse}) EXPECT_TRUE(loads(fit(cases_of(network, encoder, 20)).parameters));
  EXPECT_EQ(fit(cases_of(kClever, kPerverse, 20)).parameters.alone_scale, 0) << "an encoder that is always wrong is not turned round";
}

TEST(FitEnsemble, IsDeterministic) {
  const auto cases = cases_of(kClever, kClever, 20);
  EXPECT_TRUE(same(fit(cases).parameters, fit(cases).parameters));
}

TEST(FitEnsemble, OfNoCasesIsItsCentre) {
  const EnsembleReport report = fit({});
  EXPECT_NEAR(report.parameters.network, 0.7, 0.01);
  EXPECT_NEAR(report.parameters.encoder, 0.3, 0.01);
  EXPECT_EQ(report.fusion.first, 0);
  EXPECT_EQ(report.fusion_held_out.log_loss, 0);
  EXPECT_TRUE(loads(report.parameters));
}

TEST(FitEnsemble, VersionsOfACaseStayTogetherAcrossFolds) {
  // Each case twice: were its versions parted, the held-out figure would be that of cases already seen.
  auto cases = cases_of({0.5, -2, 1.5}, {0.5, -2, 1.5}, 10);
  for (std::size_t i = 1; i < cases.size(); i += 2) cases[i] = cases[i - 1];
  std::vector<EnsembleCase> once;
  for (std::size_t i = 0; i < cases.size(); i += 2) once.push_back(cases[i]);
  const EnsembleReport twice = fit_ensemble(cases, 2, {}), single = fit_ensemble(once, 1, {});
  EXPECT_EQ(twice.network.first, single.network.first);
  EXPECT_NEAR(twice.fusion_held_out.log_loss, single.fusion_held_out.log_loss, 0.35 * single.fusion_held_out.log_loss);
}

// --- What the figures mean ---

EnsembleCase one_case(std::vector<double> network, std::vector<double> encoder, std::vector<clinical::ConditionIndex> right,
                      std::vector<clinical::ConditionIndex> acceptable = {}) {
  EnsembleCase one;
  one.network = std::move(network);
  one.encoder = std::move(encoder);
  one.right = std::move(right);
  one.acceptable = std::move(acceptable);
  return one;
}

RankScores network_scores(const EnsembleCase& one) { return fit_ensemble({one}, 1, {}).network; }

TEST(RankScores, CountTheFirstAndTheFirstThree) {
  const std::vector<double> encoder(5, 0);
  EXPECT_EQ(network_scores(one_case({3, 1, 0, -1, -2}, encoder, {0})).first, 1);
  EXPECT_EQ(network_scores(one_case({3, 1, 0, -1, -2}, encoder, {1})).first, 0);
  EXPECT_EQ(network_scores(one_case({3, 1, 0, -1, -2}, encoder, {2})).first_three, 1);
  EXPECT_EQ(network_scores(one_case({3, 1, 0, -1, -2}, encoder, {3})).first_three, 0);
  EXPECT_EQ(network_scores(one_case({3, 1, 0, -1, -2}, encoder, {3}, {0})).first, 1) << "an acceptable one first is right too";
}

TEST(RankScores, WhatALimitExcludesIsNeverFirst) {
  EXPECT_EQ(network_scores(one_case({kExcluded, 1, 0}, {9, 0, 0}, {1})).first, 1);
  EXPECT_EQ(network_scores(one_case({kExcluded, 1, 0}, {9, 0, 0}, {0})).first_three, 0);
  const EnsembleReport report = fit_ensemble({one_case({kExcluded, 1, 0}, {9, 0, -3}, {1})}, 1, {});
  EXPECT_EQ(report.fusion.first, 1);
  EXPECT_EQ(report.encoder.first, 1);
}

TEST(RankScores, LogLossIsThatOfTheRightAndOfWhatWasWorthCounting) {
  const reasoning::NetworkParameters parameters;
  const auto confidence = [&](double log_odds) { return 1 / (1 + std::exp(-(std::clamp(log_odds, -7.0, 7.0) / parameters.temperature + parameters.offset))); };
  // The third is acceptable and the fourth too unlikely to either: neither counts.
  const EnsembleCase one = one_case({2, 0, 1, -9}, {-9, -9, -9, -9}, {0}, {2});
  EXPECT_NEAR(network_scores(one).log_loss, -std::log(confidence(2)) - std::log(1 - confidence(0)), 1e-9);
  const EnsembleCase encoder_thinks_so = one_case({2, 0, 1, -9}, {-9, -9, -9, 1}, {0}, {2});
  EXPECT_NEAR(network_scores(encoder_thinks_so).log_loss, network_scores(one).log_loss - std::log(1 - confidence(-9)), 1e-9);
}

TEST(RankScores, WhereTheEncoderHasNoLabelTheNetworkSpeaks) {
  const EnsembleReport report = fit_ensemble({one_case({3, 1, -4}, {kNoLabel, kNoLabel, kNoLabel}, {0})}, 1, {});
  EXPECT_EQ(report.fusion.log_loss, report.network.log_loss);
  EXPECT_EQ(report.encoder.log_loss, report.network.log_loss);
}

}  // namespace
}  // namespace osler::evaluate
