#include "evaluate/knowledge_comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <vector>

#include "base/json.h"
#include "base/numbers.h"
#include "evaluate/vignettes.h"

namespace osler::evaluate {

using namespace clinical;

namespace {

constexpr std::size_t kVisitsWorthCounting = 8;   // fewer sampled visits say little of a frequency
constexpr double kFarApart = 4;
constexpr double kEdgeWorthListing = 0.2;         // noisy-OR weight
constexpr double kRateWorthListing = 0.5;

using Row = std::vector<std::string>;

/// RFC 4180 without line breaks inside fields.
std::vector<Row> read_csv(const std::string& content) {
  std::vector<Row> rows(1, Row(1));
  bool quoted = false;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const char c = content[i];
    if (quoted) {
      if (c != '"') rows.back().back() += c;
      else if (i + 1 < content.size() && content[i + 1] == '"') rows.back().back() += content[++i];
      else quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      rows.back().emplace_back();
    } else if (c == '\n') {
      rows.emplace_back(1);
    } else if (c != '\r') {
      rows.back().back() += c;
    }
  }
  if (rows.back() == Row(1)) rows.pop_back();
  return rows;
}

std::string number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

Result<std::size_t> column(const Row& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return make_error(ErrorCode::malformed, "The table has no column '" + name + "'.");
  return static_cast<std::size_t>(found - header.begin());
}

std::string category(const std::string& code) { return code.substr(0, 3); }

/// Conditions whose name or synonym is this, in lower case.
ConditionIndex condition_called(const KnowledgeBase& knowledge, const std::string& name) {
  const auto hits = matching_conditions(knowledge, {name, ""});
  return hits.empty() ? kNone : *hits.begin();
}

// --- Priors ---

struct Visits {
  double weight = 0;
  std::size_t sampled = 0;
  std::string title;
};

double rank_correlation(const std::vector<std::pair<double, double>>& pairs) {
  const auto ranks = [&](auto&& of) {
    std::vector<std::size_t> order(pairs.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return of(pairs[a]) < of(pairs[b]); });
    std::vector<double> rank(pairs.size());
    for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<double>(i);
    return rank;
  };
  const auto left = ranks([](const auto& pair) { return pair.first; }), right = ranks([](const auto& pair) { return pair.second; });
  const double n = static_cast<double>(pairs.size());
  double squares = 0;
  for (std::size_t i = 0; i < left.size(); ++i) squares += (left[i] - right[i]) * (left[i] - right[i]);
  return n < 2 ? 0 : 1 - 6 * squares / (n * (n * n - 1));
}

Result<std::string> compare_priors(const ComparisonParts& parts) {
  const std::vector<Row> rows = read_csv(TRY(parts.read("namcs/namcs2018_visits.csv")));
  if (rows.empty()) return make_error(ErrorCode::malformed, "The table of visits is empty.");
  const std::size_t reason = TRY(column(rows[0], "major_reason")), code = TRY(column(rows[0], "dx1_code"));
  const std::size_t title = TRY(column(rows[0], "dx1")), weight = TRY(column(rows[0], "weight"));
  std::map<std::string, Visits> seen;
  double total = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (row.size() <= weight || (row[reason] != "01" && row[reason] != "03") || row[code].size() < 3 || row[code][0] == '-' || row[code][0] == 'Z') continue;
    const std::optional<double> share = number_in_text(row[weight]);
    if (!share) return make_error(ErrorCode::malformed, "The table of visits has a weight that is no number.");
    Visits& visits = seen[category(row[code])];
    visits.weight += *share;
    ++visits.sampled;
    visits.title = row[title];
    total += *share;
  }
  std::map<std::string, double> authored;
  std::map<std::string, std::string> names;
  for (const Condition& condition : parts.knowledge.conditions) {
    authored[category(condition.code)] += condition.frequency_primary_care;
    std::string& list = names[category(condition.code)];
    list += (list.empty() ? "" : ", ") + condition.name;
  }
  double known = 0;
  std::vector<std::pair<double, double>> pairs;
  std::string far, missing;
  for (const auto& [key, visits] : seen) {
    const double measured = visits.weight / total * 10000;
    const auto ours = authored.find(key);
    if (ours != authored.end()) known += visits.weight / total;
    if (visits.sampled < kVisitsWorthCounting) continue;
    if (ours == authored.end()) {
      missing += "| " + key + " | " + visits.title + " | " + number(measured, 1) + " |\n";
      continue;
    }
    pairs.emplace_back(measured, ours->second);
    const double ratio = ours->second / measured;
    if (ratio > kFarApart || ratio < 1 / kFarApart)
      far += "| " + key + " | " + names[key] + " | " + number(measured, 1) + " | " + number(ours->second, 1) + " |\n";
  }
  return "## Priors against visits (NAMCS 2018)\n\n" + std::to_string(rows.size() - 1) +
         " office visits, weighted; new problems and flare-ups only, without codes of the chapter Z. The survey counts specialists too and is of one country, "
         "so a factor of two means nothing.\n\n* Share of these visits whose ICD-10 category some condition has: " + number(known * 100, 1) +
         " %.\n* Categories with at least " + std::to_string(kVisitsWorthCounting) + " sampled visits that some condition has: " +
         std::to_string(pairs.size()) + "; rank correlation of the two frequencies " + number(rank_correlation(pairs), 2) +
         ".\n\nFurther apart than a factor of four (of 10,000 visits):\n\n| category | conditions | measured | authored |\n|---|---|---|---|\n" + far +
         "\nCategories without a condition (most are symptoms, follow-up and findings on investigation):\n\n| category | title | measured |\n|---|---|---|\n" +
         missing + "\n";
}

// --- Findings ---

class FindingReader {
 public:
  explicit FindingReader(const ComparisonParts& parts) : parts_(parts) {}

  /// The findings that the words mean, whatever is said of them.
  std::set<FindingIndex> read(const std::string& words) const {
    PatientCase patient;
    patient.age_years = 40;
    patient.symptoms = {words};
    std::set<FindingIndex> found;
    for (const language::Mention& mention : parts_.reader.read(patient).mentions) found.insert(mention.finding);
    return found;
  }

  bool is_kin(FindingIndex a, FindingIndex b) const { return is_ancestor(a, b) || is_ancestor(b, a); }

  /// The authored probability of a finding or its kin; below 0 when none is listed.
  double authored(ConditionIndex condition, const std::set<FindingIndex>& findings) const {
    double best = -1;
    for (const FindingLink& link : parts_.knowledge.conditions[condition].findings)
      for (const FindingIndex finding : findings)
        if (is_kin(link.finding, finding)) best = std::max(best, link.finding == finding ? link.probability + 2 : link.probability);
    for (const RiskFactor& risk : parts_.knowledge.conditions[condition].risk_factors)
      if (risk.finding != kNone && findings.contains(risk.finding)) best = std::max(best, 0.0);
    return best >= 2 ? best - 2 : best;
  }

 private:
  bool is_ancestor(FindingIndex ancestor, FindingIndex of) const {
    for (int depth = 0; of != kNone && depth < 16; ++depth, of = parts_.knowledge.findings[of].parent)
      if (of == ancestor) return true;
    return false;
  }

  const ComparisonParts& parts_;
};

Result<std::string> compare_graph(const ComparisonParts& parts) {
  const std::vector<Row> rows = read_csv(TRY(parts.read("healthkg/healthkg_edges.csv")));
  const FindingReader findings(parts);
  std::set<std::string> diseases, known, unread;
  std::size_t edges = 0, listed = 0;
  std::map<std::string, std::string> unlisted;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() != 3) return make_error(ErrorCode::malformed, "The table of edges has another shape.");
    diseases.insert(rows[i][0]);
    const ConditionIndex condition = condition_called(parts.knowledge, rows[i][0]);
    if (condition == kNone) continue;
    known.insert(rows[i][0]);
    const double weight = number_in_text(rows[i][2]).value_or(0);
    if (weight < kEdgeWorthListing) continue;
    const std::set<FindingIndex> meant = findings.read(rows[i][1]);
    if (meant.empty()) {
      unread.insert(rows[i][1]);
      continue;
    }
    ++edges;
    if (findings.authored(condition, meant) >= 0) ++listed;
    else {
      std::string& list = unlisted[parts.knowledge.conditions[condition].name];
      list += (list.empty() ? "" : ", ") + rows[i][1] + " " + number(weight, 2);
    }
  }
  std::string text = "## Findings against an emergency department's knowledge graph (Rotmensch 2017)\n\nNoisy-OR strengths learned from 273,000 visits, not probabilities: what matters is "
                     "whether a strong edge (" + number(kEdgeWorthListing, 1) + " and more) is listed at all.\n\n* Diseases that a condition is called: " +
                     std::to_string(known.size()) + " of " + std::to_string(diseases.size()) + ".\n* Strong edges whose symptom is understood: " + std::to_string(edges) +
                     ", of which listed: " + std::to_string(listed) + ".\n* Symptoms not understood: ";
  for (const std::string& one : unread) text += one + "; ";
  text += "\n\nStrong edges that are not listed (often a cause of being examined rather than a sign of the disease):\n\n";
  for (const auto& [name, list] : unlisted) text += "* " + name + ": " + list + "\n";
  return text + "\n";
}

// --- DDXPlus ---

struct Evidences {
  std::map<std::string, std::set<FindingIndex>> meaning;
  std::map<std::string, std::string> question;
};

Evidences read_evidences(const Json& json, const FindingReader& findings) {
  Evidences evidences;
  for (const auto& [id, value] : json.items()) {
    if (value.value("data_type", "") != "B") continue;  // others ask where and how much
    evidences.question[id] = value.value("question_en", "");
    evidences.meaning[id] = findings.read(evidences.question[id]);
  }
  return evidences;
}

/// The rank of the condition for a patient of 45 with everything that at least half of the collection's patients have.
std::size_t rank_of_typical(const ComparisonParts& parts, ConditionIndex condition, const Json& rates, const Evidences& evidences) {
  CaseFindings typical;
  typical.age_years = 45;
  std::set<FindingIndex> present;
  for (const auto& [id, rate] : rates.items())
    if (const auto meant = evidences.meaning.find(id); meant != evidences.meaning.end() && rate.get<double>() >= kRateWorthListing)
      present.insert(meant->second.begin(), meant->second.end());
  for (const FindingIndex finding : present) typical.findings.push_back({finding, Polarity::present, {}, {}});
  const Differential differential = parts.network.diagnose(typical, 0, 2);
  for (std::size_t i = 0; i < differential.suspected.size(); ++i)
    if (differential.suspected[i].condition == condition) return i + 1;
  return 0;
}

Result<std::string> compare_ddxplus(const ComparisonParts& parts) {
  const Json conditions = TRY(parse_json(TRY(parts.read("ddxplus/release_conditions.json"))));
  const Json evidences_json = TRY(parse_json(TRY(parts.read("ddxplus/release_evidences.json"))));
  const Json presence = TRY(parse_json(TRY(parts.read("ddxplus/presence_rates_validate_30000.json"))));
  const FindingReader findings(parts);
  const Evidences evidences = read_evidences(evidences_json, findings);
  std::string table, unlisted, unknown;
  std::size_t known = 0, first = 0, three = 0, common = 0, listed = 0;
  for (const auto& [name, rates] : presence.at("pathology_root_rates").items()) {
    const auto entry = conditions.find(name);
    std::string code = entry == conditions.end() ? "" : entry->value("icd10-id", "");
    for (char& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    ConditionIndex condition = condition_called(parts.knowledge, name);
    if (condition == kNone) {
      const auto by_code = matching_conditions(parts.knowledge, {name, code.substr(0, code.find(','))});
      if (!by_code.empty()) condition = *by_code.begin();
    }
    if (condition == kNone) {
      unknown += name + " (" + code + "); ";
      continue;
    }
    ++known;
    const std::size_t rank = rank_of_typical(parts, condition, rates, evidences);
    first += rank == 1;
    three += rank >= 1 && rank <= 3;
    table += "| " + name + " | " + parts.knowledge.conditions[condition].name + " | " + std::to_string(rank) + " |\n";
    std::string missing;
    for (const auto& [id, rate] : rates.items()) {
      const auto meant = evidences.meaning.find(id);
      if (meant == evidences.meaning.end() || meant->second.empty() || rate.get<double>() < kRateWorthListing) continue;
      ++common;
      if (findings.authored(condition, meant->second) >= 0) ++listed;
      else missing += (missing.empty() ? "" : "; ") + evidences.question.at(id) + " " + number(rate.get<double>(), 2);
    }
    if (!missing.empty()) unlisted += "* " + parts.knowledge.conditions[condition].name + ": " + missing + "\n";
  }
  return "## Findings against DDXPlus (Fansi Tchango 2022)\n\nSynthetic patients of 49 conditions; the share of 30,000 with each yes-or-no evidence. Questions are read by Osler's own reader, so some mean "
         "less than they ask.\n\n* Conditions known: " + std::to_string(known) + " of 49" + (unknown.empty() ? "" : "; not known: " + unknown) +
         "\n* Evidence of at least half of the patients that is understood: " + std::to_string(common) + ", of which listed: " + std::to_string(listed) +
         ".\n* A patient of 45 with all of it: the condition is first in " + std::to_string(first) + ", among the first three in " + std::to_string(three) +
         ".\n\n| theirs | ours | rank |\n|---|---|---|\n" + table + "\nCommon there and not listed here:\n\n" + unlisted + "\n";
}

}  // namespace

Result<std::string> compare_knowledge(const ComparisonParts& parts) {
  std::string text = "# Knowledge compared\n\nMade by `osler knowledge compare FOLDER`; not edited by hand. Knowledge " + parts.knowledge.hash.substr(0, 12) + ": " +
                     std::to_string(parts.knowledge.conditions.size()) + " conditions, " + std::to_string(parts.knowledge.findings.size()) + " findings.\n\n";
  text += TRY(compare_priors(parts));
  text += TRY(compare_graph(parts));
  text += TRY(compare_ddxplus(parts));
  return text;
}

}  // namespace osler::evaluate
