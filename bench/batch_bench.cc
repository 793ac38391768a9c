// A batch against the engine alone: the same cases on the same threads with the shipped models, once without store and audit, once as a batch over SQLite,
// in turns; the best of each. Prints JSON. Usage, in the repository: batch_bench <folder on the disk> [cases] [rounds] [threads] [network]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "app/engine.h"
#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"
#include "service/batch_runner.h"
#include "service/batch_service.h"

namespace {

using namespace osler;

double seconds_since(SteadyTime begin) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); }

/// Cases of different length, 200 of them before one comes again.
std::vector<std::string> make_cases(std::size_t count) {
  constexpr const char* kSymptoms[] = {"chest pain", "shortness of breath", "cough", "fever", "headache", "nausea", "back pain", "dizziness", "rash", "sore throat", "fatigue", "diarrhoea", "joint pain", "palpitations"};
  constexpr const char* kNarratives[] = {"", "Began suddenly this morning at rest and has been getting worse since.", "Noticed after a long flight. No fever, no cough. Takes a beta blocker for high blood pressure."};
  constexpr const char* kHistory[] = {"hypertension", "type 2 diabetes", "asthma", "smoker"};
  std::vector<std::string> cases;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t k = i % 200;
    Json request{{"age", 18 + k % 70}, {"symptoms", {kSymptoms[k % 14], kSymptoms[(k / 3 + 5) % 14], kSymptoms[(k / 7 + 9) % 14]}}, {"severity", k % 3 == 0 ? "severe" : "mild"},
                 {"preexisting_conditions", {kHistory[k % 4]}}, {"narrative", kNarratives[k % 3]}, {"patient_id", "p" + std::to_string(i)}};
    if (k % 2 == 0) request["vitals"] = {{"temperature_c", 36.5 + static_cast<double>(k % 5) / 2}, {"heart_rate_bpm", 60 + k % 60}};
    cases.push_back(request.dump());
  }
  return cases;
}

/// Groups as the runner has them, on so many threads.
double engine_alone(const service::CaseAnswerer& answerer, const std::vector<std::string>& cases, std::size_t threads, std::size_t group) {
  std::atomic<std::size_t> next{0};
  const SteadyTime begin = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (std::size_t first = next.fetch_add(group); first < cases.size(); first = next.fetch_add(group)) {
      std::vector<service::ReadCase> read;
      std::vector<models::EncoderInput> inputs;
      for (std::size_t i = first; i < std::min(cases.size(), first + group); ++i) {
        read.push_back(answerer.read(cases[i]).value());
        if (read.back().for_encoder) inputs.push_back(read.back().for_encoder->input);
      }
      const auto opinions = inputs.empty() ? std::vector<reasoning::EncoderOpinion>() : answerer.encoder()->read_all(inputs);
      for (std::size_t i = 0; i < read.size(); ++i) answerer.write(std::move(read[i]), opinions.empty() ? nullptr : &opinions[i], "", make_uuid(), {}).answer.dump();
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return static_cast<double>(cases.size()) / seconds_since(begin);
}

double as_batch(const service::CaseAnswerer& answerer, const clinical::KnowledgeBase& knowledge, const std::string& upload, std::size_t count, std::size_t threads, const std::string& folder) {
  std::filesystem::create_directories(folder);
  const auto root = std::make_shared<const vault::Secret>(vault::Secret::random());
  const auto keys = vault::KeySource::create([root]() -> Result<vault::KeyRing> { return vault::KeyRing::of(root->copy()); }).value();
  const vault::Names names = vault::Names::random();
  const SystemClock clock;
  const auto files = make_file_system();
  const auto store = cases::open_sqlite_store(*files, *keys->ring(), {folder + "/osler.db", ""}).value();
  const audit::Keys audit_keys{vault::AuditSecrets{vault::Secret::random(), vault::Secret::random()}};
  audit::LogOptions options;
  options.folder = folder + "/audit";
  const auto log = audit::Log::open(*files, clock, audit_keys, options).value();
  service::Recorder recorder(*store, *log, *keys);
  service::SimilarCaseFinder finder(knowledge, *store, *keys, names);
  service::BatchService batches({*keys, names, *store, recorder, clock});
  auto taken = batches.receive(service::BatchFormat::ndjson, std::nullopt, {make_uuid(), "bench", "integrator", ""}).value();
  taken->take(upload).value();
  const std::string id = taken->finish().value()["id"];
  service::BatchRunnerSettings settings;
  settings.threads = threads;
  settings.gives_way = false;
  const SteadyTime begin = std::chrono::steady_clock::now();
  {
    service::BatchRunner runner({answerer, *keys, names, *store, recorder, finder, clock}, settings);
    while (store->batches().info(id)->state != cases::BatchState::done) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const double rate = static_cast<double>(count) / seconds_since(begin);
  CHECK(store->count().value() == count);
  std::filesystem::remove_all(folder);
  return rate;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const auto number = [&](int place, std::size_t otherwise) { return count > place ? static_cast<std::size_t>(std::atoi(arguments[place])) : otherwise; };
  const std::string folder = std::string(arguments[1]) + "/batch-bench-" + make_uuid();
  const std::size_t cases = number(2, 2000), rounds = number(3, 5), threads = number(4, std::max(1u, std::thread::hardware_concurrency()));
  app::Config config;
  if (count > 5) config.model_name = arguments[5];
  const auto engine = app::Engine::load(config).value();
  const std::vector<std::string> bodies = make_cases(cases);
  std::string upload;
  for (const std::string& body : bodies) upload += body + "\n";
  double one_by_one = 0, in_groups = 0, batch = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    one_by_one = std::max(one_by_one, engine_alone(engine->answerer, bodies, threads, 1));
    in_groups = std::max(in_groups, engine_alone(engine->answerer, bodies, threads, 16));
    batch = std::max(batch, as_batch(engine->answerer, engine->knowledge, upload, cases, threads, folder));
  }
  const double alone = std::max(one_by_one, in_groups);
  std::puts(Json{{"cases", cases}, {"threads", threads}, {"model", engine->answerer.model_version()}, {"engine_one_by_one_per_second", one_by_one}, {"engine_in_groups_of_16_per_second", in_groups},
                 {"batch_per_second", batch}, {"batch_over_engine", batch / alone}}.dump(2).c_str());
  return 0;
}
