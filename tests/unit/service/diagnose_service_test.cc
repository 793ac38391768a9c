// The whole use-case over a real SQLite store and a real audit log: service/diagnose.h and service/diagnose_service.h.
#include "service/diagnose_service.h"

#include <filesystem>
#include <future>

#include "audit/verify.h"
#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"
#include "requests.h"
#include "small_world.h"
#include "../vault/fixed_keys.h"
#include "vault/key_file.h"

namespace osler::service {

class DiagnoseUseCase : public testing::Test {
 protected:
  DiagnoseUseCase() {
    char pattern[] = "/tmp/osler-service-XXXXXX";
    folder_ = mkdtemp(pattern);
    store_ = cases::open_sqlite_store(*files_, *keys_->ring(), {.path = folder_ + "/store.sqlite", .vfs = ""}).value();
    audit_keys_ = std::make_unique<audit::Keys>(
        vault::load_or_create_audit_secrets(*files_, folder_ + "/secrets", *keys_->ring()).value());
    log_ = audit::Log::open(*files_, clock_, *audit_keys_, {.folder = folder_ + "/audit", .witness = ""}).value();
    recorder_ = std::make_unique<Recorder>(*store_, *log_, *keys_);
    finder_ = std::make_unique<SimilarCaseFinder>(world_.knowledge, *store_, *keys_, names_);
    lookups_ = std::make_unique<Lookups>(1);
    service_ = make_diagnose_service({world_.answerer, world_.knowledge, world_.reader, *keys_, names_, *store_, *log_, *recorder_, *finder_, *lookups_, clock_});
  }
  ~DiagnoseUseCase() override {
    service_.reset();
    lookups_.reset();
    recorder_->stop();
    std::filesystem::remove_all(folder_);
  }

  Result<DiagnoseAnswer> ask(const std::string& body) {
    std::promise<Result<DiagnoseAnswer>> promise;
    request_id_ = make_uuid();
    service_->diagnose(body, {request_id_, "tester", "clinician", "127.0.0.1", false, {}}, {},
                       [&](Result<DiagnoseAnswer> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }

  SmallWorld world_;
  SystemClock clock_;
  std::string folder_, request_id_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
  const std::unique_ptr<vault::KeySource> keys_ = vault::fixed_keys();
  const vault::Names names_ = vault::Names::random();
  std::unique_ptr<cases::Store> store_;
  std::unique_ptr<audit::Keys> audit_keys_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<SimilarCaseFinder> finder_;
  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<DiagnoseService> service_;
};

const char* const kCough = R"({"age": 40, "symptoms": ["cough", "fever"], "severity": "mild", "patient_id": "Ada Canary"})";

TEST_F(DiagnoseUseCase, AnAnswerIsStoredSealedAndAuditedBeforeItIsGiven) {
  const Result<DiagnoseAnswer> answer = ask(kCough);
  ASSERT_TRUE(answer) << describe(answer.error());
  const Result<cases::SealedRecord> record = store_->get(request_id_);
  ASSERT_TRUE(record);
  const Json payload = parse_json(cases::open_record(*keys_->ring(), *record)->reveal_phi()).value();
  EXPECT_EQ(payload["request"]["patient_id"], "Ada Canary");
  EXPECT_EQ(payload["answer"].dump(), answer->json);
  EXPECT_EQ(log_->size(), 1u);
}

TEST_F(DiagnoseUseCase, NothingOnDiskHoldsThePatient) {
  ASSERT_TRUE(ask(kCough));
  recorder_->stop();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!entry.is_regular_file()) continue;
    const Bytes bytes = files_->read(entry.path().string(), 1 << 26).value();
    EXPECT_EQ(as_text(bytes).find("Canary"), std::string_view::npos) << entry.path();
    EXPECT_EQ(as_text(bytes).find("cough"), std::string_view::npos) << entry.path();
  }
}

TEST_F(DiagnoseUseCase, ARefusalIsAuditedAndStoresNothing) {
  const Result<DiagnoseAnswer> answer = ask(R"({"age": 151, "symptoms": ["cough"], "severity": "mild"})");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::invalid);
  EXPECT_EQ(answer.error().fields.at(0).pointer, "/age");
  EXPECT_EQ(store_->get(request_id_).error().code, ErrorCode::not_found);
  EXPECT_EQ(log_->size(), 1u);
  EXPECT_EQ(ask("{").error().code, ErrorCode::malformed);
  EXPECT_EQ(log_->size(), 2u);
}

TEST_F(DiagnoseUseCase, NoAnswerWithoutItsAuditEntry) {
  ASSERT_TRUE(log_->close());
  const Result<DiagnoseAnswer> answer = ask(kCough);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(service_->readiness().first);
}

TEST_F(DiagnoseUseCase, TheLogVerifiesAfterwards) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(ask(kCough));
  recorder_->stop();
  ASSERT_TRUE(log_->close());
  const audit::VerifyReport report = audit::verify(*files_, *audit_keys_, {.folder = folder_ + "/audit", .witness = ""}).value();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.entries, 5u);
}

TEST_F(DiagnoseUseCase, CompletionOfALabCarriesWhatSendingItNeeds) {
  const Json labs = parse_json(service_->complete("gluc", "lab", 5)).value();
  ASSERT_FALSE(labs.empty());
  EXPECT_EQ(labs[0]["id"], "glucose");
  EXPECT_EQ(labs[0]["code"], "2345-7");
  EXPECT_EQ(labs[0]["unit"], "mg/dL");
  EXPECT_EQ(labs[0]["units"].size(), 2u);
  EXPECT_EQ(parse_json(service_->complete("2345-7", "lab", 5)).value()[0]["id"], "glucose");
}

TEST_F(DiagnoseUseCase, CompletionOfAMeasuredFindingIsNoLabResult) {
  const Json entries = parse_json(service_->complete("hyperglyc", "", 5)).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0]["kind"], "lab");
  EXPECT_FALSE(entries[0].contains("code"));
}

}  // namespace osler::service
