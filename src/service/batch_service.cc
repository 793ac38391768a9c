#include "service/batch_service.h"

#include <cmath>

#include "audit/actions.h"
#include "base/ids.h"
#include "service/interaction.h"
#include "service/record_payload.h"

namespace osler::service {

namespace {

const char* state_name(cases::BatchState state) {
  switch (state) {
    case cases::BatchState::receiving: return "receiving";
    case cases::BatchState::ready: return "running";
    case cases::BatchState::cancelled: return "cancelled";
    case cases::BatchState::done: return "done";
  }
  return "";
}

Error no_such_batch() { return make_error(ErrorCode::not_found, "There is no such batch."); }

/// Who runs the service sees how far every batch is, and may stop it; what it says of patients stays its owner's.
bool oversees(const RequestContext& context) { return context.role == "admin"; }

double in_tenths(double value) { return std::round(value * 10) / 10; }

}  // namespace

BatchUpload::BatchUpload(BatchService& service, RequestContext context, std::string batch, BatchFormat format)
    : service_(service), context_(std::move(context)), batch_(std::move(batch)), intake_(service.parts_.store.batches(), service.parts_.keys, batch_, format) {
  ++service_.uploads_;
}

BatchUpload::~BatchUpload() {
  --service_.uploads_;
  if (!finished_) static_cast<void>(service_.parts_.store.batches().set_state(batch_, cases::BatchState::cancelled));  // else cancel_abandoned()
}

Result<Json> BatchUpload::finish() {
  TRY_VOID(intake_.finish());
  TRY_VOID(service_.audit(context_, audit::Action::batch_create, "received:" + std::to_string(intake_.cases())));
  TRY_VOID(service_.parts_.store.batches().set_state(batch_, cases::BatchState::ready));
  finished_ = true;
  if (service_.parts_.on_ready) service_.parts_.on_ready();
  return service_.info(batch_, context_);
}

Result<std::unique_ptr<BatchUpload>> BatchService::receive(BatchFormat format, std::optional<double> threshold, const RequestContext& context) {
  if (uploads_ >= limits::kMaxBatchUploads) return make_error(ErrorCode::overloaded, "Too many batches are being sent at once; try again shortly.");
  cases::BatchInfo batch;
  batch.id = make_uuid();
  batch.owner = context.actor;
  batch.format = name_of(format);
  batch.created = parts_.clock.now();
  batch.options = write_options({threshold, context.role, context.client_address});
  TRY_VOID(parts_.store.batches().create(batch));
  return std::unique_ptr<BatchUpload>(new BatchUpload(*this, context, batch.id, format));
}

Result<cases::BatchInfo> BatchService::visible(std::string_view batch, const RequestContext& context) {
  cases::BatchInfo info = TRY(parts_.store.batches().info(batch));
  if (info.owner != context.actor && !oversees(context)) return no_such_batch();
  return info;
}

Json BatchService::describe_batch(const cases::BatchInfo& info) const {
  const std::uint64_t through = info.answered + info.refused;
  Json json{{"id", info.id}, {"owner", info.owner}, {"state", state_name(info.state)}, {"format", info.format}, {"created", to_rfc3339(info.created)},
            {"cases", info.cases}, {"answered", info.answered}, {"refused", info.refused}};
  if (const auto options = parse_options(info.options); options && options->threshold) json["threshold"] = *options->threshold;
  if (info.state != cases::BatchState::ready || through == 0) return json;
  const double seconds = std::max(0.001, std::chrono::duration<double>(parts_.clock.now() - info.created).count());
  const double rate = static_cast<double>(through) / seconds;
  json["cases_per_second"] = in_tenths(rate);
  json["seconds_left"] = in_tenths(static_cast<double>(info.cases - through) / rate);
  return json;
}

Result<Json> BatchService::info(std::string_view batch, const RequestContext& context) { return describe_batch(TRY(visible(batch, context))); }

Result<Json> BatchService::list(const RequestContext& context) {
  Json batches = Json::array();
  for (const cases::BatchInfo& info : TRY(parts_.store.batches().list(oversees(context) ? "" : context.actor, limits::kMaxBatchesListed))) batches.push_back(describe_batch(info));
  return Json{{"batches", std::move(batches)}};
}

Result<BatchPage> BatchService::results(std::string_view batch, std::uint64_t after_line, std::size_t limit, const RequestContext& context) {
  if (TRY(visible(batch, context)).owner != context.actor) return no_such_batch();
  const std::vector<cases::ChunkOutcome> outcomes = TRY(parts_.store.batches().outcomes(batch, after_line, limit));
  BatchPage page;
  std::vector<RecordRequest> entries;
  std::size_t given = 0;
  for (; given < outcomes.size() && page.ndjson.size() < limits::kMaxBatchPageBytes; ++given) {
    page.ndjson += TRY(line_of(outcomes[given], context, entries));
    page.last_line = outcomes[given].line;
  }
  page.more = given > 0 && (given < outcomes.size() || outcomes.size() == limit);
  entries.push_back({entry_for(context, audit::Action::batch_read, "given:" + std::to_string(given)), std::nullopt});
  TRY_VOID(parts_.recorder.record(std::move(entries)));
  return page;
}

Result<std::string> BatchService::line_of(const cases::ChunkOutcome& outcome, const RequestContext& context, std::vector<RecordRequest>& entries) {
  const std::string line = "{\"line\":" + std::to_string(outcome.line);
  if (outcome.request_id.empty()) return line + ",\"problem\":" + outcome.refusal + "}\n";
  const std::string numbered = line + ",\"request_id\":\"" + outcome.request_id + "\"";
  const Result<cases::SealedRecord> sealed = parts_.store.get(outcome.request_id);
  if (!sealed && sealed.error().code == ErrorCode::not_found) return numbered + ",\"deleted\":true}\n";
  if (!sealed) return sealed.error();
  const vault::Phi<std::string> payload = TRY(cases::open_record(*parts_.keys.ring_for(sealed->content.wrapped_key), *sealed));
  const RecordedInteraction record = TRY(parse_payload(payload.reveal_phi()));
  const auto* diagnosis = std::get_if<RecordedDiagnosis>(&record);
  if (diagnosis == nullptr) return make_error(ErrorCode::corrupted, "A record of the batch is no diagnosis.");
  RequestContext read = context;
  read.request_id = outcome.request_id;
  RecordRequest& entry = entries.emplace_back(RecordRequest{entry_for(read, audit::Action::batch_read, "read"), std::nullopt});
  entry.entry.subject = sealed->patient_token;
  return numbered + ",\"answer\":" + diagnosis->answer.dump() + "}\n";
}

Result<Json> BatchService::cancel(std::string_view batch, const RequestContext& context) {
  TRY(visible(batch, context));
  TRY_VOID(audit(context, audit::Action::batch_cancel, "asked:" + std::string(batch)));
  const Result<void> cancelled = parts_.store.batches().set_state(batch, cases::BatchState::cancelled);
  if (!cancelled && cancelled.error().code != ErrorCode::conflict) return cancelled.error();
  return info(batch, context);
}

Result<std::uint64_t> BatchService::cancel_abandoned() {
  return parts_.store.batches().cancel_abandoned(parts_.clock.now() - limits::kBatchUploadTimeout - std::chrono::minutes(1));
}

Result<void> BatchService::audit(const RequestContext& context, audit::Action action, std::string outcome) {
  return parts_.recorder.record(entry_for(context, action, std::move(outcome)));
}

}  // namespace osler::service
