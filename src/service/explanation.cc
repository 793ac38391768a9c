#include "service/explanation.h"

#include <cmath>

#include "reasoning/network_attribution.h"

namespace osler::service {

using namespace clinical;
using reasoning::Attribution;
using reasoning::Coalition;

namespace {

constexpr std::chrono::milliseconds kNetworkTime{110}, kEncoderTime{160}, kWordsTime{850};
constexpr std::size_t kEncoderEvaluations = 512, kWordEvaluations = 1000;
constexpr std::size_t kMostWordGroups = 160;  // more words than that are hidden some at a time

/// One thing shown and withheld, with where the request said it.
struct Place {
  TextSpan span;
  std::string text;
};

Json write_place(const Place& place, double value) {
  Json json;
  json["field"] = name_of(place.span.field);
  json["item"] = place.span.item;
  json["begin"] = place.span.begin;
  json["end"] = place.span.end;
  json["text"] = place.text;
  json["value"] = std::round(value * 1e4) / 1e4;
  return json;
}

/// The answer's log-odds: network L_n + encoder L_e + offset.
using Shares = reasoning::EnsembleWeights;

Shares shares_of(const ExplanationParts& parts, ConditionIndex condition) {
  if (parts.encoder == nullptr || !parts.encoder->model().ensemble() || !parts.encoder->has_label(condition)) return {1 / parts.network.parameters().temperature, 0, parts.network.parameters().offset};
  const reasoning::EnsembleParameters& p = *parts.encoder->model().ensemble();
  return parts.encoder->alone() ? Shares{0, p.alone_scale, p.alone_shift} : reasoning::weights_for(p, reasoning::findings_given(parts.reading.findings));
}

/// Adds `share` of one attribution to another, errors as those of independent estimates.
void add(Attribution& to, const Attribution& from, double share) {
  to.values.resize(from.values.size());
  to.standard_errors.resize(from.values.size());
  for (std::size_t i = 0; i < from.values.size(); ++i) {
    to.values[i] += share * from.values[i];
    to.standard_errors[i] = std::hypot(to.standard_errors[i], share * from.standard_errors[i]);
  }
  to.with_all += share * from.with_all;
  to.with_none += share * from.with_none;
  to.exact = to.exact && from.exact;
  to.evaluations += from.evaluations;
}

std::string& text_at(PatientCase& patient, const TextSpan& span) {
  switch (span.field) {
    case CaseField::symptoms: return patient.symptoms[span.item];
    case CaseField::absent_findings: return patient.absent_findings[span.item];
    case CaseField::preexisting_conditions: return patient.preexisting_conditions[span.item];
    case CaseField::family_history: return patient.family_history[span.item];
    default: return patient.narrative;
  }
}

class Explainer {
 public:
  Explainer(const ExplanationParts& parts, ConditionIndex condition) : parts_(parts), condition_(condition), shares_(shares_of(parts, condition)) {}

  Json shap() {
    const std::vector<language::CaseTextUnit> units = language::case_text_units(parts_.knowledge, parts_.patient, parts_.reading.findings.quantities);
    Attribution sum;
    sum.exact = true;
    if (shares_.network > 0) add(sum, of_network(units), shares_.network);
    if (shares_.encoder > 0) add(sum, of_encoder(units), shares_.encoder);
    Json json = head("shap", sum.with_none + shares_.offset, sum.with_all + shares_.offset, sum.evaluations);
    json["exact"] = sum.exact;
    double largest = 0;
    for (const double error : sum.standard_errors) largest = std::max(largest, error);
    json["largest_standard_error"] = std::isfinite(largest) ? Json(std::round(largest * 1e4) / 1e4) : Json();
    json["units"] = Json::array();
    for (const std::size_t i : by_size(sum.values)) {
      if (sum.values[i] == 0) continue;
      Json unit = write_place({units[i].span, units[i].text}, sum.values[i]);
      const double error = sum.standard_errors[i];
      unit["standard_error"] = std::isfinite(error) ? Json(std::round(error * 1e4) / 1e4) : Json();
      json["units"].push_back(std::move(unit));
    }
    return json;
  }

  Json lime() {
    find_words();
    const reasoning::Budget budget = budget_of(kWordEvaluations, 16, kWordsTime);
    const reasoning::LocalLinear linear = reasoning::local_linear(groups_.size(), [this](auto coalitions, auto values) { value_of_words(coalitions, values); }, budget);
    Json json = head("lime", linear.intercept, linear.with_all, linear.evaluations);
    json["exact"] = false;
    json["fidelity"] = std::round(linear.fidelity * 1e4) / 1e4;
    json["words"] = Json::array();
    for (const std::size_t i : by_size(linear.coefficients)) json["words"].push_back(write_place(groups_[i], linear.coefficients[i]));
    return json;
  }

 private:
  Json head(const char* method, double with_none, double with_all, std::size_t evaluations) const {
    const Condition& condition = parts_.knowledge.conditions[condition_];
    Json json{{"method", method}, {"condition", condition.name}, {"condition_id", condition.id}};
    json["with_none"] = std::round(with_none * 1e4) / 1e4;
    json["with_all"] = std::round(with_all * 1e4) / 1e4;
    json["evaluations"] = evaluations;
    return json;
  }

  reasoning::Budget budget_of(std::size_t evaluations, std::size_t batch, std::chrono::milliseconds time) const {
    return {evaluations, batch, 1, [this] { return parts_.clock.steady_now(); }, parts_.clock.steady_now() + time, parts_.counts};
  }

  static std::vector<std::size_t> by_size(const std::vector<double>& values) {
    std::vector<std::size_t> order(values.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return std::abs(values[a]) > std::abs(values[b]); });
    return order;
  }

  Attribution of_network(const std::vector<language::CaseTextUnit>& units) const {
    std::vector<reasoning::Unit> places;
    for (const language::CaseTextUnit& unit : units) places.push_back({unit.span});
    const reasoning::Budget quick = reasoning::quick_budget(), budget = budget_of(quick.evaluations, quick.batch, kNetworkTime);
    return reasoning::attribute(parts_.network, parts_.reading.findings, {condition_}, places, budget).front();
  }

  Attribution of_encoder(const std::vector<language::CaseTextUnit>& units) const {
    const EncoderCase one = parts_.encoder->prepare(parts_.patient, parts_.reading.findings);
    const reasoning::Budget budget = budget_of(kEncoderEvaluations, 16, kEncoderTime);
    return reasoning::sampled_shapley(units.size(), [&](std::span<const Coalition> coalitions, std::span<double> values) {
      const std::vector<reasoning::EncoderOpinion> opinions = parts_.encoder->read_parts(one, coalitions);
      for (std::size_t i = 0; i < opinions.size(); ++i) values[i] = opinions[i].log_odds[condition_];
    }, budget);
  }

  /// Every word of the caller's texts, or some words in a row where there are many.
  void find_words() {
    std::vector<Place> words;
    const auto add_text = [&](CaseField field, std::size_t item, const std::string& text) {
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = text.find_first_not_of(" \t\n\r", at);
        if (begin == std::string::npos) break;
        const std::size_t end = std::min(text.find_first_of(" \t\n\r", begin), text.size());
        words.push_back({TextSpan{field, item, begin, end}, text.substr(begin, end - begin)});
        at = end;
      }
    };
    const PatientCase& patient = parts_.patient;
    for (const auto& [field, list] : {std::pair{CaseField::symptoms, &patient.symptoms}, {CaseField::absent_findings, &patient.absent_findings},
                                      {CaseField::preexisting_conditions, &patient.preexisting_conditions}, {CaseField::family_history, &patient.family_history}})
      for (std::size_t i = 0; i < list->size(); ++i) add_text(field, i, (*list)[i]);
    add_text(CaseField::narrative, 0, patient.narrative);
    const std::size_t together = (words.size() + kMostWordGroups - 1) / std::max<std::size_t>(1, kMostWordGroups);
    for (const Place& word : words) {
      const bool joins = !groups_.empty() && groups_.back().span.field == word.span.field && groups_.back().span.item == word.span.item && in_last_ < together;
      if (joins) {
        groups_.back().span.end = word.span.end;
        groups_.back().text += " " + word.text;
        ++in_last_;
      } else {
        groups_.push_back(word);
        in_last_ = 1;
      }
    }
  }

  /// The patient with only the words that are present.
  PatientCase with_words(const Coalition& present) const {
    std::vector<TextSpan> hidden;
    for (std::size_t i = 0; i < groups_.size(); ++i)
      if (!present[i]) hidden.push_back(groups_[i].span);
    return without_texts(parts_.patient, hidden);
  }

  void value_of_words(std::span<const Coalition> coalitions, std::span<double> values) const {
    for (std::size_t i = 0; i < coalitions.size(); ++i) {
      const PatientCase patient = with_words(coalitions[i]);
      const CaseFindings findings = parts_.reader.read(patient).findings;
      double value = shares_.offset;
      if (shares_.network > 0) value += shares_.network * std::clamp(parts_.network.posterior(findings).log_odds[condition_], -reasoning::kEnsembleClip, reasoning::kEnsembleClip);
      if (shares_.encoder > 0) value += shares_.encoder * parts_.encoder->read(parts_.encoder->prepare(patient, findings)).log_odds[condition_];
      values[i] = value;
    }
  }

  const ExplanationParts& parts_;
  const ConditionIndex condition_;
  const Shares shares_;
  std::vector<Place> groups_;
  std::size_t in_last_ = 0;
};

}  // namespace

PatientCase without_texts(PatientCase patient, std::span<const TextSpan> places) {
  for (const TextSpan& place : places) {
    std::string& text = text_at(patient, place);
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(place.begin), text.begin() + static_cast<std::ptrdiff_t>(place.end), ' ');
  }
  return patient;
}

Json explain(const ExplanationParts& parts, ConditionIndex condition, ExplanationMethod method) {
  Explainer explainer(parts, condition);
  return method == ExplanationMethod::shap ? explainer.shap() : explainer.lime();
}

}  // namespace osler::service
