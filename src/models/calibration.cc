#include "models/calibration.h"

namespace osler::models {

namespace {

template <typename Parameters>
struct ParameterField {
  const char* name;
  double Parameters::*member;
  double low, high;
};

/// The one table of what each kind's calibration.json holds.
using Network = reasoning::NetworkParameters;
constexpr ParameterField<Network> kNetworkFields[] = {
    {"alpha", &Network::alpha, 0, 2},
    {"lambda", &Network::lambda, 0.01, 2},
    {"group_weight", &Network::group_weight, 0, 1},
    {"silence", &Network::silence, 0, 0.99},
    {"pair_weight", &Network::pair_weight, 0, 1},
    {"nothing_prior", &Network::nothing_prior, 0.0001, 0.9},
    {"temperature", &Network::temperature, 0.05, 20},
    {"offset", &Network::offset, -10, 10},
    {"nothing_slope", &Network::nothing_slope, 0.01, 5},
    {"nothing_offset", &Network::nothing_offset, -20, 20},
    {"emergency_threshold", &Network::emergency_threshold, 0, 1},
    {"urgent_threshold", &Network::urgent_threshold, 0, 1},
};

using Ensemble = reasoning::EnsembleParameters;
constexpr ParameterField<Ensemble> kEnsembleFields[] = {
    {"network", &Ensemble::network, 0, 5},         {"network_unread", &Ensemble::network_unread, -5, 5},
    {"encoder", &Ensemble::encoder, 0, 5},         {"encoder_unread", &Ensemble::encoder_unread, -5, 5},
    {"offset", &Ensemble::offset, -20, 20},
    {"blind_network", &Ensemble::blind_network, 0, 5}, {"blind_encoder", &Ensemble::blind_encoder, 0, 5}, {"blind_offset", &Ensemble::blind_offset, -20, 20},
    {"alone_scale", &Ensemble::alone_scale, 0, 5}, {"alone_shift", &Ensemble::alone_shift, -20, 20},
};

Error refused(const std::string& what) { return make_error(ErrorCode::corrupted, "calibration.json was refused: " + what + "."); }

Result<reasoning::CalibrationRecord> parse_record(const Json& json) {
  reasoning::CalibrationRecord record;
  try {
    record.population = json.value("population", "");
    record.cases = json.value("cases", 0);
    record.date = json.value("date", "");
    record.note = json.value("note", "");
  } catch (const Json::exception&) {  // nlohmann's edge: a member of another type
    return refused("a member has the wrong type");
  }
  if (record.cases < 0) return refused("'cases' is out of range");
  if (record.population.empty() || record.date.empty()) return refused("it does not say for whom and when it was fitted");
  return record;
}

template <typename Parameters, std::size_t kCount>
Result<std::pair<Parameters, reasoning::CalibrationRecord>> parse(const Json& json, const ParameterField<Parameters> (&fields)[kCount]) {
  if (!json.is_object() || !json.contains("parameters") || !json["parameters"].is_object()) return refused("it lacks 'parameters'");
  Parameters parameters;
  for (const ParameterField<Parameters>& field : fields) {
    const auto member = json["parameters"].find(field.name);
    if (member == json["parameters"].end() || !member->is_number()) return refused(std::string("it lacks '") + field.name + "'");
    const double value = member->template get<double>();
    if (!(value >= field.low && value <= field.high)) return refused(std::string("'") + field.name + "' is out of range");
    parameters.*field.member = value;
  }
  if (json["parameters"].size() != kCount) return refused("it holds a parameter that is not known");
  return std::pair(parameters, TRY(parse_record(json)));
}

template <typename Parameters, std::size_t kCount>
Json write(const Parameters& parameters, const reasoning::CalibrationRecord& record, const ParameterField<Parameters> (&fields)[kCount]) {
  Json json;
  json["population"] = record.population;
  json["cases"] = record.cases;
  json["date"] = record.date;
  json["note"] = record.note;
  for (const ParameterField<Parameters>& field : fields) json["parameters"][field.name] = parameters.*field.member;
  return json;
}

}  // namespace

Result<std::pair<Network, reasoning::CalibrationRecord>> parse_calibration(const Json& json) { return parse(json, kNetworkFields); }
Json write_calibration(const Network& parameters, const reasoning::CalibrationRecord& record) { return write(parameters, record, kNetworkFields); }

Result<std::pair<Ensemble, reasoning::CalibrationRecord>> parse_ensemble(const Json& json) { return parse(json, kEnsembleFields); }
Json write_ensemble(const Ensemble& parameters, const reasoning::CalibrationRecord& record) { return write(parameters, record, kEnsembleFields); }

}  // namespace osler::models
