#include "train/image/film_sets.h"

#include "train/settings/settings_reader.h"

namespace osler::train {

namespace {

std::string read_set(const Json& json, const std::string& where, FilmSetSettings& set) {
  SettingsReader reader(json, where);
  reader.text("name", set.name, true);
  reader.text("source", set.source, true);
  reader.text("outcome", set.outcome, true);
  set.films.labels = {"normal", "pneumonia"};
  read_film_sources(reader, set.films);

  return reader.finish();
}

}  // namespace

Result<FilmSetsSettings> parse_film_sets(std::string_view text, const std::string& path) {
  const Json json = TRY(parse_settings_file(text, path));
  FilmSetsSettings settings;
  SettingsReader reader(json, "");
  reader.text("predictors", settings.predictors, true);
  reader.text("training", settings.training, true);
  const Json* sets = reader.find("sets", true);
  if (sets != nullptr && (!sets->is_array() || sets->empty())) reader.fail("sets", "is not a list of one set or more");
  if (sets != nullptr && sets->is_array())
    for (std::size_t i = 0; i < sets->size(); ++i) reader.adopt(read_set((*sets)[i], "/sets/" + std::to_string(i), settings.sets.emplace_back()));
  if (const std::string fault = reader.finish(); !fault.empty()) return make_error(ErrorCode::configuration, path + ": " + fault);
  return settings;
}

}  // namespace osler::train
