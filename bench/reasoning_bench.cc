// Time of the network on one core: 500 made-up conditions, a long case. `reasoning_bench [repetitions]` prints JSON; every
// figure is the best of the repetitions. The reference is a plain pass over all pairs that multiplies one number a pair.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>

#include "../tests/unit/reasoning/random_world.h"
#include "reasoning/network.h"

namespace {

using namespace osler;
using namespace osler::clinical;

constexpr std::size_t kConditions = 500, kFindings = 900, kListed = 45;

/// As the authored knowledge base is: each condition lists some 45 findings, common ones more often than rare ones.
KnowledgeBase knowledge_of_size(std::mt19937& random) {
  KnowledgeBase knowledge = reasoning::random_knowledge(random, kConditions, kFindings);
  std::vector<double> commonness;
  for (const Finding& finding : knowledge.findings) commonness.push_back(std::sqrt(finding.leak));
  std::discrete_distribution<std::size_t> popular(commonness.begin(), commonness.end());
  for (Condition& condition : knowledge.conditions) {
    std::map<FindingIndex, FindingLink> chosen;
    while (chosen.size() < kListed) {
      const FindingLink& any = condition.findings[random() % condition.findings.size()];
      FindingLink link = any;
      link.finding = static_cast<FindingIndex>(popular(random));
      link.marked.reset();
      chosen[link.finding] = link;
    }
    condition.findings.clear();
    for (const auto& [finding, link] : chosen) condition.findings.push_back(link);
    condition.risk_factors.resize(std::min<std::size_t>(condition.risk_factors.size(), 15));
    condition.alternatives.resize(std::min<std::size_t>(condition.alternatives.size(), 3));
    condition.complications.resize(std::min<std::size_t>(condition.complications.size(), 3));
  }
  return knowledge;
}

/// A case of 25 findings drawn from what one condition lists, and a few that it does not.
CaseFindings long_case(std::mt19937& random, const KnowledgeBase& knowledge) {
  CaseFindings findings = reasoning::random_case(random, knowledge, 5);
  findings.quantities.resize(std::min<std::size_t>(findings.quantities.size(), 6));
  findings.has_narrative = true;
  const Condition& truth = knowledge.conditions[random() % kConditions];
  for (const FindingLink& link : truth.findings) {
    const auto said = [&](const ObservedFinding& one) { return one.finding == link.finding; };
    if (findings.findings.size() >= 25) break;
    if (std::none_of(findings.findings.begin(), findings.findings.end(), said))
      reasoning::observe(findings, link.finding, random() % 4 == 0 ? Polarity::absent : Polarity::present);
  }
  return findings;
}

template <typename Work>
double best_ms(int repetitions, Work&& work) {
  double best = 1e9;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work(i);
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const int repetitions = argc > 1 ? std::atoi(argv[1]) : 50;
  std::mt19937 random(1);
  const KnowledgeBase knowledge = knowledge_of_size(random);
  const reasoning::Network network(knowledge, {});
  constexpr int kCases = 8;
  std::vector<CaseFindings> cases;
  for (int i = 0; i < kCases; ++i) cases.push_back(long_case(random, knowledge));
  double posterior = 0, diagnose = 0, steps = 0, sink = 0;
  for (const CaseFindings& one : cases) {
    posterior += best_ms(repetitions, [&](int) { sink += network.posterior(one).emergency; }) / kCases;
    diagnose += best_ms(repetitions, [&](int) { sink += network.diagnose(one, 10, 0.65).unexplained.probability; }) / kCases;
    steps += best_ms(repetitions, [&](int) { sink += static_cast<double>(network.next_steps(one, 5).size()); }) / kCases;
  }
  std::vector<double> weights(kConditions, 1.0000001);
  const double reference = best_ms(repetitions, [&](int) {
    for (std::size_t a = 0; a < kConditions; ++a)
      for (std::size_t b = 0; b < kConditions; ++b) sink += weights[a] * weights[b];
  });
  std::cout << "{\"conditions\": " << kConditions << ", \"observations\": \"about 30\", \"posterior_ms\": " << posterior
            << ", \"diagnose_ms\": " << diagnose << ", \"next_steps_ms\": " << steps << ", \"reference_all_pairs_ms\": " << reference
            << ", \"posterior_over_reference\": " << posterior / reference << "}\n";
  return sink == 0.123 ? 1 : 0;
}
