// What a comparison found, in totals, as JSON and as text.
#include <algorithm>
#include <functional>

#include "evaluate/model_comparison.h"
#include "evaluate/report_parts.h"

namespace osler::evaluate {

namespace {

HitShares shares_of(const std::vector<ComparedCase>& cases, const std::function<std::size_t(const ComparedCase&)>& rank) {
  const auto within = [&](std::size_t places) {
    std::vector<double> hits;
    for (const ComparedCase& one : cases) hits.push_back(rank(one) >= 1 && rank(one) <= places ? 1 : 0);
    return mean_interval(hits);
  };
  return {within(1), within(3)};
}

SpeakerScores speakers_of(const std::vector<ComparedCase>& cases, RanksOfCase ComparedCase::*ranks) {
  const auto shares = [&](std::size_t RanksOfCase::*who) { return shares_of(cases, [&](const ComparedCase& one) { return one.*ranks.*who; }); };
  return {cases.size(), shares(&RanksOfCase::network), shares(&RanksOfCase::encoder), shares(&RanksOfCase::both)};
}

PrecisionScores precision_of(const std::vector<ComparedCase>& cases, std::size_t which, const std::string& name) {
  PrecisionScores scores;
  scores.name = name;
  scores.alone = shares_of(cases, [&](const ComparedCase& one) { return one.precisions[which].rank_alone; });
  scores.both = shares_of(cases, [&](const ComparedCase& one) { return one.precisions[which].rank_both; });
  const auto add = [&](ConfidenceChange& to, const ConfidenceChange& from) {
    to.first += from.first / static_cast<double>(cases.size());
    to.ten += from.ten / static_cast<double>(cases.size());
    to.largest = std::max(to.largest, from.largest);
  };
  for (const ComparedCase& one : cases) {
    add(scores.alone_change, one.precisions[which].alone);
    add(scores.both_change, one.precisions[which].both);
  }
  return scores;
}

Json shares_json(const HitShares& shares) { return {{"first", interval_json(shares.first)}, {"first_three", interval_json(shares.first_three)}}; }

Json speakers_json(const SpeakerScores& scores) {
  Json json{{"cases", scores.cases}};
  if (scores.cases == 0) return json;
  json["network"] = shares_json(scores.network);
  json["encoder"] = shares_json(scores.encoder);
  json["both"] = shares_json(scores.both);
  return json;
}

Json change_json(const ConfidenceChange& change) { return {{"first", change.first}, {"ten", change.ten}, {"largest", change.largest}}; }

void add_shares(Text& out, const char* name, const HitShares& shares) {
  const Interval &first = shares.first, &three = shares.first_three;
  out.add("  %-16s first %5.1f %% [%.1f, %.1f]   first three %5.1f %% [%.1f, %.1f]\n", name, first.value * 100, first.low * 100, first.high * 100,
          three.value * 100, three.low * 100, three.high * 100);
}

void add_speakers(Text& out, const char* title, const SpeakerScores& scores) {
  out.add("\n%s: %zu cases\n", title, scores.cases);
  if (scores.cases == 0) return;
  add_shares(out, "network", scores.network);
  add_shares(out, "encoder", scores.encoder);
  add_shares(out, "both", scores.both);
}

}  // namespace

ComparisonReport make_comparison_report(const std::vector<ComparedCase>& cases, const std::vector<std::string>& names) {
  std::vector<ComparedCase> nothing_found;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(nothing_found), [](const ComparedCase& one) { return one.nothing_found; });
  ComparisonReport report;
  report.all = speakers_of(cases, &ComparedCase::ranks);
  report.nothing_found = speakers_of(nothing_found, &ComparedCase::ranks);
  report.withheld = speakers_of(cases, &ComparedCase::withheld);
  for (std::size_t i = 0; i < names.size(); ++i) report.precisions.push_back(precision_of(cases, i, names[i]));
  return report;
}

Json comparison_json(const ComparisonReport& report) {
  Json json{{"file", report.file}, {"model_version", report.model_version}, {"date", report.date}};
  json["all"] = speakers_json(report.all);
  json["nothing_found"] = speakers_json(report.nothing_found);
  json["findings_withheld"] = speakers_json(report.withheld);
  for (const PrecisionScores& one : report.precisions) {
    json["precisions"][one.name] = {{"alone", shares_json(one.alone)}, {"both", shares_json(one.both)}};
    json["precisions"][one.name]["difference"] = {{"alone", change_json(one.alone_change)}, {"both", change_json(one.both_change)}};
  }
  return json;
}

std::string comparison_text(const ComparisonReport& report) {
  Text out;
  out.add("%s\n", report.model_version.c_str());
  add_speakers(out, "All", report.all);
  add_speakers(out, "Those in which the network was given no finding", report.nothing_found);
  add_speakers(out, "All, with every finding withheld from the network", report.withheld);
  out.add("\nPrecisions, and absolute differences of confidence from %s (mean of the first, mean of the first ten, largest of these)\n",
          report.precisions.front().name.c_str());
  const auto change = [&](const ConfidenceChange& one) { out.add("  %-16s %.5f  %.5f  %.5f\n", "", one.first, one.ten, one.largest); };
  for (const PrecisionScores& one : report.precisions) {
    add_shares(out, (one.name + " alone").c_str(), one.alone);
    change(one.alone_change);
    add_shares(out, (one.name + " beside").c_str(), one.both);
    change(one.both_change);
  }
  return out.text;
}

}  // namespace osler::evaluate
