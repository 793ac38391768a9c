#include "train/image/splits.h"

#include <set>

#include "base/check.h"
#include "base/sha256.h"

namespace osler::train {

namespace {

struct Patient {
  std::string order;                 // hash of seed and id
  std::vector<std::size_t> films;    // positions in `chosen`
  std::set<std::string> kinds;       // source, label and subtype of each film
};

/// The group of each film of `chosen`, whose shares are `shares`.
std::vector<std::size_t> divide(const std::vector<FilmRecord>& films, const std::vector<std::size_t>& chosen, const std::vector<double>& shares, std::uint64_t seed) {
  std::map<std::string, Patient> patients;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const FilmRecord& film = films[chosen[i]];
    Patient& patient = patients[film.patient];
    patient.films.push_back(i);
    patient.kinds.insert(std::to_string(film.source) + "/" + std::to_string(film.label) + "/" + film.subtype);
  }
  std::map<std::set<std::string>, std::vector<Patient*>> strata;
  for (auto& [id, patient] : patients) {
    patient.order = to_hex(sha256(as_bytes(std::to_string(seed) + "/" + id)));
    strata[patient.kinds].push_back(&patient);
  }
  std::vector<std::size_t> groups(chosen.size());
  for (auto& [kinds, members] : strata) {
    std::sort(members.begin(), members.end(), [](const Patient* a, const Patient* b) { return a->order < b->order; });
    std::vector<double> counts(shares.size());
    double total = 0;
    for (const Patient* patient : members) {
      total += static_cast<double>(patient->films.size());
      std::size_t neediest = 0;
      for (std::size_t g = 1; g < shares.size(); ++g)
        if (shares[g] * total - counts[g] > shares[neediest] * total - counts[neediest]) neediest = g;
      counts[neediest] += static_cast<double>(patient->films.size());
      for (const std::size_t i : patient->films) groups[i] = neediest;
    }
  }
  return groups;
}

}  // namespace

std::vector<Part> split_by_patient(const std::vector<FilmRecord>& films, const SplitSettings& settings) {
  std::vector<Part> parts(films.size(), Part::fit);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < films.size(); ++i) {
    if (films[i].given_part) parts[i] = *films[i].given_part;
    else open.push_back(i);
  }
  const std::vector<std::size_t> groups = divide(films, open, {settings.fit, settings.selection, settings.calibration}, settings.seed);
  for (std::size_t i = 0; i < open.size(); ++i) parts[open[i]] = static_cast<Part>(groups[i]);
  return parts;
}

std::vector<std::size_t> folds_by_patient(const std::vector<FilmRecord>& films, const std::vector<std::size_t>& chosen, std::size_t folds, std::uint64_t seed) {
  CHECK(folds >= 2);
  return divide(films, chosen, std::vector<double>(folds, 1.0 / static_cast<double>(folds)), seed);
}

Result<void> check_labels_in_folds(const std::vector<FilmRecord>& films, const std::vector<std::size_t>& chosen, const std::vector<std::size_t>& fold_of, std::size_t folds,
                                   const std::vector<std::string>& labels) {
  std::vector<std::set<std::size_t>> found(labels.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) found[films[chosen[i]].label].insert(fold_of[i]);
  for (std::size_t label = 0; label < labels.size(); ++label)
    if (found[label].size() < folds)
      return make_error(ErrorCode::configuration, "A fold of the cross-validation has no film of label " + labels[label] + ": its patients fall into " + std::to_string(found[label].size()) + " of " +
                                                      std::to_string(folds) + " folds. Take fewer folds, or more patients with that label.");
  return ok();
}

Result<void> check_labels_in_parts(const std::vector<FilmRecord>& films, const std::vector<Part>& parts, const std::vector<std::string>& labels) {
  std::set<std::pair<std::size_t, Part>> seen;
  for (std::size_t i = 0; i < films.size(); ++i) seen.emplace(films[i].label, parts[i]);
  for (const Part part : {Part::fit, Part::selection, Part::calibration})
    for (std::size_t label = 0; label < labels.size(); ++label)
      if (!seen.contains({label, part}))
        return make_error(ErrorCode::configuration, "No film of label " + labels[label] + " is in the part " + name_of(part) + ": give it films of that label, or change the shares in split.");
  return ok();
}

}  // namespace osler::train
