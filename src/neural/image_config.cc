#include "neural/image_config.h"

#include <set>

#include "base/limits.h"

namespace osler::neural {

namespace {

Error bad(const std::string& key, const std::string& problem) { return make_error(ErrorCode::corrupted, "config.json: " + key + " " + problem); }

Result<std::size_t> size_at(const Json& json, const std::string& key, std::size_t least, std::size_t most) {
  const auto found = json.find(key);
  if (found == json.end()) return bad(key, "is missing");
  if (!found->is_number_integer() || *found < least || *found > most)
    return bad(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return found->get<std::size_t>();
}

template <class Value>
Result<Value> choice_at(const Json& json, const std::string& key, const std::pair<const char*, Value> (&choices)[2]) {
  const auto found = json.find(key);
  if (found == json.end()) return bad(key, "is missing");
  for (const auto& [name, value] : choices)
    if (*found == name) return value;
  return bad(key, std::string("must be \"") + choices[0].first + "\" or \"" + choices[1].first + "\"");
}

/// One number for all channels, or three.
Result<std::array<float, 3>> channels_at(const Json& json, const std::string& key, bool may_be_zero) {
  const auto found = json.find(key);
  if (found == json.end()) return bad(key, "is missing");
  const Json three = found->is_array() ? *found : Json{*found, *found, *found};
  const auto fits = [&](const Json& value) {
    return value.is_number() && (may_be_zero ? value.get<double>() >= 0 : value.get<double>() >= limits::kMinImageDeviation) && value.get<double>() <= 1;
  };
  if (three.size() != 3 || !std::all_of(three.begin(), three.end(), fits))
    return bad(key, "must be one number or three, of at most 1 and at least " + std::string(may_be_zero ? "0" : "0.001") + ", since grey is from 0 to 1");
  return std::array<float, 3>{three[0].get<float>(), three[1].get<float>(), three[2].get<float>()};
}

Result<std::vector<std::string>> labels_at(const Json& json) {
  const Error problem = bad("labels", "must be a list of 2 to " + std::to_string(limits::kMaxImageLabels) + " different texts of 1 to " +
                                          std::to_string(limits::kMaxImageLabelBytes) + " bytes");
  const auto found = json.find("labels");
  if (found == json.end() || !found->is_array() || found->size() < 2 || found->size() > limits::kMaxImageLabels) return problem;
  std::vector<std::string> labels;
  for (const Json& label : *found) {
    if (!label.is_string()) return problem;
    labels.push_back(label.get<std::string>());
    if (labels.back().empty() || labels.back().size() > limits::kMaxImageLabelBytes) return problem;
  }
  if (std::set<std::string>(labels.begin(), labels.end()).size() != labels.size()) return problem;
  return labels;
}

}  // namespace

Result<ImageNetworkConfig> parse_image_config(const Json& json) {
  if (!json.is_object()) return make_error(ErrorCode::corrupted, "config.json: must hold an object");
  using enum ImageArchitecture;
  using enum ImagePadding;
  ImageNetworkConfig config;
  config.architecture = TRY((choice_at<ImageArchitecture>(json, "architecture", {{"densenet121", densenet121}, {"mobilenet_v2", mobilenet_v2}})));
  config.side = TRY(size_at(json, "side", limits::kMinImageSide, limits::kMaxImageSide));
  config.mean = TRY(channels_at(json, "mean", true));
  config.deviation = TRY(channels_at(json, "deviation", false));
  config.padding = TRY((choice_at<ImagePadding>(json, "padding", {{"symmetric", symmetric}, {"tensorflow", tensorflow}})));
  if (config.architecture == densenet121 && config.padding != symmetric) return bad("padding", "must be \"symmetric\" for densenet121");
  if (!json.contains("hidden") && !json.contains("labels")) return config;
  config.hidden = TRY(size_at(json, "hidden", 1, limits::kMaxImageHidden));
  config.labels = TRY(labels_at(json));
  return config;
}

}  // namespace osler::neural
