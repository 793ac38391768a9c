// The small world over a real store and a real audit log, with every service around cases; and stores that are slow or broken where a test says so.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <map>

#include "audit/reader.h"
#include "base/ids.h"
#include "cases/sqlite/sqlite_store.h"
#include "service/case_service.h"
#include "service/diagnose_service.h"
#include "small_world.h"
#include "../vault/fixed_keys.h"
#include "vault/key_file.h"
#include "cases/key_table.h"

namespace osler::service {

/// The similar cases of another store, unless a test holds them back or breaks them.
class ReluctantSimilarCases final : public cases::SimilarCases {
 public:
  explicit ReluctantSimilarCases(cases::SimilarCases& inner) : inner_(inner) {}

  Result<std::vector<cases::Neighbour>> nearest(std::string_view set, std::span<const float> vector, std::size_t count, const cases::CaseFilter& filter,
                                                std::string_view exclude) override {
    if (broken) return make_error(ErrorCode::unavailable, "The database does not answer.");
    if (held) released.get_future().wait();
    return inner_.nearest(set, vector, count, filter, exclude);
  }
  Result<cases::CaseSummary> summary(std::string_view id) override { return inner_.summary(id); }
  Result<void> put_summary(std::string_view id, const cases::CaseSummary& summary) override { return inner_.put_summary(id, summary); }
  Result<bool> replace_summary(std::string_view id, const cases::CaseSummary& before, const cases::CaseSummary& after) override {
    if (overtakes > 0 && overtakes-- > 0) return false;
    return inner_.replace_summary(id, before, after);
  }
  Result<std::vector<std::string>> of_other_sets(std::string_view set, std::string_view after, std::size_t limit) override { return inner_.of_other_sets(set, after, limit); }
  Result<std::vector<cases::ListedCase>> visible_to(const cases::Reader& reader, std::uint64_t before, std::size_t limit) override {
    return inner_.visible_to(reader, before, limit);
  }
  Result<std::uint64_t> count() override { return inner_.count(); }

  bool broken = false, held = false;
  int overtakes = 0;  // so many replacements find that somebody else was first
  std::promise<void> released;

 private:
  cases::SimilarCases& inner_;
};

class ReluctantStore final : public cases::Store {
 public:
  explicit ReluctantStore(std::unique_ptr<cases::Store> inner) : inner_(std::move(inner)), similar(inner_->similar_cases()) {}

  Result<void> put(std::span<const cases::SealedRecord> records) override { return inner_->put(records); }
  Result<cases::SealedRecord> get(std::string_view id) override { return inner_->get(id); }
  Result<void> remove(std::span<const std::string> ids) override { return inner_->remove(ids); }
  Result<std::uint64_t> count() override { return inner_->count(); }
  Result<std::vector<cases::RecordSummary>> newest(std::size_t limit) override { return inner_->newest(limit); }
  Result<std::vector<cases::RecordSummary>> page(std::uint64_t after, std::size_t limit) override { return inner_->page(after, limit); }
  Result<std::vector<cases::RecordSummary>> of_patient(std::string_view token, std::size_t limit) override { return inner_->of_patient(token, limit); }
  Result<std::vector<cases::RecordSummary>> expired(WallTime before, std::size_t limit) override { return inner_->expired(before, limit); }
  Result<void> set_hold(std::string_view token, bool is_held) override { return inner_->set_hold(token, is_held); }
  Result<bool> is_held(std::string_view token) override { return inner_->is_held(token); }
  Result<std::vector<std::string>> holds() override { return inner_->holds(); }
  Result<void> share(std::string_view id, std::string_view reader) override { return inner_->share(id, reader); }
  Result<std::vector<std::string>> readers(std::string_view id) override { return inner_->readers(id); }
  cases::KeyTable& keys() override { return inner_->keys(); }
  cases::SimilarCases& similar_cases() override { return similar; }
  cases::Batches& batches() override { return inner_->batches(); }
  cases::ApiKeys& api_keys() override { return inner_->api_keys(); }
  Result<void> probe() override { return inner_->probe(); }
  Result<void> close() override { return inner_->close(); }

 private:
  const std::unique_ptr<cases::Store> inner_;

 public:
  ReluctantSimilarCases similar;
};

class CaseWorld : public testing::Test {
 protected:
  CaseWorld() {
    char pattern[] = "/tmp/osler-cases-XXXXXX";
    folder_ = mkdtemp(pattern);
    store_ = std::make_unique<ReluctantStore>(cases::open_sqlite_store(*files_, *keys_->ring(), {.path = folder_ + "/store.sqlite", .vfs = ""}).value());
    EXPECT_TRUE(store_->keys().note(1, keys_->ring()->check_value(1)));
    audit_keys_ = std::make_unique<audit::Keys>(vault::load_or_create_audit_secrets(*files_, folder_ + "/secrets", *keys_->ring()).value());
    log_ = audit::Log::open(*files_, clock_, *audit_keys_, {.folder = folder_ + "/audit", .witness = ""}).value();
    recorder_ = std::make_unique<Recorder>(*store_, *log_, *keys_);
    finder_ = std::make_unique<SimilarCaseFinder>(world_.knowledge, *store_, *keys_, names_);
    lookups_ = std::make_unique<Lookups>(2);
    patients_ = std::make_unique<PatientRecords>(*store_, *keys_, names_);
    diagnoses_ = make_diagnose_service({world_.answerer, world_.knowledge, world_.reader, *keys_, names_, *store_, *log_, *recorder_, *finder_, *lookups_, clock_});
    cases_ = make_case_service({world_.answerer, world_.knowledge, *finder_, *lookups_, *patients_, *store_, *keys_, names_, *recorder_, clock_});
  }
  ~CaseWorld() override {
    lookups_.reset();
    recorder_->stop();
    std::filesystem::remove_all(folder_);
  }

  static RequestContext as(const std::string& actor, const std::string& role = "clinician") { return {make_uuid(), actor, role, "127.0.0.1", false, {}}; }
  static RequestContext with_reason(RequestContext context, const std::string& reason) {
    context.break_glass = std::make_shared<const vault::Phi<std::string>>(std::string(reason));
    return context;
  }

  /// Signs by number (small_world.h), of a patient.
  static std::string body_of(const std::vector<int>& signs, const std::string& patient = "", double age = 40) {
    Json json{{"age", age}, {"symptoms", Json::array()}, {"severity", "mild"}, {"sex", "female"}};
    for (const int number : signs) json["symptoms"].push_back(sign(number) + " seen");
    if (!patient.empty()) json["patient_id"] = patient;
    return json.dump();
  }

  Json diagnose(const std::string& body, const RequestContext& context) {
    std::promise<Result<DiagnoseAnswer>> promise;
    diagnoses_->diagnose(body, context, {}, [&](Result<DiagnoseAnswer> answer) { promise.set_value(std::move(answer)); });
    Result<DiagnoseAnswer> answer = promise.get_future().get();
    if (!answer) ADD_FAILURE() << describe(answer.error());
    return answer ? parse_json(answer->json).value() : Json();
  }
  /// The request id of a stored case.
  std::string store_case(const std::vector<int>& signs, const RequestContext& context, const std::string& patient = "", double age = 40) {
    return diagnose(body_of(signs, patient, age), context)["request_id"];
  }

  template <typename Call>
  static Result<Json> told(Call call) {
    std::promise<Result<std::string>> promise;
    call([&](Result<std::string> answer) { promise.set_value(std::move(answer)); });
    Result<std::string> answer = promise.get_future().get();
    if (!answer) return answer.error();
    return parse_json(*answer);
  }
  Result<Json> search(const Json& body, const RequestContext& context) {
    return told([&](CaseService::JsonDone done) { cases_->search(body.dump(), context, std::move(done)); });
  }
  Result<Json> read(const std::string& id, const RequestContext& context) {
    return told([&](CaseService::JsonDone done) { cases_->read(id, context, std::move(done)); });
  }
  Result<Json> list(const CaseListOptions& options, const RequestContext& context) {
    return told([&](CaseService::JsonDone done) { cases_->list(options, context, std::move(done)); });
  }
  Result<Json> confirm(const std::string& id, const Json& body, const RequestContext& context) {
    return told([&](CaseService::JsonDone done) { cases_->record_outcome(id, body.dump(), context, std::move(done)); });
  }
  Result<Json> share(const std::string& id, const std::string& with, const RequestContext& context) {
    return told([&](CaseService::JsonDone done) { cases_->share(id, Json{{"with", with}}.dump(), context, std::move(done)); });
  }
  Result<Json> delete_patient(const std::string& patient, const RequestContext& context) {
    return told([&](CaseService::JsonDone done) { cases_->delete_patient(Json{{"patient_id", patient}}.dump(), context, std::move(done)); });
  }
  Result<Json> hold(const std::string& patient, bool held, const RequestContext& context) {
    return told([&](CaseService::JsonDone done) { cases_->hold_patient(Json{{"patient_id", patient}, {"held", held}}.dump(), context, std::move(done)); });
  }

  /// "action outcome" of the audit entries of a request, in order; with `subject`, of those about this patient.
  std::vector<std::string> audited(const std::string& request_id, const std::string& patient = "") {
    std::vector<std::string> lines;
    EXPECT_TRUE(audit::read_entries(*files_, *audit_keys_, folder_ + "/audit", [&](std::uint64_t, std::string_view json) -> Result<void> {
      const audit::Entry entry = audit::parse_entry(json).value().entry;
      if (entry.request_id == request_id && (patient.empty() || entry.subject == names_.token("patient", patient))) lines.push_back(entry.action + " " + entry.outcome);
      return ok();
    }));
    return lines;
  }

  /// "action" of the audit entries whose answer showed something of this patient beside its own.
  std::vector<std::string> shown_beside(const std::string& patient) {
    std::vector<std::string> actions;
    EXPECT_TRUE(audit::read_entries(*files_, *audit_keys_, folder_ + "/audit", [&](std::uint64_t, std::string_view json) -> Result<void> {
      const audit::Entry entry = audit::parse_entry(json).value().entry;
      const auto times = std::count(entry.also_shown.begin(), entry.also_shown.end(), names_.token("patient", patient));
      actions.insert(actions.end(), static_cast<std::size_t>(times), entry.action);
      return ok();
    }));
    return actions;
  }

  static std::vector<std::string> ids_of(const Json& cases) {
    std::vector<std::string> ids;
    for (const Json& one : cases) ids.push_back(one["request_id"]);
    return ids;
  }

  using Strings = std::vector<std::string>;

  SmallWorld world_;
  SystemClock clock_;
  std::string folder_;
  const std::unique_ptr<FileSystem> files_ = make_file_system();
  const std::unique_ptr<vault::KeySource> keys_ = vault::fixed_keys();
  const vault::Names names_ = vault::Names::random();
  std::unique_ptr<ReluctantStore> store_;
  std::unique_ptr<audit::Keys> audit_keys_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<SimilarCaseFinder> finder_;
  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<PatientRecords> patients_;
  std::unique_ptr<DiagnoseService> diagnoses_;
  std::unique_ptr<CaseService> cases_;
};

}  // namespace osler::service
