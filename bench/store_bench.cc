// What each store costs beside the disk's own fdatasync, and how fast and how well it finds the nearest of many cases. Prints JSON.
// Usage: store_bench FOLDER [POSTGRES_URL] [CASES]     (bench/store.mjs starts a PostgreSQL of its own)
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "cases/postgres/postgres_store.h"
#include "cases/similar_cases.h"
#include "cases/sqlite/sqlite_store.h"

namespace {

using namespace osler;
using Vector = std::vector<float>;

constexpr std::size_t kPayloadBytes = 20'000;  // an answer with ten explained candidates
constexpr std::size_t kSummaryBytes = 600;
constexpr std::size_t kDimensions = limits::kMaxVectorDimensions;
constexpr std::size_t kNeighbours = 10, kQueries = 200, kClusters = 300;

double milliseconds_since(SteadyTime begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

Json summary_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) { return times[std::min(times.size() - 1, static_cast<std::size_t>(part * static_cast<double>(times.size())))]; };
  return {{"best", times.front()}, {"p50", at(0.5)}, {"p99", at(0.99)}};
}

template <typename Work>
Json timed(std::size_t rounds, Work work) {
  std::vector<double> times;
  for (std::size_t i = 0; i < rounds; ++i) {
    const SteadyTime begin = std::chrono::steady_clock::now();
    work(i);
    times.push_back(milliseconds_since(begin));
  }
  return summary_of(std::move(times));
}

/// The value, or the end with what was wrong.
template <typename T>
T must(Result<T> result) {
  if (!result) std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
  return std::move(result).value();
}

/// Unit vectors near one of some centres: cases are alike in groups.
class Vectors {
 public:
  Vectors() {
    for (std::size_t i = 0; i < kClusters; ++i) centres_.push_back(direction());
  }
  Vector next() {
    Vector vector = direction();
    const Vector& centre = centres_[random_() % kClusters];
    for (std::size_t i = 0; i < kDimensions; ++i) vector[i] += centre[i];  // cosine 0.7 to the centre, 0.5 among each other
    return to_length_one(std::move(vector));
  }

 private:
  static Vector to_length_one(Vector vector) {
    double sum = 0;
    for (const float number : vector) sum += double{number} * number;
    for (float& number : vector) number = static_cast<float>(number / std::sqrt(sum));
    return vector;
  }
  Vector direction() {
    std::normal_distribution<float> normal;
    Vector vector(kDimensions);
    for (float& number : vector) number = normal(random_);
    return to_length_one(std::move(vector));
  }
  std::mt19937_64 random_{1};
  std::vector<Vector> centres_;
};

std::vector<std::size_t> truly_nearest(const std::vector<Vector>& all, const Vector& query) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < all.size(); ++i) {
    double sum = 0;
    for (std::size_t d = 0; d < kDimensions; ++d) sum += double{all[i][d]} * query[d];
    order.emplace_back(-sum, i);
  }
  std::partial_sort(order.begin(), order.begin() + kNeighbours, order.end());
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < kNeighbours; ++i) list.push_back(order[i].second);
  return list;
}

struct Bench {
  const vault::KeyRing keys = vault::KeyRing::of(vault::Secret::random());
  const vault::Names names = vault::Names::random();
  std::vector<Vector> vectors, queries;
  std::vector<std::vector<std::size_t>> nearest;

  explicit Bench(std::size_t count) {
    Vectors source;
    for (std::size_t i = 0; i < count; ++i) vectors.push_back(source.next());
    for (std::size_t i = 0; i < kQueries; ++i) queries.push_back(source.next());
    for (const Vector& query : queries) nearest.push_back(truly_nearest(vectors, query));
  }

  cases::SealedRecord record(const std::string& id, std::size_t payload_bytes) const {
    const cases::RecordDraft draft{id, vault::Phi<std::string>(id), "bench", WallTime(std::chrono::milliseconds(1)), "network-1",
                                   vault::Phi<std::string>(std::string(payload_bytes, 'x'))};
    return cases::seal_record(keys, names, draft).value();
  }
  cases::SealedRecord record_with(std::size_t i) const {
    cases::SealedRecord sealed = record("case-" + std::to_string(i), 100);
    sealed.summary = cases::CaseSummary{"bench", vectors[i], "1:band" + std::to_string(i % 8), "1:sex" + std::to_string(i % 2), "1:condition" + std::to_string(i % 500),
                                        vault::seal(keys, {cases::kSummaryTable, sealed.request_id}, as_bytes(std::string(kSummaryBytes, 's')))};
    return sealed;
  }
};

double megabytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
}

Json time_puts(const Bench& bench, cases::Store& store, std::size_t at_once) {
  std::vector<std::vector<cases::SealedRecord>> rounds(60);
  for (auto& round : rounds)
    for (std::size_t i = 0; i < at_once; ++i) round.push_back(bench.record(make_uuid(), kPayloadBytes));
  return timed(rounds.size(), [&](std::size_t i) { if (const auto stored = store.put(rounds[i]); !stored) std::fprintf(stderr, "%s\n", describe(stored.error()).c_str()), std::exit(1); });
}

Json fill(const Bench& bench, cases::Store& store) {
  const SteadyTime begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < bench.vectors.size();) {
    std::vector<cases::SealedRecord> records;
    for (; records.size() < 100 && i < bench.vectors.size(); ++i) records.push_back(bench.record_with(i));
    if (const auto stored = store.put(records); !stored) std::fprintf(stderr, "%s\n", describe(stored.error()).c_str()), std::exit(1);
  }
  return static_cast<double>(bench.vectors.size()) / milliseconds_since(begin) * 1000;
}

Json search(const Bench& bench, cases::Store& store, const cases::CaseFilter& filter, bool with_recall) {
  std::size_t found = 0, given = 0;
  Json times = timed(kQueries, [&](std::size_t i) {
    const auto neighbours = store.similar_cases().nearest("bench", bench.queries[i], kNeighbours, filter, "").value();
    given += neighbours.size();
    for (const cases::Neighbour& neighbour : neighbours)
      for (const std::size_t index : bench.nearest[i]) found += neighbour.request_id == "case-" + std::to_string(index);
  });
  Json result{{"ms", times}, {"given_of_10", static_cast<double>(given) / kQueries}};
  if (with_recall) result["recall_at_10"] = static_cast<double>(found) / (kQueries * kNeighbours);
  return result;
}

Json measure(const Bench& bench, cases::Store& store) {
  Json result;
  result["put_1_ms"] = time_puts(bench, store, 1);
  result["put_32_ms"] = time_puts(bench, store, 32);
  result["cases_filled_per_second"] = fill(bench, store);
  const double before = megabytes_in_use();
  const SteadyTime begin = std::chrono::steady_clock::now();
  store.similar_cases().nearest("bench", bench.queries[0], kNeighbours, {}, "").value();
  result["first_search_ms"] = milliseconds_since(begin);
  result["memory_of_first_search_mb"] = megabytes_in_use() - before;
  result["nearest"] = search(bench, store, {}, true);
  cases::CaseFilter half, few;
  half.sex = "1:sex1";
  few.condition = "1:condition77";
  result["nearest_filter_passes_half"] = search(bench, store, half, false);
  result["nearest_filter_passes_one_in_500"] = search(bench, store, few, false);
  return result;
}

Json time_syncs(FileSystem& files, const std::string& folder) {
  const auto file = files.open_append(folder + "/sync").value();
  const Bytes bytes(4096, 1);
  return timed(200, [&](std::size_t) {
    file->append(bytes).value();
    file->sync().value();
  });
}

}  // namespace

int main(int count, char** arguments) {
  const std::string folder = (count > 1 ? arguments[1] : std::string(".")) + "/store-bench-" + make_uuid();
  std::filesystem::create_directories(folder);
  const std::unique_ptr<FileSystem> files = make_file_system();
  const Bench bench(count > 3 ? static_cast<std::size_t>(std::atoll(arguments[3])) : 100'000);
  Json result{{"cases", bench.vectors.size()}, {"dimensions", kDimensions}, {"payload_bytes", kPayloadBytes}};
  result["fdatasync_ms"] = time_syncs(*files, folder);
  {
    const auto store = cases::open_sqlite_store(*files, bench.keys, {folder + "/osler.db", ""}).value();
    result["sqlite"] = measure(bench, *store);
  }
  if (count > 2 && *arguments[2]) {
    const auto store = must(cases::open_postgres_store(bench.keys, {.url = arguments[2]}));
    result["postgres"] = measure(bench, *store);
  }
  std::filesystem::remove_all(folder);
  std::puts(result.dump(2).c_str());
  return 0;
}
