// osler replay.
#include <algorithm>
#include <iostream>
#include <map>
#include <optional>

#include "app/command_log.h"
#include "app/commands.h"
#include "app/engine.h"
#include "app/film_engine.h"
#include "app/trust.h"
#include "audit/logs.h"
#include "audit/reader.h"
#include "base/ids.h"
#include "service/replay.h"

namespace osler::app {

namespace {

using service::ReplayOutcome;
using service::ReplayReport;

constexpr const char* kFirstFormat = "The record is of format 1, which does not say what made its answer.";
constexpr const char* kShredded = "The record is shredded: the audit log says that the request was answered, and that its patient's records were deleted since or were too old.";
constexpr const char* kGone = "The record or its key is gone, and no entry of the audit logs here says that it was deleted: it was taken out of the store behind Osler's back, or this is another store. "
                              "The audit log says that the request was answered.";
constexpr const char* kUnknown = "There is no record of this request, and no audit log here knows of one.";

/// Why there is no record, as far as the audit logs know. Times of entries are texts that compare like times.
Result<const char*> why_none(const Config& config, const Trust& trust, const std::string& id) {
  std::optional<audit::LoggedEntry> answered;
  std::string removed_by_age;                 // the last time
  std::map<std::string, std::string> deleted; // likewise, by patient token
  for (const audit::OpenedLog& log : TRY(audit::open_logs(*trust.files, *trust.keys->ring(), config.audit_folder)))
    TRY(audit::read_entries(*trust.files, log.keys, log.folder, [&](std::uint64_t, std::string_view json) -> Result<void> {
      const audit::LoggedEntry logged = TRY(audit::parse_entry(json));
      const audit::Entry& entry = logged.entry;
      if (entry.request_id == id && !entry.commitment.empty()) answered = logged;
      if (entry.action == audit::name_of(audit::Action::retention)) removed_by_age = std::max(removed_by_age, logged.time);
      if (entry.action == audit::name_of(audit::Action::delete_patient) && !entry.outcome.starts_with("refused"))
        deleted[entry.subject] = std::max(deleted[entry.subject], logged.time);
      return ok();
    }));
  if (!answered) return kUnknown;
  const auto deletion = deleted.find(answered->entry.subject);
  const bool is_deleted = deletion != deleted.end() && deletion->second >= answered->time;
  return is_deleted || removed_by_age >= answered->time ? kShredded : kGone;
}

/// The parts of one run; the referents outlive it.
class Replayer {
 public:
  Replayer(const Config& config, const Trust& trust) : config_(config), trust_(trust), archive_(*trust.files, config.archive_folder) {}

  Result<ReplayReport> replay(const std::string& id) {
    const Result<cases::SealedRecord> sealed = trust_.store->get(id);
    if (!sealed && sealed.error().code != ErrorCode::not_found) return sealed.error();
    // What is replayed is opened, so it is said first.
    TRY_VOID(audit_command(trust_, config_, audit::Action::replay, sealed ? "begun" : "refused:not_found", sealed ? sealed->patient_token : "", id));
    if (!sealed) return service::not_comparable(TRY(why_none(config_, trust_, id)));
    const vault::Phi<std::string> payload = TRY(cases::open_record(*trust_.keys->ring_for(sealed->content.wrapped_key), *sealed));
    const service::RecordedInteraction recorded = TRY(service::parse_payload(payload.reveal_phi()));
    return std::visit([&](const auto& record) { return again(record, id); }, recorded);
  }

 private:
  Result<ReplayReport> again(const service::RecordedDiagnosis& record, const std::string& id) {
    if (!record.engine) return service::not_comparable(kFirstFormat);
    const auto& encoder = record.engine->encoder;
    if (encoder && !service::can_repeat(*encoder, record.engine->kernels)) return lacks(*encoder);
    const std::unique_ptr<Engine> engine = TRY(Engine::load_archived(*trust_.files, archive_, *record.engine));
    const Json rebuilt = TRY(service::rebuild(engine->answerer, record, id));
    return service::compare(record.answer, rebuilt, record.engine->program, record.engine->kernels);
  }

  Result<ReplayReport> again(const service::RecordedFilm& record, const std::string& id) {
    if (!record.engine) return service::not_comparable(kFirstFormat);
    if (record.film_record.empty()) return service::not_comparable("The film was not kept (KEEP_FILMS was 0), so it cannot be read again.");
    if (!service::can_repeat(record.engine->image, record.engine->kernels)) return lacks(record.engine->image);
    const FilmEngine engine = TRY(FilmEngine::load_archived(*trust_.files, archive_, config_, record.engine->image));
    const Result<cases::SealedRecord> kept = trust_.store->get(record.film_record);
    if (!kept) return service::not_comparable("The film that was kept cannot be read: " + describe(kept.error()));
    const vault::Phi<std::string> film = TRY(cases::open_record(*trust_.keys->ring_for(kept->content.wrapped_key), *kept));
    const Json rebuilt = TRY(service::rebuild(engine.decoder, *engine.reader, record, film.reveal_phi(), id));
    return service::compare(record.answer, rebuilt, record.engine->program, record.engine->kernels);
  }

  static ReplayReport lacks(const service::ModelIdentity& model) {
    return service::not_comparable("This processor lacks the instructions for " + model.precision + ", in which the model answered.");
  }

  const Config& config_;
  const Trust& trust_;
  models::Archive archive_;
};

Json report_json(const ReplayReport& report, const ReplayRequest& request) {
  Json json{{"request_id", request.request_id}, {"outcome", service::name_of(report.outcome)}, {"reason", report.reason}};
  json["differences"] = Json::array();
  for (const service::ReplayDifference& one : report.differences) {
    Json difference{{"pointer", one.pointer}};
    if (request.show) difference.update({{"recorded", one.recorded}, {"rebuilt", one.rebuilt}});
    json["differences"].push_back(std::move(difference));
  }
  return json;
}

void print_report(const ReplayReport& report, const ReplayRequest& request) {
  std::cout << service::name_of(report.outcome) << (report.reason.empty() ? "" : ": ") << report.reason << "\n";
  for (const service::ReplayDifference& one : report.differences) {
    std::cout << "  " << one.pointer << "\n";
    if (request.show) std::cout << "    recorded " << one.recorded << "\n    now      " << one.rebuilt << "\n";
  }
}

/// What stands in the way of a replay is its outcome.
ReplayReport run(const Config& config, const ReplayRequest& request) {
  if (!is_uuid(request.request_id)) return service::not_comparable("A request id has the form 01234567-89ab-4cde-8f01-23456789abcd.");
  const Result<Trust> trust = open_records(config);
  if (!trust) return service::not_comparable(describe(trust.error()));
  const Result<ReplayReport> report = Replayer(config, *trust).replay(request.request_id);
  return report ? *report : service::not_comparable(describe(report.error()));
}

}  // namespace

int replay(const Config& config, const ReplayRequest& request, Output output) {
  const ReplayReport report = run(config, request);
  if (output == Output::json) std::cout << report_json(report, request).dump(2) << "\n";
  else print_report(report, request);
  switch (report.outcome) {
    case ReplayOutcome::same: return 0;
    case ReplayOutcome::different: return 1;
    case ReplayOutcome::not_comparable: return 2;
  }
  return 2;
}

}  // namespace osler::app
