// `osler evaluate models` and `osler evaluate explanations` on an encoder of random weights: app/commands.h.
#include "../random_seed.h"
#include "app/commands.h"
#include "encoder_site.h"

namespace osler::app {
namespace {

struct ModelEvaluations : testing::Test {
  ModelEvaluations() {
    site.ship_encoder("1");
    std::string lines;
    for (int number = 0; number < 6; ++number) {
      const Json json{{"id", "case-" + std::to_string(number)}, {"age_years", 30 + number}, {"severity", "mild"}, {"symptoms", {service::sign(number) + " seen", "cough"}},
                      {"narrative", "It began slowly. Worse at night."}, {"diagnosis", {{"name", "malady"}, {"icd10", "J" + std::to_string(10 + number)}}}};
      lines += json.dump() + "\n";
    }
    site.put("cases.jsonl", lines);
  }
  int explain(std::size_t count, const std::string& out, const std::string& cases = "cases.jsonl") {
    return captured([&] { return evaluate_explanations(site.config, {site.at(cases), count, out.empty() ? "" : site.at(out)}, Output::json); });
  }
  int compare() {
    return captured([&] { return evaluate_models(site.config, site.at("cases.jsonl"), Output::json); });
  }
  int captured(const std::function<int()>& command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = command();
    printed = testing::internal::GetCapturedStdout();
    complaint = testing::internal::GetCapturedStderr();
    return code;
  }

  EncoderSite site{fresh_seed()};
  std::string printed, complaint;
};

TEST_F(ModelEvaluations, ExplanationsOfSomeCasesArePrintedAndWritten) {
  ASSERT_EQ(explain(2, "out/report"), 0) << complaint;
  const Json json = parse_json(printed).value();
  EXPECT_EQ(json["cases"], 2);
  EXPECT_EQ(json["file"], "cases.jsonl");
  EXPECT_NE(json["model_version"].get<std::string>().find("osler-encoder-1.fp32"), std::string::npos);
  EXPECT_EQ(models::read_file(site.at("out/report/explanations.json")), printed);
  const std::string page = models::read_file(site.at("out/report/explanations.html"));
  EXPECT_EQ(page.rfind("<!doctype html>", 0), 0U);
  EXPECT_EQ(page.find("case-0"), std::string::npos) << "no case is shown";
}

TEST_F(ModelEvaluations, ExplanationsNeedNoFolderAndNoEncoder) {
  site.config.model_name = "network";
  ASSERT_EQ(explain(0, ""), 0) << complaint;
  EXPECT_EQ(parse_json(printed).value()["cases"], 6);
}

TEST_F(ModelEvaluations, ModelsAreComparedInEveryPrecision) {
  ASSERT_EQ(compare(), 0) << complaint;
  const Json json = parse_json(printed).value();
  EXPECT_EQ(json["all"]["cases"], 6);
  EXPECT_EQ(json["all"]["network"]["first"][0], 1);
  EXPECT_EQ(json["precisions"]["fp32"]["difference"]["both"]["largest"], 0);
  for (const char* name : {"bf16", "int8"})
    EXPECT_EQ(json["precisions"].contains(name), complaint.find(std::string(name) + " is left out") == std::string::npos) << name;
  EXPECT_EQ(printed.find("case-"), std::string::npos) << "no case is shown";
}

TEST_F(ModelEvaluations, WithoutAnEncoderThereIsNothingToCompare) {
  site.config.model_name = "network";
  EXPECT_EQ(compare(), 1);
  EXPECT_NE(complaint.find("There is no encoder to compare: MODEL_NAME is network."), std::string::npos) << complaint;
  site.config.model_name = "fusion";
  site.config.encoder_folder = site.at("nowhere");
  EXPECT_EQ(compare(), 1);
  EXPECT_NE(complaint.find("nowhere"), std::string::npos) << complaint;
}

TEST_F(ModelEvaluations, CasesThatAreNotThereAreOneClearLine) {
  EXPECT_EQ(explain(0, "", "none.jsonl"), 1);
  EXPECT_NE(complaint.find("none.jsonl"), std::string::npos) << complaint;
}

}  // namespace
}  // namespace osler::app
