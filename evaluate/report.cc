#include "evaluate/report.h"

#include <algorithm>

#include "evaluate/report_parts.h"

namespace osler::evaluate {

namespace {

Json calibration_json(const Calibration& calibration) {
  Json json;
  json["predictions"] = calibration.predictions;
  json["ece"] = interval_json(calibration.ece);
  json["ece_of_a_perfectly_calibrated_predictor"] = Json::array({calibration.perfect_low, calibration.perfect_high});
  json["bins"] = Json::array();
  for (const ReliabilityBin& bin : calibration.bins)
    json["bins"].push_back({{"mean_confidence", bin.mean_confidence}, {"share_right", bin.share_right}, {"count", bin.count}});
  return json;
}

Json scores_json(const Scores& scores) {
  Json json;
  json["cases"] = scores.cases;
  json["covered"] = scores.covered;
  for (const auto& [name, interval] : {std::pair("coverage", &scores.coverage), {"top1", &scores.top1}, {"top3", &scores.top3},
                                       {"top5", &scores.top5}, {"top10", &scores.top10},
                                       {"mean_reciprocal_rank", &scores.mean_reciprocal_rank}, {"ndcg_at_10", &scores.ndcg},
                                       {"brier", &scores.brier}, {"calibration_slope", &scores.slope},
                                       {"calibration_intercept", &scores.intercept}})
    json[name] = interval_json(*interval);
  json["calibration_of_the_first"] = calibration_json(scores.first);
  json["calibration_of_pairs"] = calibration_json(scores.pairs);
  Json triage;
  for (std::size_t expected = kUrgencyNames.size(); expected-- > 0;)
    for (std::size_t given = kUrgencyNames.size(); given-- > 0;)
      triage["matrix"][kUrgencyNames[expected]][kUrgencyNames[given]] = scores.triage[expected][given];
  triage["cases"] = scores.triaged;
  triage["emergencies"] = scores.emergencies;
  triage["emergencies_sent_lower"] = scores.emergencies_sent_lower;
  triage["under_triaged"] = scores.under_triaged;
  triage["over_triaged"] = scores.over_triaged;
  json["triage"] = triage;
  return json;
}

Json groups_json(const std::vector<GroupScores>& groups) {
  Json json = Json::array();
  for (const GroupScores& group : groups) {
    const Scores& scores = group.scores;
    json.push_back({{"name", group.name}, {"cases", scores.cases}, {"coverage", interval_json(scores.coverage)},
                    {"top1", interval_json(scores.top1)}, {"top3", interval_json(scores.top3)}, {"top5", interval_json(scores.top5)},
                    {"mean_reciprocal_rank", interval_json(scores.mean_reciprocal_rank)}, {"emergencies", scores.emergencies},
                    {"emergencies_sent_lower", scores.emergencies_sent_lower}, {"over_triaged", scores.over_triaged}});
  }
  return json;
}

void add_scores(Text& out, const char* title, const Scores& scores) {
  const auto share = [&](const char* name, const Interval& interval) {
    out.add("  %-24s %5.1f %%  [%.1f, %.1f]\n", name, interval.value * 100, interval.low * 100, interval.high * 100);
  };
  const auto number = [&](const char* name, const Interval& interval) {
    out.add("  %-24s %6.3f  [%.3f, %.3f]\n", name, interval.value, interval.low, interval.high);
  };
  const auto calibration = [&](const char* name, const Calibration& one) {
    out.add("  %-24s %6.3f  [%.3f, %.3f]  perfectly calibrated: [%.3f, %.3f], %zu predictions\n", name, one.ece.value,
            one.ece.low, one.ece.high, one.perfect_low, one.perfect_high, one.predictions);
  };
  out.add("%s: %zu cases\n", title, scores.cases);
  share("diagnosis is known", scores.coverage);
  share("first", scores.top1);
  share("in the first three", scores.top3);
  share("in the first five", scores.top5);
  share("in the first ten", scores.top10);
  number("mean reciprocal rank", scores.mean_reciprocal_rank);
  number("NDCG, first ten", scores.ndcg);
  number("Brier (first)", scores.brier);
  calibration("ECE (first, 5 bins)", scores.first);
  calibration("ECE (pairs from 0.05)", scores.pairs);
  number("slope of pairs", scores.slope);
  number("intercept of pairs", scores.intercept);
  out.add("  %-24s %zu of %zu emergencies sent lower; of %zu, %zu lower and %zu higher than needed\n", "triage",
          scores.emergencies_sent_lower, scores.emergencies, scores.triaged, scores.under_triaged, scores.over_triaged);
}

void add_groups(Text& out, const char* title, const std::vector<GroupScores>& groups) {
  out.add("\n%-32s cases  known  first  three   five  emergencies lower\n", title);
  for (const GroupScores& group : groups) {
    const Scores& scores = group.scores;
    out.add("  %-30s %5zu  %4.0f%%  %4.0f%%  %4.0f%%  %4.0f%%  %zu of %zu\n", group.name.c_str(), scores.cases, scores.coverage.value * 100,
            scores.top1.value * 100, scores.top3.value * 100, scores.top5.value * 100, scores.emergencies_sent_lower, scores.emergencies);
  }
}

Times times_of(const std::vector<CaseOutcome>& outcomes, double CaseOutcome::*member) {
  std::vector<double> all;
  for (const CaseOutcome& outcome : outcomes) all.push_back(outcome.*member);
  if (all.empty()) return {};
  std::sort(all.begin(), all.end());
  return {all[all.size() / 2], all.back()};
}

}  // namespace

Report make_report(const std::vector<CaseOutcome>& outcomes, bool aggregates_only) {
  Report report;
  std::vector<ScoredCase> all, known;
  for (const CaseOutcome& outcome : outcomes) {
    all.push_back(outcome.scored);
    if (outcome.scored.covered) known.push_back(outcome.scored);
    const bool sent_lower = outcome.scored.urgency_expected == "emergency" && outcome.scored.urgency_given != "emergency";
    if (sent_lower && !aggregates_only) report.sent_lower.push_back(outcome);
    if (outcome.failure == Failure::none) continue;
    ++report.failures[name_of(outcome.failure)];
    if (!aggregates_only) report.failed.push_back(outcome);
  }
  report.all = score(all);
  report.known = score(known);
  report.reading = times_of(outcomes, &CaseOutcome::reading_ms);
  report.reasoning = times_of(outcomes, &CaseOutcome::reasoning_ms);
  report.by_specialty = score_by_specialty(all);
  report.by_age = score_by_age(all);
  return report;
}

Json report_json(const Report& report) {
  Json json;
  json["file"] = report.file;
  json["model_version"] = report.model_version;
  json["date"] = report.date;
  json["all"] = scores_json(report.all);
  json["known_diagnoses"] = scores_json(report.known);
  json["by_specialty"] = groups_json(report.by_specialty);
  json["by_age"] = groups_json(report.by_age);
  json["milliseconds"] = {{"reading", {{"median", report.reading.median}, {"slowest", report.reading.slowest}}},
                          {"reasoning", {{"median", report.reasoning.median}, {"slowest", report.reasoning.slowest}}}};
  json["failures"]["by_reason"] = report.failures;
  if (!report.failed.empty()) json["failures"]["cases"] = Json::array();
  for (const CaseOutcome& outcome : report.failed)
    json["failures"]["cases"].push_back({{"id", outcome.scored.id}, {"specialty", outcome.scored.specialty}, {"reason", name_of(outcome.failure)},
                                         {"rank", outcome.scored.rank}, {"first", outcome.first}, {"why", outcome.why},
                                         {"not_understood", outcome.not_understood}});
  for (const CaseOutcome& outcome : report.sent_lower)
    json["failures"]["emergencies_sent_lower"].push_back({{"id", outcome.scored.id}, {"given", outcome.scored.urgency_given}, {"first", outcome.first}});
  return json;
}

std::string report_text(const Report& report) {
  Text out;
  add_scores(out, "All", report.all);
  add_scores(out, "Those whose diagnosis the knowledge base knows", report.known);
  add_groups(out, "By specialty", report.by_specialty);
  add_groups(out, "By age", report.by_age);
  out.add("\nTime a case: reading %.2f ms (slowest %.2f), reasoning %.2f ms (slowest %.2f)\n", report.reading.median, report.reading.slowest,
          report.reasoning.median, report.reasoning.slowest);
  out.add("\nNot first, by reason:");
  for (const auto& [reason, count] : report.failures) out.add(" %zu %s;", count, reason.c_str());
  out.add("\n");
  for (const CaseOutcome& outcome : report.failed) {
    const std::string rank = outcome.scored.rank == 0 ? "-" : std::to_string(outcome.scored.rank);
    out.add("  %s  rank %s  %s (%s); first: %s", outcome.scored.id.c_str(), rank.c_str(), name_of(outcome.failure),
            outcome.scored.specialty.c_str(), outcome.first.c_str());
    for (const std::string& why : outcome.why) out.add("; %s", why.c_str());
    out.add("\n");
  }
  if (!report.sent_lower.empty()) out.add("\nEmergencies sent lower:\n");
  for (const CaseOutcome& outcome : report.sent_lower)
    out.add("  %s  %s; first: %s\n", outcome.scored.id.c_str(), outcome.scored.urgency_given.c_str(), outcome.first.c_str());
  return out.text;
}

}  // namespace osler::evaluate
