#include "neural/image_config.h"

#include "base/limits.h"

namespace osler::neural {
namespace {

Json pneumonia() {
  return Json{{"architecture", "mobilenet_v2"}, {"side", 224}, {"mean", {0.5, 0.4, 0.3}}, {"deviation", 0.25}, {"padding", "tensorflow"}, {"hidden", 256},
              {"labels", {"normal", "pneumonia"}}};
}

void expect_refused(const char* key, const Json& value, const std::string& reason = "") {
  Json json = pneumonia();
  json[key] = value;
  const Result<ImageNetworkConfig> config = parse_image_config(json);
  ASSERT_FALSE(config) << key << " " << value;
  EXPECT_EQ(config.error().code, ErrorCode::corrupted);
  EXPECT_NE(config.error().external.find(key), std::string::npos) << config.error().external;
  EXPECT_NE(config.error().external.find(reason), std::string::npos) << config.error().external;
}

TEST(ImageConfig, IsRead) {
  const ImageNetworkConfig config = parse_image_config(pneumonia()).value();
  EXPECT_EQ(config.architecture, ImageArchitecture::mobilenet_v2);
  EXPECT_EQ(config.side, 224u);
  EXPECT_EQ(config.mean, (std::array{0.5F, 0.4F, 0.3F}));
  EXPECT_EQ(config.deviation, (std::array{0.25F, 0.25F, 0.25F}));
  EXPECT_EQ(config.padding, ImagePadding::tensorflow);
  EXPECT_EQ(config.hidden, 256u);
  EXPECT_EQ(config.labels, (std::vector<std::string>{"normal", "pneumonia"}));
  EXPECT_TRUE(config.has_head());
}

TEST(ImageConfig, WithoutAHeadIsABackbone) {
  Json json = pneumonia();
  json.erase("hidden");
  json.erase("labels");
  EXPECT_FALSE(parse_image_config(json).value().has_head());
}

TEST(ImageConfig, NamesWhatIsMissing) {
  for (const char* key : {"architecture", "side", "mean", "deviation", "padding", "hidden", "labels"}) {
    Json json = pneumonia();
    json.erase(key);
    const Result<ImageNetworkConfig> config = parse_image_config(json);
    ASSERT_FALSE(config) << key;
    EXPECT_NE(config.error().external.find(key), std::string::npos) << config.error().external;
  }
  EXPECT_FALSE(parse_image_config(Json::array()));
}

TEST(ImageConfig, KeepsTheBoundsOfLimits) {
  for (const auto& [key, least, most] : {std::tuple{"side", limits::kMinImageSide, limits::kMaxImageSide}, std::tuple{"hidden", std::size_t{1}, limits::kMaxImageHidden}}) {
    for (const Json& value : {Json(least - 1), Json(most + 1), Json(-1), Json(224.5), Json("224"), Json(nullptr)}) expect_refused(key, value, std::to_string(most));
    for (const std::size_t value : {least, most}) {
      Json json = pneumonia();
      json[key] = value;
      EXPECT_TRUE(parse_image_config(json)) << key << value;
    }
  }
}

TEST(ImageConfig, RefusesImpossibleMeansAndDeviations) {
  for (const char* key : {"mean", "deviation"})
    for (const Json& value : {Json(-0.1), Json(1.1), Json("0.5"), Json(nullptr), Json{0.5, 0.5}, Json{0.5, 0.5, 0.5, 0.5}, Json{0.5, 0.5, "x"}, Json(127.5)})
      expect_refused(key, value, "one number or three");
  expect_refused("deviation", 0);
  expect_refused("deviation", limits::kMinImageDeviation / 2);
  Json json = pneumonia();
  json["mean"] = 0;
  json["deviation"] = limits::kMinImageDeviation;
  EXPECT_TRUE(parse_image_config(json));
}

TEST(ImageConfig, RefusesOtherNetworksAndPaddings) {
  expect_refused("architecture", "resnet50", "densenet121");
  expect_refused("architecture", 7);
  expect_refused("padding", "same", "tensorflow");
  Json json = pneumonia();
  json["architecture"] = "densenet121";
  EXPECT_NE(parse_image_config(json).error().external.find("padding must be \"symmetric\""), std::string::npos);
  json["padding"] = "symmetric";
  EXPECT_EQ(parse_image_config(json).value().architecture, ImageArchitecture::densenet121);
}

TEST(ImageConfig, KeepsTheBoundsOfLabels) {
  const auto labels = [](std::size_t count) {
    Json list = Json::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back("label " + std::to_string(i));
    return list;
  };
  for (const Json& value : {Json("normal"), Json(2), labels(1), labels(limits::kMaxImageLabels + 1), Json{"normal", 3}, Json{"normal", ""}, Json{"same", "same"},
                            Json{"normal", std::string(limits::kMaxImageLabelBytes + 1, 'x')}})
    expect_refused("labels", value, "different texts");
  Json json = pneumonia();
  json["labels"] = labels(limits::kMaxImageLabels);
  EXPECT_TRUE(parse_image_config(json));
  json["labels"] = Json{"normal", std::string(limits::kMaxImageLabelBytes, 'x')};
  EXPECT_TRUE(parse_image_config(json));
}

}  // namespace
}  // namespace osler::neural
