// osler reembed.
#include <unistd.h>

#include <cstdio>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/engine.h"
#include "app/trust.h"
#include "audit/actions.h"
#include "cases/similar_cases.h"
#include "service/reembedding.h"

namespace osler::app {

namespace {

constexpr std::size_t kAtOnce = 10'000;

Result<std::size_t> count_left(cases::SimilarCases& cases, const std::string& set) {
  std::size_t left = 0;
  std::string last;
  while (true) {
    const std::vector<std::string> page = TRY(cases.of_other_sets(set, last, kAtOnce));
    left += page.size();
    if (page.size() < kAtOnce) return left;
    last = page.back();
  }
}

/// The bar, how many a second, and how long the rest will take at that.
void show_rate(std::size_t done, std::size_t total, double seconds) {
  if (isatty(STDERR_FILENO) == 0) return;
  show_progress("cases", done, total);
  if (done == 0 || seconds <= 0 || done >= total) return;
  const double rate = static_cast<double>(done) / seconds;
  std::fprintf(stderr, ", %.0f a second, %.0f s left   ", rate, static_cast<double>(total - done) / rate);
}

Result<void> run(const Config& config) {
  const std::unique_ptr<Engine> engine = TRY(Engine::load(config));
  if (!engine->encoder_refusal.empty()) return make_error(ErrorCode::configuration, "The encoder was refused, so cases would get the network's vectors: " + engine->encoder_refusal);
  const Trust trust = TRY(open_records(config));
  const std::string set = engine->answerer.vector_set();
  const std::size_t total = TRY(count_left(trust.store->similar_cases(), set));
  TRY_VOID(audit_command(trust, config, audit::Action::reembed, "begun:" + std::to_string(total)));
  service::SimilarCaseFinder finder(engine->knowledge, *trust.store, *trust.keys, *trust.names);
  const SteadyTime started = engine->clock.steady_now();
  const service::ReembeddingCounts counts = TRY(service::reembed({engine->answerer, finder, *trust.store, *trust.keys}, [&](const service::ReembeddingCounts& so_far) {
    const double seconds = std::chrono::duration<double>(engine->clock.steady_now() - started).count();
    show_rate(static_cast<std::size_t>(so_far.done + so_far.failed + so_far.overtaken), total, seconds);
  }));
  TRY_VOID(audit_command(trust, config, audit::Action::reembed, "done:" + std::to_string(counts.done) + ", failed:" + std::to_string(counts.failed)));
  std::printf("%llu cases are compared by %s now.\n", static_cast<unsigned long long>(counts.done), set.c_str());
  if (counts.overtaken > 0) std::printf("%llu were changed or removed meanwhile: run it again.\n", static_cast<unsigned long long>(counts.overtaken));
  if (counts.failed > 0) return make_error(ErrorCode::corrupted, std::to_string(counts.failed) + " cases could not be opened or read, and stay as they were.");
  return ok();
}

}  // namespace

int reembed(const Config& config) {
  const Result<void> result = run(config);
  return result ? 0 : refuse(result.error());
}

}  // namespace osler::app
