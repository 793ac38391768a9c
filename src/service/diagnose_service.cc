#include "service/diagnose_service.h"

#include <algorithm>

#include "base/limits.h"
#include "service/case_access.h"
#include "service/diagnosis_record.h"
#include "service/interaction.h"

namespace osler::service {

namespace {

constexpr std::chrono::milliseconds kEncoderDeadline{1800};  // of the two seconds that an answer may take

class WiredDiagnoseService final : public DiagnoseService {
 public:
  explicit WiredDiagnoseService(DiagnoseParts parts) : parts_(parts) {}
  WiredDiagnoseService(const WiredDiagnoseService&) = delete;
  WiredDiagnoseService& operator=(const WiredDiagnoseService&) = delete;
  /// What the encoder still works on comes back here.
  ~WiredDiagnoseService() override {
    if (parts_.answerer.encoder() != nullptr) parts_.answerer.encoder()->finish();
  }

  void diagnose(std::string_view body, const RequestContext& context, const DiagnoseOptions& options, Done done) override {
    const SteadyTime started = parts_.clock.steady_now();
    if (auto fine = parts_.answerer.check(options); !fine) return refuse(audit::Action::diagnose, std::move(fine).error(), context, std::move(done));
    Result<ReadCase> read = parts_.answerer.read(body);
    if (!read) return refuse(audit::Action::diagnose, std::move(read).error(), context, std::move(done));
    if (!read->for_encoder) return finish(std::move(read).value(), nullptr, parts_.answerer.encoder_trouble(), started, context, options, std::move(done));
    models::EncoderInput input = read->for_encoder->input;
    auto held = std::make_shared<ReadCase>(std::move(read).value());
    parts_.answerer.encoder()->submit(std::move(input), context.others_wait, context.gone, context.arrived.value_or(started) + kEncoderDeadline,
        [this, held, started, context, options, done = std::move(done)](Result<reasoning::EncoderOpinion> opinion) mutable {
          if (opinion) return finish(std::move(*held), &*opinion, "", started, context, options, std::move(done));
          if (opinion.error().code != ErrorCode::overloaded) return refuse(audit::Action::diagnose, std::move(opinion).error(), context, std::move(done));
          finish(std::move(*held), nullptr, opinion.error().external + " The network answered alone.", started, context, options, std::move(done));
        });
  }

  void findings(std::string_view body, const RequestContext& context, JsonDone done) override {
    const SteadyTime started = parts_.clock.steady_now();
    give(audit::Action::findings, parts_.answerer.findings(body), started, context, std::move(done));
  }

  void next(std::string_view body, const RequestContext& context, std::size_t count, JsonDone done) override {
    const SteadyTime started = parts_.clock.steady_now();
    give(audit::Action::next, parts_.answerer.next(body, count), started, context, std::move(done));
  }

  std::string complete(std::string_view prefix, std::string_view kind, std::size_t limit) const override {
    Json list = Json::array();
    for (const language::CaseReader::Completion& entry : parts_.reader.complete(prefix, kind, limit)) {
      Json json{{"id", entry.id}, {"name", entry.name}, {"kind", entry.kind}};
      // A finding such as "hyperglycaemia" is of kind "lab" too, but only a quantity can be sent as a result.
      const auto quantity = parts_.knowledge.quantity_by_id.find(entry.id);
      if (entry.kind == "lab" && quantity != parts_.knowledge.quantity_by_id.end())
        add_lab(parts_.knowledge.quantities[quantity->second], json);
      list.push_back(std::move(json));
    }
    return list.dump();
  }

  std::pair<bool, std::string> readiness() const override {
    const Result<void> store = parts_.store.probe();
    const bool audit = !parts_.log.broken() && parts_.recorder.healthy();
    Json json;
    json["model"] = {{"ready", true}, {"version", model_version()}};
    if (!parts_.answerer.encoder_trouble().empty()) json["encoder"] = {{"ready", false}, {"reason", parts_.answerer.encoder_trouble()}};
    else if (parts_.answerer.encoder() != nullptr) json["encoder"] = {{"ready", true}, {"version", parts_.answerer.encoder()->model().version()}};
    json["store"] = {{"ready", store.has_value()}};
    json["audit"] = {{"ready", audit}, {"entries", parts_.log.size()}};
    return {store.has_value() && audit, json.dump()};
  }

  const std::string& model_version() const override { return parts_.answerer.model_version(); }

 private:
  void finish(ReadCase one, const reasoning::EncoderOpinion* opinion, const std::string& why, SteadyTime started, const RequestContext& context,
              const DiagnoseOptions& options, Done done) {
    auto answer = std::make_shared<CaseAnswer>(parts_.answerer.write(std::move(one), opinion, why, context.request_id, options));
    const CaseInQuestion asked = parts_.finder.in_question(answer->vector, answer->summary, answer->patient_id);
    auto go_on = [this, answer, asked, started, context, options, done = std::move(done)](Result<SimilarCaseList> similar) mutable {
      add_similar(std::move(similar), *answer);
      answer->answer["processing_time_ms"] = milliseconds_between(started, parts_.clock.steady_now());
      record(std::move(*answer), asked, context, options, std::move(done));
    };
    if (!sees_cases(context.role)) return go_on(SimilarCaseList{});
    parts_.lookups.run<SimilarCaseList>([this, asked] { return parts_.finder.find(asked, kSimilarCasesShown, kLeastSimilarity); }, limits::kSimilarCasesPatience, std::move(go_on));
  }

  /// An answer is no worse for a store that is slow or does not answer; whether it can be recorded is another matter.
  static void add_similar(Result<SimilarCaseList> similar, CaseAnswer& answer) {
    if (similar) {
      answer.answer["similar_cases"] = std::move(similar->list);
      answer.also_shown = std::move(similar->patients);
      return;
    }
    answer.answer["warnings"].push_back(similar_cases_left_out());
    answer.statistics.similar_cases_left_out = true;
    ++answer.statistics.warnings;
  }

  /// What the page needs to send a lab: a LOINC code, its usual unit, and the units that convert to it.
  static void add_lab(const clinical::Quantity& quantity, Json& json) {
    json["codes"] = Json::object();
    for (const auto& [code, unit] : quantity.codes) json["codes"][code] = unit;
    const auto usual = std::find_if(quantity.codes.begin(), quantity.codes.end(),
                                    [&](const auto& entry) { return entry.second == quantity.unit; });
    if (usual != quantity.codes.end() || !quantity.codes.empty()) {
      const auto& [code, unit] = usual != quantity.codes.end() ? *usual : *quantity.codes.begin();
      json["code"] = code;
      json["unit"] = unit;
    }
    json["units"] = Json::array();
    for (const auto& [unit, conversion] : quantity.units) json["units"].push_back(unit);
  }

  /// A refused request is audited too; if that fails, the caller learns that instead.
  template <typename Answer>
  void refuse(audit::Action action, Error error, const RequestContext& context, std::function<void(Result<Answer>)> done) {
    RecordRequest request{entry_for(context, action, "refused:" + std::string(name_of(error.code))), std::nullopt};
    parts_.recorder.submit(std::move(request), [error = std::move(error), done = std::move(done)](Result<void> recorded) {
      done(recorded ? Result<Answer>(error) : Result<Answer>(std::move(recorded).error()));
    });
  }

  /// An answer that is audited and not stored.
  void give(audit::Action action, Result<Json> answer, SteadyTime started, const RequestContext& context, JsonDone done) {
    if (!answer) return refuse(action, std::move(answer).error(), context, std::move(done));
    (*answer)["request_id"] = context.request_id;
    (*answer)["model_version"] = model_version();
    (*answer)["processing_time_ms"] = milliseconds_between(started, parts_.clock.steady_now());
    RecordRequest request{entry_for(context, action, "answered"), std::nullopt};
    parts_.recorder.submit(std::move(request), [json = answer->dump(), done = std::move(done)](Result<void> recorded) mutable {
      done(recorded ? Result<std::string>(std::move(json)) : Result<std::string>(std::move(recorded).error()));
    });
  }

  void record(CaseAnswer answer, const CaseInQuestion& asked, const RequestContext& context, const DiagnoseOptions& options, Done done) {
    DiagnoseAnswer given{answer.answer.dump(), std::move(answer.statistics)};
    auto summary = parts_.finder.seal(context.request_id, asked, answer.summary);
    Result<RecordRequest> request = make_diagnosis_record(*parts_.keys.ring(), parts_.names, entry_for(context, audit::Action::diagnose, "answered"), std::move(answer),
                                                          given.json, options, parts_.clock.now());
    if (!request) return done(std::move(request).error());
    request->record->summary = std::move(summary);
    parts_.recorder.submit(std::move(request).value(), [given = std::move(given), done = std::move(done)](Result<void> stored) mutable {
      done(stored ? Result<DiagnoseAnswer>(std::move(given)) : Result<DiagnoseAnswer>(std::move(stored).error()));
    });
  }

  const DiagnoseParts parts_;
};

}  // namespace

std::unique_ptr<DiagnoseService> make_diagnose_service(DiagnoseParts parts) {
  return std::make_unique<WiredDiagnoseService>(parts);
}

}  // namespace osler::service
