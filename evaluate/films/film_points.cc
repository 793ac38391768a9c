#include "evaluate/films/film_points.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "base/check.h"

namespace osler::evaluate {

namespace {

/// Positions of the points of each patient.
std::vector<std::vector<std::size_t>> by_patient(const FilmPoints& points) {
  std::map<std::size_t, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < points.size(); ++i) groups[points[i].patient].push_back(i);
  std::vector<std::vector<std::size_t>> list;
  for (auto& [patient, group] : groups) list.push_back(std::move(group));
  return list;
}

bool has_both_classes(const FilmPoints& points) {
  const std::size_t positives = count_positives(points);
  return positives > 0 && positives < points.size();
}

}  // namespace

FilmPoints film_points(const std::vector<FilmPrediction>& films, const std::function<double(const FilmPrediction&)>& score) {
  std::map<std::string, std::size_t> numbers;
  std::size_t next = 0;
  FilmPoints points;
  for (const FilmPrediction& film : films) {
    const std::size_t patient = film.patient.empty() ? next++ : numbers.try_emplace(film.patient, next).first->second;
    if (patient == next) ++next;
    points.push_back({score(film), film.pneumonia, patient});
  }
  return points;
}

std::size_t count_patients(const FilmPoints& points) {
  std::set<std::size_t> patients;
  for (const FilmPoint& point : points) patients.insert(point.patient);
  return patients.size();
}

std::size_t count_positives(const FilmPoints& points) {
  return static_cast<std::size_t>(std::count_if(points.begin(), points.end(), [](const FilmPoint& point) { return point.positive; }));
}

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::vector<FilmPrediction> one_film_a_patient(const std::vector<FilmPrediction>& films) {
  const auto key = [&](std::size_t i) { return std::pair(stable_hash(films[i].id), i); };
  std::map<std::string, std::size_t> chosen;
  for (std::size_t i = 0; i < films.size(); ++i) {
    if (films[i].patient.empty()) continue;
    const auto [place, is_new] = chosen.try_emplace(films[i].patient, i);
    if (!is_new && key(i) < key(place->second)) place->second = i;
  }
  std::vector<FilmPrediction> list;
  for (std::size_t i = 0; i < films.size(); ++i)
    if (films[i].patient.empty() || chosen.at(films[i].patient) == i) list.push_back(films[i]);
  return list;
}

std::vector<std::size_t> patient_folds(const FilmPoints& points, std::size_t folds) {
  CHECK(folds > 0);
  std::vector<std::size_t> fold(points.size());
  for (const bool with_positive : {true, false}) {
    std::vector<std::pair<std::uint64_t, std::vector<std::size_t>>> patients;
    for (const std::vector<std::size_t>& group : by_patient(points))
      if (std::any_of(group.begin(), group.end(), [&](std::size_t i) { return points[i].positive; }) == with_positive)
        patients.emplace_back(stable_hash(std::to_string(points[group.front()].patient)), group);
    std::sort(patients.begin(), patients.end());
    for (std::size_t i = 0; i < patients.size(); ++i)
      for (const std::size_t position : patients[i].second) fold[position] = i % folds;
  }
  return fold;
}

std::vector<Interval> bootstrap_patients(const FilmPoints& points, const std::function<std::vector<double>(const FilmPoints&)>& statistics, std::size_t resamples,
                                         unsigned seed) {
  CHECK(has_both_classes(points) && resamples >= 40);
  std::vector<Interval> intervals;
  for (const double value : statistics(points)) intervals.push_back({value, value, value});
  const std::vector<std::vector<std::size_t>> patients = by_patient(points);
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> any(0, patients.size() - 1);
  std::vector<std::vector<double>> values(intervals.size());
  while (values.front().size() < resamples) {
    FilmPoints sample;
    for (std::size_t draw = 0; draw < patients.size(); ++draw)
      for (const std::size_t i : patients[any(random)]) sample.push_back(points[i]);
    if (!has_both_classes(sample)) continue;
    const std::vector<double> of_sample = statistics(sample);
    for (std::size_t s = 0; s < values.size(); ++s) values[s].push_back(of_sample[s]);
  }
  for (std::size_t s = 0; s < values.size(); ++s) {
    std::sort(values[s].begin(), values[s].end());
    intervals[s].low = values[s][resamples / 40];
    intervals[s].high = values[s][resamples - 1 - resamples / 40];
  }
  return intervals;
}

}  // namespace osler::evaluate
