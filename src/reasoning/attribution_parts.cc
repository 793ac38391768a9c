#include "reasoning/attribution_parts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>

#include "reasoning/constants.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);  // said outside the units: it stays

/// Sets that grow together (disjoint-set forest).
class Sets {
 public:
  explicit Sets(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t of(std::size_t member) {
    while (parent_[member] != member) member = parent_[member] = parent_[parent_[member]];
    return member;
  }
  void join(std::size_t a, std::size_t b) { parent_[of(a)] = of(b); }

 private:
  std::vector<std::size_t> parent_;
};

/// Something that units meet in: a finding, a condition, a cluster of quantities, or a group and polarity.
struct Meeting {
  enum class Kind { finding, condition, cluster, group_present, group_absent } kind;
  std::uint32_t index = 0;
  std::string group;
  bool operator<(const Meeting& other) const { return std::tie(kind, index, group) < std::tie(other.kind, other.index, other.group); }
};

/// What raises or lowers a condition's risk: a finding that may be present, or a condition that may be stated.
struct Risk {
  double log = 0;
  std::string group;
  std::size_t unit = kNobody;
};

std::size_t first_unit(const Piece& piece) { return piece.units.empty() ? kNobody : piece.units.front(); }

class PartFinder {
 public:
  PartFinder(const Tables& tables, const CaseFindings& findings, const std::vector<Piece>& pieces, const std::vector<bool>& asked)
      : tables_(tables), findings_(findings), pieces_(pieces), asked_(asked), sets_(asked.size()) {}

  std::vector<std::vector<std::size_t>> run() {
    for (const Piece& piece : pieces_) {
      if (piece.kind == Piece::Kind::finding) add_finding(piece, findings_.findings[piece.place]);
      if (piece.kind == Piece::Kind::quantity) add_quantity(piece, findings_.quantities[piece.place]);
      for (const std::size_t unit : piece.units) join(unit, piece.units.front());
    }
    for (const Piece& piece : pieces_)
      if (piece.kind == Piece::Kind::known) add_known(piece, findings_.known[piece.place].condition);
    join_risks();
    std::map<std::size_t, std::vector<std::size_t>> parts;
    for (std::size_t unit = 0; unit < asked_.size(); ++unit)
      if (asked_[unit]) parts[sets_.of(unit)].push_back(unit);
    std::vector<std::vector<std::size_t>> list;
    for (auto& [set, part] : parts) list.push_back(std::move(part));
    std::sort(list.begin(), list.end());
    return list;
  }

 private:
  const Finding& finding(FindingIndex index) const { return tables_.knowledge.findings[index]; }

  void meet(const Piece& piece, Meeting meeting) {
    come(first_unit(piece), meetings_.emplace(std::move(meeting), kNobody).first->second);
  }
  void come(std::size_t unit, std::size_t& there) {
    join(unit, there);
    if (there == kNobody) there = unit;
  }
  void meet_group(const Piece& piece, bool present, const std::string& group) {
    using Kind = Meeting::Kind;
    if (!group.empty()) meet(piece, {present ? Kind::group_present : Kind::group_absent, 0, group});
  }

  void add_finding(const Piece& piece, const ObservedFinding& observed) {
    const bool present = observed.polarity == Polarity::present;
    for (FindingIndex up = observed.finding; up != kNone; up = finding(up).parent) {
      meet(piece, {Meeting::Kind::finding, up, {}});
      if (present || up == observed.finding) meet_group(piece, present, finding(up).group);
      if (present) risk_findings_[up].insert(first_unit(piece));
    }
  }

  void add_quantity(const Piece& piece, const ObservedQuantity& observed) {
    const Quantity& quantity = tables_.knowledge.quantities[observed.quantity];
    meet(piece, {Meeting::Kind::cluster, tables_.cluster_of_quantity[observed.quantity], {}});
    for (const FindingIndex side : {quantity.high, quantity.low})
      if (side != kNone) meet(piece, {Meeting::Kind::finding, side, {}});
    const FindingIndex side = observed.grade > Grade::normal ? quantity.high : observed.grade < Grade::normal ? quantity.low : kNone;
    if (side == kNone) return meet_group(piece, false, quantity.group);
    meet_group(piece, true, finding(side).group);
    risk_findings_[side].insert(first_unit(piece));
  }

  /// A known chronic condition changes what is usual for every finding of the case of which it has a baseline.
  void add_known(const Piece& piece, ConditionIndex condition) {
    meet(piece, {Meeting::Kind::condition, condition, {}});
    risk_conditions_[condition].insert(first_unit(piece));
    if (tables_.knowledge.conditions[condition].course != Course::chronic) return;
    for (auto& [meeting, there] : meetings_) {
      if (meeting.kind != Meeting::Kind::finding) continue;
      const std::vector<ConditionLink>& links = tables_.links[meeting.index];
      if (std::any_of(links.begin(), links.end(), [&](const ConditionLink& link) { return link.condition == condition && link.baseline >= 0; }))
        come(first_unit(piece), there);
    }
  }

  void join(std::size_t a, std::size_t b) {
    if (a != kNobody && b != kNobody) sets_.join(a, b);
  }

  void join_risks() {
    std::set<ConditionIndex> affected;
    for (const auto& [f, units] : risk_findings_)
      affected.insert(tables_.risk_users_of_finding[f].begin(), tables_.risk_users_of_finding[f].end());
    for (const auto& [c, units] : risk_conditions_)
      affected.insert(tables_.risk_users_of_condition[c].begin(), tables_.risk_users_of_condition[c].end());
    for (const ConditionIndex condition : affected) join_risks_of(condition);
  }

  /// Risks multiply, except within a group and beyond the limit of all together.
  void join_risks_of(ConditionIndex condition) {
    std::map<std::string, std::size_t> groups;
    std::set<std::size_t> units;
    double raising = 0, lowering = 0;
    for (const Risk& risk : risks_of(condition)) {
      (risk.log > 0 ? raising : lowering) += std::abs(risk.log);
      units.insert(risk.unit);
      if (risk.group.empty()) continue;
      const auto [place, fresh] = groups.emplace(risk.group, risk.unit);
      if (!fresh) come(risk.unit, place->second);
    }
    if (std::max(raising, lowering) <= std::log(kRiskTogether)) return;
    for (const std::size_t unit : units) join(unit, *units.begin());  // kNobody, if there, is last
  }

  std::vector<Risk> risks_of(ConditionIndex index) const {
    const Condition& condition = tables_.knowledge.conditions[index];
    std::vector<Risk> risks;
    const auto add = [&](double ratio, const std::string& group, const auto& sources, auto key) {
      const auto found = sources.find(key);
      if (found == sources.end()) return;
      const double log = std::clamp(std::log(ratio), -std::log(kRiskEach), std::log(kRiskEach));
      for (const std::size_t unit : found->second) risks.push_back({log, group, unit});
    };
    add(kSelfRatio, "", risk_conditions_, index);  // counted even where the condition states its own ratio: it can only join more
    for (const RiskFactor& risk : condition.risk_factors) {
      if (risk.finding != kNone) add(risk.ratio, risk.group, risk_findings_, risk.finding);
      else add(risk.ratio, risk.group, risk_conditions_, risk.self ? index : risk.condition);
    }
    return risks;
  }

  const Tables& tables_;
  const CaseFindings& findings_;
  const std::vector<Piece>& pieces_;
  const std::vector<bool>& asked_;
  Sets sets_;
  std::map<Meeting, std::size_t> meetings_;                           // and one unit that comes there
  std::map<FindingIndex, std::set<std::size_t>> risk_findings_;
  std::map<ConditionIndex, std::set<std::size_t>> risk_conditions_;
};

}  // namespace

std::vector<std::vector<std::size_t>> parts_of(const Tables& tables, const CaseFindings& findings, const std::vector<Piece>& pieces,
                                               const std::vector<bool>& asked) {
  return PartFinder(tables, findings, pieces, asked).run();
}

}  // namespace osler::reasoning
