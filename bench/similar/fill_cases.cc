// Fills a store with many cases, to measure looking for similar ones: each is a copy of one of the requests on standard input (one a line) with a vector
// that lies at a cosine of 0.8 to 1 from the request's own. Settings as of `osler`; the store must have been made by a server before.
//   fill_cases 100000 < requests.ndjson
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>

#include "app/config.h"
#include "app/engine.h"
#include "app/trust.h"
#include "base/ids.h"
#include "service/similar_case_finder.h"

namespace {

using namespace osler;

constexpr std::size_t kAtOnce = 500;

std::optional<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::vector<float> nearby(const std::vector<float>& vector, std::mt19937& random) {
  const double cosine = std::uniform_real_distribution<double>(0.8, 1)(random);
  std::normal_distribution<double> normal(0, std::sqrt((1 / (cosine * cosine) - 1) / static_cast<double>(vector.size())));
  std::vector<double> moved;
  double squares = 0;
  for (const float value : vector) {
    moved.push_back(value + normal(random));
    squares += moved.back() * moved.back();
  }
  std::vector<float> result;
  for (const double value : moved) result.push_back(static_cast<float>(value / std::sqrt(squares)));
  return result;
}

Result<void> fill(std::size_t count) {
  const app::Config config = TRY(app::read_config(from_environment, {}));
  const std::unique_ptr<app::Engine> engine = TRY(app::Engine::load(config));
  const app::Trust trust = TRY(app::open_trust(config));
  service::SimilarCaseFinder finder(engine->knowledge, *trust.store, *trust.keys, *trust.names);
  std::vector<service::CaseAnswer> answers;
  for (std::string line; std::getline(std::cin, line);) answers.push_back(TRY(engine->answerer.answer(line, make_uuid(), {})));
  if (answers.empty()) return make_error(ErrorCode::invalid, "Standard input holds no request.");
  std::mt19937 random(1);
  std::vector<cases::SealedRecord> records;
  for (std::size_t i = 0; i < count; ++i) {
    const service::CaseAnswer& answer = answers[i % answers.size()];
    const std::string id = make_uuid();
    cases::SealedRecord record = TRY(cases::seal_record(*trust.keys->ring(), *trust.names,
        {id, vault::Phi<std::string>(make_uuid()), "bench", engine->clock.now(), answer.model_version, vault::Phi<std::string>("{}")}));
    const service::CaseVector vector{answer.vector.set, nearby(answer.vector.values, random)};
    record.summary = finder.seal(id, finder.in_question(vector, answer.summary, id), answer.summary);
    records.push_back(std::move(record));
    if (records.size() < kAtOnce && i + 1 < count) continue;
    TRY_VOID(trust.store->put(records));
    records.clear();
  }
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  const Result<void> filled = fill(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000);
  if (!filled) std::fprintf(stderr, "%s\n", describe(filled.error()).c_str());
  return filled ? 0 : 1;
}
