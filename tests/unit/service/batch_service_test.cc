// service/batch_service.h: what an owner may ask of a batch, and nobody else.
#include "service/batch_service.h"

#include <gtest/gtest.h>

#include "batch_world.h"
#include "service/batch_intake.h"
#include "service/patient_records.h"
#include "service/batch_intake.h"

namespace osler::service {
namespace {

class BatchUseCase : public testing::Test, public BatchWorld {
 protected:
  BatchService batches{{*keys, names, *store, *recorder, clock, [this] { ++woken_; }}};
  const RequestContext me = context();
  std::atomic<int> woken_{0};

  static std::vector<Json> lines(const std::string& ndjson) {
    std::vector<Json> list;
    std::istringstream stream(ndjson);
    for (std::string line; std::getline(stream, line);) list.push_back(parse_json(line).value());
    return list;
  }
};

TEST_F(BatchUseCase, ABatchGoesFromUploadToResults) {
  auto taken = batches.receive(BatchFormat::ndjson, 0.4, me).value();
  const std::string text = upload(250);
  for (std::size_t i = 0; i < text.size(); i += 1000) ASSERT_TRUE(taken->take(std::string_view(text).substr(i, 1000)));
  EXPECT_EQ(batches.list(me).value()["batches"][0]["state"], "receiving");
  const Json sent = taken->finish().value();
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(sent["state"], "running");
  EXPECT_EQ(sent["cases"], 250);
  EXPECT_EQ(sent["threshold"], 0.4);
  const std::string id = sent["id"];
  work(id);
  const Json done = batches.info(id, me).value();
  EXPECT_EQ(done["state"], "done");
  EXPECT_EQ(done["answered"], 250 - refused_of(250));
  EXPECT_FALSE(done.contains("seconds_left"));
  std::vector<Json> all;
  BatchPage page;
  do {
    page = batches.results(id, page.last_line, 100, me).value();
    const std::vector<Json> some = lines(page.ndjson);
    EXPECT_LE(some.size(), 100u);
    all.insert(all.end(), some.begin(), some.end());
  } while (page.more);
  ASSERT_EQ(all.size(), 250u);
  EXPECT_EQ(all[0]["line"], 1);
  EXPECT_EQ(all[0]["answer"]["request_id"], all[0]["request_id"]);
  EXPECT_EQ(all[0]["request_id"], names.request_id(id, 1));
  EXPECT_EQ(all[6]["problem"]["code"], "invalid");
  EXPECT_FALSE(all[6].contains("request_id"));
  const auto read = entries("batch.read");
  EXPECT_EQ(read.at(all[0]["request_id"]).at(0).subject, names.token("patient", "p1"));
  EXPECT_EQ(read.size(), 250 - refused_of(250) + 1);
}

TEST_F(BatchUseCase, NobodyElseLearnsThatItIsThere) {
  const std::string id = send(upload(3));
  const RequestContext other = context("icu");
  EXPECT_EQ(batches.info(id, other).error().code, ErrorCode::not_found);
  EXPECT_EQ(batches.results(id, 0, 10, other).error().code, ErrorCode::not_found);
  EXPECT_EQ(batches.cancel(id, other).error().code, ErrorCode::not_found);
  EXPECT_EQ(batches.info(make_uuid(), other).error().external, batches.info(id, other).error().external);
  EXPECT_TRUE(batches.list(other).value()["batches"].empty());
  EXPECT_EQ(batches.list(me).value()["batches"].size(), 1u);
}

TEST_F(BatchUseCase, AnAdministratorSeesAndStopsWhatOthersSentAndReadsNothingOfIt) {
  const std::string id = send(upload(3));
  RequestContext office = context("office");
  office.role = "admin";
  EXPECT_EQ(batches.list(office).value()["batches"][0]["owner"], me.actor);
  EXPECT_EQ(batches.info(id, office).value()["cases"], 3);
  EXPECT_EQ(batches.results(id, 0, 10, office).error().code, ErrorCode::not_found);
  EXPECT_EQ(batches.cancel(id, office).value()["state"], "cancelled");
  const auto cancelled = entries("batch.cancel");
  EXPECT_EQ(cancelled.at(office.request_id).at(0).outcome, "asked:" + id);
  EXPECT_EQ(cancelled.at(office.request_id).at(0).actor, "office");
}

TEST_F(BatchUseCase, WhatWasDeletedSaysSo) {
  const std::string id = send(upload(3));
  work(id);
  PatientRecords patients(*store, *keys, names);
  EXPECT_EQ(patients.remove(names.token("patient", "p2")).value(), 1u);
  const std::vector<Json> all = lines(batches.results(id, 0, 10, me)->ndjson);
  EXPECT_EQ(all.at(1)["deleted"], true);
  EXPECT_FALSE(all.at(1).contains("answer"));
  EXPECT_TRUE(all.at(2).contains("answer"));
}

TEST_F(BatchUseCase, AnUploadThatIsCutOffIsCancelled) {
  {
    auto taken = batches.receive(BatchFormat::ndjson, std::nullopt, me).value();
    ASSERT_TRUE(taken->take(upload(150)));
  }
  const Json batch = batches.list(me).value()["batches"][0];
  EXPECT_EQ(batch["state"], "cancelled");
  EXPECT_FALSE(store->batches().claim("w", std::chrono::seconds(1)).value());
}

TEST_F(BatchUseCase, AnUploadWhoseServerDiedIsCancelledLater) {
  cases::BatchInfo old;
  old.id = make_uuid();
  old.owner = "ward";
  old.format = "csv";
  old.created = clock.now() - limits::kBatchUploadTimeout - std::chrono::minutes(2);
  old.options = write_options({{}, "clinician", ""});
  ASSERT_TRUE(store->batches().create(old));
  auto fresh = batches.receive(BatchFormat::csv, std::nullopt, me).value();
  EXPECT_EQ(batches.cancel_abandoned().value(), 1u);
  EXPECT_EQ(store->batches().info(old.id)->state, cases::BatchState::cancelled);
  EXPECT_EQ(batches.cancel_abandoned().value(), 0u);
}

TEST_F(BatchUseCase, OnlySoManyUploadsAtOnce) {
  std::vector<std::unique_ptr<BatchUpload>> uploads;
  for (std::size_t i = 0; i < limits::kMaxBatchUploads; ++i) uploads.push_back(batches.receive(BatchFormat::csv, std::nullopt, me).value());
  EXPECT_EQ(batches.receive(BatchFormat::csv, std::nullopt, me).error().code, ErrorCode::overloaded);
  uploads.pop_back();
  EXPECT_TRUE(batches.receive(BatchFormat::csv, std::nullopt, me));
}

TEST_F(BatchUseCase, CancellingIsForWhatIsNotDone) {
  const std::string waiting = send(upload(3)), done = send(upload(3));
  EXPECT_EQ(batches.cancel(waiting, me).value()["state"], "cancelled");
  EXPECT_EQ(batches.cancel(waiting, me).value()["state"], "cancelled");
  work(done);
  EXPECT_EQ(batches.cancel(done, me).value()["state"], "done");
}

TEST_F(BatchUseCase, AnIntakeGoesOnWhereItWasCut) {
  const std::string text = upload(1000);
  cases::BatchInfo batch;
  batch.id = make_uuid();
  batch.owner = "ward";
  batch.format = "ndjson";
  batch.created = clock.now();
  batch.options = write_options({{}, "clinician", ""});
  ASSERT_TRUE(store->batches().create(batch));
  {
    BatchIntake cut(store->batches(), *keys, batch.id, BatchFormat::ndjson);
    ASSERT_TRUE(cut.take(std::string_view(text).substr(0, text.size() / 2)));
  }
  const std::uint64_t stored = store->batches().info(batch.id)->chunks;
  ASSERT_GT(stored, 0u);
  BatchIntake again(store->batches(), *keys, batch.id, BatchFormat::ndjson, stored);
  for (std::size_t i = 0; i < text.size(); i += 777) ASSERT_TRUE(again.take(std::string_view(text).substr(i, 777)));
  ASSERT_TRUE(again.finish());
  ASSERT_TRUE(store->batches().set_state(batch.id, cases::BatchState::ready));
  EXPECT_EQ(work(batch.id).answered, 1000 - refused_of(1000));
  EXPECT_EQ(outcomes(batch.id).size(), 1000u);
}

}  // namespace
}  // namespace osler::service
