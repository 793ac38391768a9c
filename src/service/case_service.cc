#include "service/case_service.h"

#include <algorithm>
#include <set>

#include "audit/actions.h"
#include "base/ids.h"
#include "service/case_access.h"
#include "service/case_requests.h"
#include "service/interaction.h"
#include "service/record_payload.h"

namespace osler::service {

namespace {

using audit::Action;

constexpr int kTries = 5;  // of a change that another one overtook
constexpr std::string_view kReaderName = "reader";  // the kind of name, for vault::Names

/// What the audit entry of a use-case says, as far as it got.
struct Told {
  Action action;
  std::string verdict = "answered";
  std::string subject{}, commitment{};
  std::vector<std::string> also_shown{};  // of an answer that is given
  std::optional<cases::SealedRecord> record{};  // stored with the entry
};

using Work = std::function<Result<Json>(Told&)>;

Error no_case() { return make_error(ErrorCode::not_found, "There is no such case."); }

/// The caller's to mend, or ours.
std::string verdict_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable: case ErrorCode::corrupted: case ErrorCode::internal: case ErrorCode::timeout: case ErrorCode::overloaded:
      return "failed:" + std::string(name_of(error.code));
    default: return "refused:" + std::string(name_of(error.code));
  }
}

/// An error of what stands in `member` of a body, in the body's own terms.
Error moved_under(Error error, const std::string& member) {
  for (FieldError& field : error.fields) field.pointer = "/" + member + field.pointer;
  return error;
}

Json write_request_and_answer(const RecordedInteraction& recorded) {
  if (const auto* diagnosis = std::get_if<RecordedDiagnosis>(&recorded)) return {{"request", diagnosis->request}, {"answer", diagnosis->answer}};
  const RecordedFilm& film = std::get<RecordedFilm>(recorded);
  return {{"film", {{"sha256", film.sha256}, {"bytes", film.bytes}}}, {"answer", film.answer}};
}

class WiredCaseService final : public CaseService {
 public:
  explicit WiredCaseService(CaseServiceParts parts) : parts_(parts) {}

  void search(std::string_view body, const RequestContext& context, JsonDone done) override {
    Result<SearchRequest> request = parse_search(body, parts_.knowledge);
    if (!request) return refuse(Action::search, std::move(request).error(), context, std::move(done));
    std::optional<CaseInQuestion> sent;
    if (request->patient_case) {
      Result<CaseAnswer> answer = parts_.answerer.answer(request->patient_case->dump(), context.request_id, {});
      if (!answer) return refuse(Action::search, moved_under(std::move(answer).error(), "case"), context, std::move(done));
      sent = parts_.finder.in_question(answer->vector, answer->summary, answer->patient_id);
    }
    give(Action::search, context, [this, context, request = std::move(*request), sent = std::move(sent)](Told& told) -> Result<Json> {
      // Their cases are left out, so the list tells something of whoever is named.
      if (sent && request.patient_case->contains("patient_id")) told.subject = sent->patient_token;
      const CaseInQuestion one = sent ? *sent : TRY(stored_case(request.request_id, context, told));
      SimilarCaseList found = TRY(parts_.finder.find(one, request.count, kLeastFound, request.question));
      told.also_shown = std::move(found.patients);
      return Json{{"request_id", context.request_id}, {"cases", std::move(found.list)}};
    }, std::move(done));
  }

  void list(const CaseListOptions& options, const RequestContext& context, JsonDone done) override {
    give(Action::list, context, [this, context, options](Told& told) -> Result<Json> {
      const std::string shared_as = sees_shared_cases(context.role) ? sealed_reader(context.actor) : std::string();
      const cases::Reader reader{context.actor, shared_as};
      const std::vector<cases::ListedCase> page = TRY(parts_.store.similar_cases().visible_to(reader, options.before, options.limit));
      Json answer{{"request_id", context.request_id}, {"cases", Json::array()}, {"next", Json()}};
      std::set<std::string> patients;
      for (const cases::ListedCase& one : page) {
        answer["cases"].push_back(TRY(write_listed(one)));
        patients.insert(one.record.patient_token);
      }
      told.also_shown.assign(patients.begin(), patients.end());
      if (page.size() == options.limit) answer["next"] = page.back().record.sequence;
      return answer;
    }, std::move(done));
  }

  void read(std::string_view id, const RequestContext& context, JsonDone done) override {
    give(Action::read, context, [this, context, id = std::string(id)](Told& told) -> Result<Json> {
      CaseAccess access = CaseAccess::none;
      const cases::SealedRecord record = TRY(visible(id, context, context.break_glass != nullptr, told, access));
      Json answer = TRY(write_case(record, told));
      if (access == CaseAccess::emergency) note_emergency(record, context, told);
      return answer;
    }, std::move(done));
  }

  void record_outcome(std::string_view id, std::string_view body, const RequestContext& context, JsonDone done) override {
    Result<CaseOutcome> outcome = parse_outcome(body, parts_.knowledge, parts_.clock.now());
    if (!outcome) return refuse(Action::outcome, std::move(outcome).error(), context, std::move(done));
    outcome->recorded_by = context.actor;
    outcome->recorded_at = to_rfc3339(parts_.clock.now());
    give(Action::outcome, context, [this, context, id = std::string(id), outcome = std::move(*outcome)](Told& told) -> Result<Json> {
      CaseAccess access = CaseAccess::none;
      TRY(visible(id, context, false, told, access));
      TRY_VOID(begin(Action::outcome, context, told.subject));
      TRY_VOID(store_outcome(id, outcome, told));
      told.verdict = "recorded";
      return Json{{"request_id", context.request_id}, {"case", id}, {"outcome", write_whole_outcome(outcome)}};
    }, std::move(done));
  }

  void share(std::string_view id, std::string_view body, const RequestContext& context, JsonDone done) override {
    Result<std::string> reader = parse_share(body);
    if (!reader) return refuse(Action::share, std::move(reader).error(), context, std::move(done));
    give(Action::share, context, [this, context, id = std::string(id), reader = std::move(*reader)](Told& told) -> Result<Json> {
      CaseAccess access = CaseAccess::none;
      TRY(visible(id, context, false, told, access));
      if (access != CaseAccess::owner) return no_case();
      TRY_VOID(begin(Action::share, context, told.subject));
      TRY_VOID(parts_.store.share(id, sealed_reader(reader)));
      told.verdict = "shared";
      return Json{{"request_id", context.request_id}, {"case", id}, {"shared_with", TRY(readers_of(id))}};
    }, std::move(done));
  }

  void delete_patient(std::string_view body, const RequestContext& context, JsonDone done) override {
    const Result<PatientRequest> request = parse_patient(body, false);
    if (!request) return refuse(Action::delete_patient, request.error(), context, std::move(done));
    give(Action::delete_patient, context, [this, context, token = parts_.patients.token_of(request->patient_id)](Told& told) -> Result<Json> {
      told.subject = token;
      // Known before the first entry: a restored copy deletes again whatever a deletion was begun for.
      if (TRY(parts_.store.is_held(token))) return make_error(ErrorCode::conflict, "The records of this patient are under legal hold: release it first.");
      TRY_VOID(begin(Action::delete_patient, context, token));
      const std::uint64_t removed = TRY(parts_.patients.remove(token));
      told.verdict = "deleted:" + std::to_string(removed);
      return Json{{"request_id", context.request_id}, {"deleted", removed}};
    }, std::move(done));
  }

  void hold_patient(std::string_view body, const RequestContext& context, JsonDone done) override {
    const Result<PatientRequest> request = parse_patient(body, true);
    if (!request) return refuse(Action::hold, request.error(), context, std::move(done));
    const Action action = request->held ? Action::hold : Action::release_hold;
    give(action, context, [this, context, action, held = request->held, token = parts_.patients.token_of(request->patient_id)](Told& told) -> Result<Json> {
      told.subject = token;
      TRY_VOID(begin(action, context, token));
      TRY_VOID(parts_.patients.set_hold(token, held));
      told.verdict = held ? "held" : "released";
      return Json{{"request_id", context.request_id}, {"held", held}};
    }, std::move(done));
  }

 private:
  static constexpr double kLeastFound = 0.0001;  // whoever searches sees how far the last ones are; what shares nothing is not like it

  /// Runs `work`, which waits for the store, and answers what it gives once that is audited.
  void give(Action action, const RequestContext& context, Work work, JsonDone done) {
    const bool taken = parts_.lookups.submit([this, action, context, work = std::move(work), done] {
      Told told{action};
      Result<Json> answer = work(told);
      tell(context, std::move(told), std::move(answer), done);
    });
    if (!taken) done(make_error(ErrorCode::overloaded, "Too many requests wait for the store. Try again shortly."));
  }

  void refuse(Action action, Error error, const RequestContext& context, JsonDone done) { tell(context, Told{action}, std::move(error), std::move(done)); }

  void tell(const RequestContext& context, Told told, Result<Json> answer, JsonDone done) {
    audit::Entry entry = entry_for(context, told.action, answer ? told.verdict : verdict_of(answer.error()));
    entry.subject = std::move(told.subject);
    if (answer) {
      entry.commitment = std::move(told.commitment);
      entry.also_shown = std::move(told.also_shown);
    }
    Result<std::string> given = answer ? Result<std::string>(answer->dump()) : Result<std::string>(std::move(answer).error());
    parts_.recorder.submit({std::move(entry), std::move(told.record)}, [given = std::move(given), done = std::move(done)](Result<void> recorded) mutable {
      done(recorded ? std::move(given) : Result<std::string>(std::move(recorded).error()));
    });
  }

  /// Says in the audit that something is about to change, and waits until that is durable: no change goes unsaid.
  Result<void> begin(Action action, const RequestContext& context, const std::string& subject) {
    audit::Entry entry = entry_for(context, action, "begun");
    entry.subject = subject;
    return parts_.recorder.record(std::move(entry));
  }

  /// A record that the caller may see, and as whom. Tells the audit whose it is, also when they may not.
  Result<cases::SealedRecord> visible(const std::string& id, const RequestContext& context, bool breaks_glass, Told& told, CaseAccess& access) {
    if (!is_uuid(id)) return no_case();
    Result<cases::SealedRecord> record = parts_.store.get(id);
    if (!record) return record.error().code == ErrorCode::not_found ? no_case() : record.error();
    told.subject = record->patient_token;
    access = access_to_case(context.role, context.actor, record->owner, TRY(readers_of(id)), breaks_glass);
    if (access == CaseAccess::none) return no_case();
    return record;
  }

  /// As the store knows somebody that a case is shared with: sealed, since nothing keeps a caller from typing a patient's name there.
  std::string sealed_reader(const std::string& name) const {
    return name == kEveryClinician ? name : parts_.names.sealed_name(kReaderName, name);
  }

  /// Names of those whom a case is shared with, in their order.
  Result<std::vector<std::string>> readers_of(const std::string& id) const {
    std::vector<std::string> names = TRY(parts_.store.readers(id));
    for (std::string& name : names)
      if (name != kEveryClinician) name = TRY(parts_.names.open_name(kReaderName, name));
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<CaseInQuestion> stored_case(const std::string& id, const RequestContext& context, Told& told) {
    CaseAccess access = CaseAccess::none;
    const cases::SealedRecord record = TRY(visible(id, context, false, told, access));
    cases::CaseSummary summary = TRY(summary_of(id));
    const SummaryContent content = TRY(open_summary(*parts_.keys.ring_for(summary.content.wrapped_key), id, summary.content));
    return CaseInQuestion{std::move(summary.vector_set), std::move(summary.vector), content.present, record.patient_token};
  }

  Result<cases::CaseSummary> summary_of(const std::string& id) {
    Result<cases::CaseSummary> summary = parts_.store.similar_cases().summary(id);
    if (summary || summary.error().code != ErrorCode::not_found) return summary;
    return make_error(ErrorCode::conflict, "This is no case that others are compared with: a film, or older than that.");
  }

  Result<void> store_outcome(const std::string& id, const CaseOutcome& outcome, Told& told) {
    for (int i = 0; i < kTries; ++i) {
      const cases::CaseSummary before = TRY(summary_of(id));
      SummaryContent content = TRY(open_summary(*parts_.keys.ring_for(before.content.wrapped_key), id, before.content));
      content.outcome = outcome;
      const cases::CaseSummary after = seal_summary(*parts_.keys.ring(), parts_.names, id, before.vector_set, before.vector, content);
      told.commitment = parts_.names.commitment(as_bytes(write_summary(content)));
      if (TRY(parts_.store.similar_cases().replace_summary(id, before, after))) return ok();
    }
    return make_error(ErrorCode::conflict, "Somebody else changes this case at the moment. Try again shortly.");
  }

  Json write_whole_outcome(const CaseOutcome& outcome) const {
    Json json = write_confirmed(parts_.knowledge, outcome);
    json["note"] = outcome.note;
    json["recorded_by"] = outcome.recorded_by;
    json["recorded_at"] = outcome.recorded_at;
    return json;
  }

  Result<Json> write_listed(const cases::ListedCase& one) const {
    const SummaryContent content = TRY(open_summary(*parts_.keys.ring_for(one.content.wrapped_key), one.record.request_id, one.content));
    Json json{{"request_id", one.record.request_id}, {"time", to_rfc3339(one.record.time)}, {"owner", one.record.owner}, {"model_version", one.record.model_version}};
    json["age_years"] = content.age_years;
    json["sex"] = name_of(content.sex);
    json["suspected"] = write_first_candidate(parts_.knowledge, content.candidates);
    json["outcome"] = write_confirmed(parts_.knowledge, content.outcome);
    return json;
  }

  Result<Json> write_case(const cases::SealedRecord& record, Told& told) {
    const vault::Phi<std::string> payload = TRY(cases::open_record(*parts_.keys.ring_for(record.content.wrapped_key), record));
    if (!is_interaction(payload.reveal_phi())) return no_case();
    Json json{{"request_id", record.request_id}, {"time", to_rfc3339(record.time)}, {"owner", record.owner}, {"model_version", record.model_version}};
    json["shared_with"] = TRY(readers_of(record.request_id));
    const RecordedInteraction recorded = TRY(parse_payload(payload.reveal_phi()));
    json.update(write_request_and_answer(recorded));
    if (const auto* diagnosis = std::get_if<RecordedDiagnosis>(&recorded)) told.also_shown = diagnosis->also_shown;
    json["outcome"] = Json();
    const Result<cases::CaseSummary> summary = parts_.store.similar_cases().summary(record.request_id);
    if (!summary && summary.error().code != ErrorCode::not_found) return summary.error();
    if (!summary) return json;
    const SummaryContent content = TRY(open_summary(*parts_.keys.ring_for(summary->content.wrapped_key), record.request_id, summary->content));
    if (content.outcome) json["outcome"] = write_whole_outcome(*content.outcome);
    return json;
  }

  /// The reason is a record of the patient's, sealed, and goes with them; the log has its commitment.
  void note_emergency(const cases::SealedRecord& record, const RequestContext& context, Told& told) const {
    const std::string payload = write_emergency(record.request_id, context.break_glass->reveal_phi());
    told.action = Action::emergency_access;
    told.commitment = parts_.names.commitment(as_bytes(payload));
    told.record = cases::SealedRecord{context.request_id, record.patient_token, context.actor, parts_.clock.now(), "", {}, {}};
    cases::seal_into(*parts_.keys.ring(), *told.record, as_bytes(payload));
  }

  const CaseServiceParts parts_;
};

}  // namespace

std::unique_ptr<CaseService> make_case_service(CaseServiceParts parts) { return std::make_unique<WiredCaseService>(parts); }

}  // namespace osler::service
