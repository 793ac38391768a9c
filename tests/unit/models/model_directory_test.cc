#include "models/model_directory.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/sha256.h"

namespace osler::models {

namespace {

std::string good_calibration() {
  return write_calibration({}, {"Visits to one clinic", 210, "2026-01-02", "Not yours."}).dump(2) + "\n";
}

struct Range {
  const char* name;
  double low, high;
};

void PrintTo(const Range& range, std::ostream* out) { *out << range.name; }

// As docs/formats/model_directory.md has them.
constexpr Range kRanges[] = {{"alpha", 0, 2},           {"lambda", 0.01, 2},         {"group_weight", 0, 1},
                             {"silence", 0, 0.99},      {"pair_weight", 0, 1},       {"nothing_prior", 0.0001, 0.9},
                             {"temperature", 0.05, 20}, {"offset", -10, 10},         {"nothing_slope", 0.01, 5}, {"nothing_offset", -20, 20},
                             {"emergency_threshold", 0, 1}, {"urgent_threshold", 0, 1}};

Json calibration_with(const char* parameter, Json value) {
  Json json = parse_json(good_calibration()).value();
  json["parameters"][parameter] = std::move(value);
  return json;
}

ErrorCode refusal(const Json& json) {
  const auto parsed = parse_calibration(json);
  return parsed ? ErrorCode::internal : parsed.error().code;
}

}  // namespace

/// A good model directory on the real disk, which each test spoils in its own way.
class ModelDirectory : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/osler-model-XXXXXX";
    folder_ = mkdtemp(pattern);
    put("calibration.json", good_calibration());
    put("card.json", "{}\n");
    write_manifest(manifest_of({"calibration.json", "card.json"}));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& name, const std::string& content) {
    std::ofstream file(folder_ + "/" + name, std::ios::binary);
    file << content;
    ASSERT_TRUE(file.flush());
  }
  std::string get(const std::string& name) { return std::string(as_text(*files_->read(folder_ + "/" + name, 1 << 20))); }
  Json manifest_of(const std::vector<std::string>& names) {
    Json manifest{{"name", "osler-network"}, {"version", "3"}, {"kind", "network"}, {"files", Json::object()}};
    for (const std::string& name : names) manifest["files"][name] = to_hex(sha256(as_bytes(get(name))));
    return manifest;
  }
  void write_manifest(const Json& manifest) { put("manifest.json", manifest.dump(2)); }
  /// Writes calibration.json with a manifest that agrees with it.
  void put_calibration(const std::string& content) {
    put("calibration.json", content);
    write_manifest(manifest_of({"calibration.json", "card.json"}));
  }

  Result<NetworkModel> load() { return load_network_model(*files_, folder_); }
  /// The refusal's text; empty when it loads.
  std::string refused() {
    const Result<NetworkModel> model = load();
    if (model) return "";
    EXPECT_EQ(model.error().code, ErrorCode::corrupted) << describe(model.error());
    return model.error().external;
  }

  std::string folder_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

#define EXPECT_REFUSED(what)                                                       \
  do {                                                                             \
    const std::string text_ = refused();                                           \
    EXPECT_NE(text_.find(what), std::string::npos) << "refusal: '" << text_ << "'"; \
  } while (false)

TEST_F(ModelDirectory, LoadsWhatItsManifestDescribes) {
  const Result<NetworkModel> model = load();
  ASSERT_TRUE(model) << describe(model.error());
  EXPECT_EQ(model->manifest.name, "osler-network");
  EXPECT_EQ(model->manifest.version, "3");
  EXPECT_EQ(model->manifest.kind, "network");
  EXPECT_EQ(model->manifest.files.size(), 2u);
  EXPECT_EQ(model->calibration.population, "Visits to one clinic");
  EXPECT_EQ(model->calibration.cases, 210);
  EXPECT_EQ(model->calibration.date, "2026-01-02");
  EXPECT_EQ(model->parameters.alpha, reasoning::NetworkParameters{}.alpha);
}

TEST_F(ModelDirectory, MembersOfTheManifestItDoesNotKnowAreLetBe) {
  Json manifest = manifest_of({"calibration.json", "card.json"});
  manifest["data"] = {{"cases", 3}};
  write_manifest(manifest);
  EXPECT_EQ(refused(), "");
}

TEST_F(ModelDirectory, ThatIsNotThereIsNotFound) {
  EXPECT_EQ(load_network_model(*files_, folder_ + "/none").error().code, ErrorCode::not_found);
  std::filesystem::remove(folder_ + "/manifest.json");
  EXPECT_EQ(load().error().code, ErrorCode::not_found);
}

TEST_F(ModelDirectory, OneChangedBitIsRefused) {
  std::string calibration = get("calibration.json");
  for (const std::size_t place : {std::size_t{0}, calibration.size() / 2, calibration.size() - 1}) {
    std::string changed = calibration;
    changed[place] = static_cast<char>(changed[place] ^ 1);
    put("calibration.json", changed);
    EXPECT_REFUSED("the SHA-256 of calibration.json is not the one in manifest.json");
  }
}

TEST_F(ModelDirectory, OneByteMoreOrLessIsRefused) {
  const std::string card = get("card.json");
  for (const std::string& content : {card + "\n", card.substr(1), std::string()}) {
    put("card.json", content);
    EXPECT_REFUSED("the SHA-256 of card.json");
  }
}

TEST_F(ModelDirectory, AMissingFileIsRefused) {
  std::filesystem::remove(folder_ + "/card.json");
  EXPECT_REFUSED("card.json is named by manifest.json and cannot be read");
}

TEST_F(ModelDirectory, AFolderWhereAFileShouldBeIsRefused) {
  std::filesystem::remove(folder_ + "/card.json");
  std::filesystem::create_directory(folder_ + "/card.json");
  EXPECT_NE(refused(), "");
}

TEST_F(ModelDirectory, AFileMoreIsRefusedAlsoHiddenOrAFolder) {
  put("extra.bin", "x");
  EXPECT_REFUSED("extra.bin is not named by manifest.json");
  std::filesystem::remove(folder_ + "/extra.bin");
  put(".hidden", "x");
  EXPECT_REFUSED(".hidden is not named by manifest.json");
  std::filesystem::remove(folder_ + "/.hidden");
  std::filesystem::create_directory(folder_ + "/weights");
  EXPECT_REFUSED("weights is not named by manifest.json");
}

TEST_F(ModelDirectory, OfAnotherKindIsRefused) {
  for (const char* kind : {"encoder", "", "Network", "network "}) {
    Json manifest = manifest_of({"calibration.json", "card.json"});
    manifest["kind"] = kind;
    write_manifest(manifest);
    EXPECT_REFUSED("kind is not 'network'");
  }
}

TEST_F(ModelDirectory, WithoutCalibrationIsRefused) {
  std::filesystem::remove(folder_ + "/calibration.json");
  write_manifest(manifest_of({"card.json"}));
  EXPECT_REFUSED("it has no calibration.json");
}

TEST_F(ModelDirectory, NamesThatLeaveTheFolderAreRefusedBeforeAnythingIsRead) {
  const std::string outside = folder_ + "-outside";
  ASSERT_TRUE(files_->write_atomically(outside, as_bytes("secret"), 0644));
  const std::string base = outside.substr(outside.rfind('/') + 1);
  for (const std::string& name : {"../" + base, outside, std::string(".."), std::string("."), std::string(""), std::string("a/b"),
                                  std::string("./card.json"), std::string("../"), std::string(".hidden"), std::string("/etc/hostname")}) {
    Json manifest = manifest_of({"calibration.json", "card.json"});
    manifest["files"][name] = to_hex(sha256(as_bytes("secret")));
    write_manifest(manifest);
    EXPECT_REFUSED("names a file that is not a plain name");
  }
  std::filesystem::remove(outside);
}

TEST_F(ModelDirectory, ANameWithANulByteDoesNotReachTheFileBeforeIt) {
  Json manifest = manifest_of({"calibration.json", "card.json"});
  const Json hash = manifest["files"]["calibration.json"];
  manifest["files"].erase("calibration.json");
  manifest["files"][std::string("calibration.json\0x", 18)] = hash;
  write_manifest(manifest);
  EXPECT_NE(refused(), "");
}

TEST_F(ModelDirectory, HashesAreLowerCaseTextOfFullLength) {
  const std::string hash = manifest_of({"card.json"})["files"]["card.json"];
  std::string upper = hash;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const Json& bad : {Json(upper), Json(hash.substr(0, 63)), Json(hash + "0"), Json(""), Json(nullptr), Json(5), Json::array({hash})}) {
    Json manifest = manifest_of({"calibration.json", "card.json"});
    manifest["files"]["card.json"] = bad;
    write_manifest(manifest);
    EXPECT_NE(refused(), "") << bad;
  }
}

TEST_F(ModelDirectory, AManifestWithoutItsMembersIsRefused) {
  for (const char* member : {"name", "version", "kind", "files"}) {
    for (const Json& bad : {Json(), Json(7), Json::array()}) {
      Json manifest = manifest_of({"calibration.json", "card.json"});
      if (bad.is_null()) manifest.erase(member);
      else manifest[member] = bad;
      write_manifest(manifest);
      EXPECT_REFUSED(std::string("manifest.json lacks '") + member + "'");
    }
  }
  for (const char* text : {"[]", "null", "7", "\"manifest\"", "{}"}) {
    put("manifest.json", text);
    EXPECT_NE(refused(), "") << text;
  }
}

TEST_F(ModelDirectory, ATruncatedManifestIsRefusedWhereverItWasCut) {
  const std::string whole = get("manifest.json");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put("manifest.json", whole.substr(0, length));
    ASSERT_NE(refused(), "") << "cut to " << length;
  }
}

TEST_F(ModelDirectory, AManifestThatSaysSomethingTwiceIsRefused) {
  std::string text = get("manifest.json");
  text.insert(1, "\"kind\": \"network\",");
  put("manifest.json", text);
  EXPECT_REFUSED("manifest.json is not valid JSON");
}

TEST_F(ModelDirectory, ATruncatedCalibrationIsRefusedEvenWhenItsHashAgrees) {
  const std::string whole = good_calibration();
  for (std::size_t length = 0; length + 2 < whole.size(); length += 7) {
    put_calibration(whole.substr(0, length));
    ASSERT_NE(refused(), "") << "cut to " << length;
  }
}

TEST_F(ModelDirectory, AHugeManifestIsRefused) {
  put("manifest.json", std::string((1 << 20) + 1, ' '));
  EXPECT_REFUSED("manifest.json");
}

// --- calibration.json ---

TEST(Calibration, WhatIsWrittenIsReadBack) {
  reasoning::NetworkParameters parameters;
  double value = 0.11;
  for (double* member : {&parameters.alpha, &parameters.lambda, &parameters.group_weight, &parameters.silence, &parameters.pair_weight,
                         &parameters.nothing_prior, &parameters.temperature, &parameters.offset, &parameters.nothing_slope, &parameters.nothing_offset,
                         &parameters.emergency_threshold, &parameters.urgent_threshold})
    *member = value += 0.012345678901;
  const reasoning::CalibrationRecord record{"p", 9, "2026-02-03", "n"};
  const auto text = write_calibration(parameters, record).dump();
  const auto [read, read_record] = parse_calibration(parse_json(text).value()).value();
  EXPECT_EQ(write_calibration(read, read_record).dump(), text) << "to the last bit";
  EXPECT_EQ(read.alpha, parameters.alpha);
  EXPECT_EQ(read.urgent_threshold, parameters.urgent_threshold);
  EXPECT_EQ(read_record.note, "n");
}

TEST(Calibration, TheDefaultsAreWithinTheirRanges) {
  EXPECT_TRUE(parse_calibration(parse_json(good_calibration()).value()));
  EXPECT_EQ(parse_json(good_calibration()).value()["parameters"].size(), std::size(kRanges));
}

class CalibrationParameter : public testing::TestWithParam<Range> {};

TEST_P(CalibrationParameter, TakesItsRangeAndNothingBeyond) {
  const auto [name, low, high] = GetParam();
  EXPECT_TRUE(parse_calibration(calibration_with(name, low)));
  EXPECT_TRUE(parse_calibration(calibration_with(name, high)));
  EXPECT_EQ(refusal(calibration_with(name, std::nextafter(low, -1e9))), ErrorCode::corrupted);
  EXPECT_EQ(refusal(calibration_with(name, std::nextafter(high, 1e9))), ErrorCode::corrupted);
  EXPECT_EQ(refusal(calibration_with(name, std::nan(""))), ErrorCode::corrupted);
}

TEST_P(CalibrationParameter, MustBeThereAndANumber) {
  for (const Json& bad : {Json("0.5"), Json(nullptr), Json(true), Json::array({0.5})})
    EXPECT_EQ(refusal(calibration_with(GetParam().name, bad)), ErrorCode::corrupted) << bad;
  Json without = parse_json(good_calibration()).value();
  without["parameters"].erase(GetParam().name);
  EXPECT_EQ(refusal(without), ErrorCode::corrupted);
}

INSTANTIATE_TEST_SUITE_P(Each, CalibrationParameter, testing::ValuesIn(kRanges),
                         [](const auto& range) { return std::string(range.param.name); });

TEST(Calibration, AParameterItDoesNotKnowIsRefused) {
  EXPECT_EQ(refusal(calibration_with("beta", 0.5)), ErrorCode::corrupted);
}

TEST(Calibration, MustSayForWhomAndWhen) {
  for (const char* member : {"population", "date"}) {
    Json json = parse_json(good_calibration()).value();
    json[member] = "";
    EXPECT_EQ(refusal(json), ErrorCode::corrupted) << member;
    json.erase(member);
    EXPECT_EQ(refusal(json), ErrorCode::corrupted) << member;
  }
}

// The parser itself returns an error for them: nothing is thrown past it.
TEST(Calibration, MembersOfTheWrongTypeAreRefused) {
  for (const auto& [member, bad] : {std::pair<const char*, Json>{"population", 5}, {"cases", "many"}, {"date", Json::object()},
                                    {"note", Json::array()}, {"cases", -1}, {"parameters", 3}}) {
    Json json = parse_json(good_calibration()).value();
    json[member] = bad;
    EXPECT_EQ(refusal(json), ErrorCode::corrupted) << member;
  }
  for (const char* text : {"[]", "null", "3", "{}"}) EXPECT_EQ(refusal(parse_json(text).value()), ErrorCode::corrupted) << text;
}

}  // namespace osler::models
