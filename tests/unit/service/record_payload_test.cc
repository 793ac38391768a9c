// What a record says: service/record_payload.h, of formats 1 and 2.
#include "service/record_payload.h"

#include <gtest/gtest.h>

#include "base/version.h"
#include "service/engine_identity.h"
#include "service/film_case.h"

namespace osler::service {
namespace {

const std::string kHash(64, 'a');

RecordedDiagnosis whole() {
  RecordedDiagnosis record;
  record.engine = EngineIdentity{kVersion, "kernels", kHash, std::string(64, 'b'), ModelIdentity{std::string(64, 'c'), "bf16"}, true, 256, 0.4, clinical::Setting::inpatient};
  record.request = {{"age", 40}, {"symptoms", {"cough"}}, {"severity", "mild"}};
  record.options = {.threshold = 0.25, .explain = ExplanationMethod::lime, .explained_condition = "asthma"};
  record.evaluations = {16, 512};
  record.also_shown = {"1:ab", "1:cd"};
  return record;
}

const std::string kAnswer = R"({"request_id":"x","urgency":{"level":"routine"},"processing_time_ms":1.5})";

RecordedDiagnosis through(const RecordedDiagnosis& record) { return std::get<RecordedDiagnosis>(parse_payload(write_payload(record, kAnswer)).value()); }

TEST(RecordPayload, ADiagnosisComesBackWhole) {
  const RecordedDiagnosis before = whole(), after = through(before);
  EXPECT_EQ(after.engine, before.engine);
  EXPECT_EQ(after.request.dump(), before.request.dump());
  EXPECT_EQ(after.options.threshold, before.options.threshold);
  EXPECT_EQ(after.options.explain, before.options.explain);
  EXPECT_EQ(after.options.explained_condition, "asthma");
  EXPECT_EQ(after.evaluations, before.evaluations);
  EXPECT_EQ(after.encoder_left_out, "");
  EXPECT_EQ(after.also_shown, before.also_shown);
  EXPECT_EQ(after.answer.dump(), kAnswer);
}

TEST(RecordPayload, WhatIsNotThereStaysAway) {
  RecordedDiagnosis record;
  record.engine = EngineIdentity{kVersion, "kernels", kHash, kHash, {}, false, 0, 0.65, {}};
  record.request = Json::object();
  record.encoder_left_out = "It was late.";
  const RecordedDiagnosis after = through(record);
  EXPECT_EQ(after.engine, record.engine);
  EXPECT_FALSE(after.options.threshold);
  EXPECT_EQ(after.options.explain, ExplanationMethod::none);
  EXPECT_EQ(after.encoder_left_out, "It was late.");
  EXPECT_TRUE(after.also_shown.empty());
}

TEST(RecordPayload, AFilmComesBackWhole) {
  const RecordedFilm film{FilmEngineIdentity{kVersion, "kernels", {kHash, "fp32"}}, std::string(64, 'd'), 12345, "kept", std::size_t{3}, "4.5", {{"diagnosis", "normal"}}};
  const RecordedFilm after = std::get<RecordedFilm>(parse_payload(write_payload(film)).value());
  EXPECT_EQ(after.engine, film.engine);
  EXPECT_EQ(after.sha256, film.sha256);
  EXPECT_EQ(after.bytes, film.bytes);
  EXPECT_EQ(after.film_record, "kept");
  EXPECT_EQ(after.frame, film.frame);
  EXPECT_EQ(after.age_years, "4.5");
  EXPECT_EQ(after.answer, film.answer);
}

TEST(RecordPayload, TheFirstFormatIsReadAndNamesNoEngine) {
  const auto diagnosis = parse_payload(R"({"format":1,"request":{"age":1},"threshold":0.3,"explained":{"method":"shap","condition":""},"answer":{"a":1}})");
  ASSERT_TRUE(diagnosis);
  EXPECT_FALSE(std::get<RecordedDiagnosis>(*diagnosis).engine);
  EXPECT_EQ(std::get<RecordedDiagnosis>(*diagnosis).options.threshold, 0.3);
  EXPECT_TRUE(std::get<RecordedDiagnosis>(*diagnosis).evaluations.empty());
  const auto film = parse_payload(R"({"format":1,"film":{"bytes":3,"sha256":"ab"},"answer":{"a":1}})");
  ASSERT_TRUE(film);
  EXPECT_FALSE(std::get<RecordedFilm>(*film).engine);
  EXPECT_EQ(std::get<RecordedFilm>(*film).film_record, "");
}

TEST(RecordPayload, ARequestAsDeepAsAnyIsRead) {
  RecordedDiagnosis record = whole();
  Json deep = 1;
  for (int i = 0; i < 31; ++i) deep = Json::array({deep});
  record.request["unknown"] = deep;
  EXPECT_EQ(through(record).request.dump(), record.request.dump());
}

TEST(RecordPayload, AnythingElseIsCorrupted) {
  for (const char* bad : {"", "[]", "{}", R"({"format":3,"request":{},"answer":{}})", R"({"format":2,"request":{}})", R"({"format":"1","request":{},"answer":{}})",
                          R"({"format":2,"engine":{"program":1},"request":{},"answer":{}})", R"({"format":2,"film":{},"answer":{}})"}) {
    const auto parsed = parse_payload(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::corrupted);
  }
}

}  // namespace
}  // namespace osler::service
