// The handlers of the routes table. Each has the signature http::Handler.
#pragma once

#include "http/routes.h"

namespace osler::http {

/// POST /api/v1/diagnose?threshold=0..1
void diagnose(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /api/v1/findings: what a text says.
void findings(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /api/v1/next?limit=1..50: what to ask or test next.
void next(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /predict and /api/v1/images/predict?frame=N&heatmap=1&film=1: multipart/form-data with the fields file, patient_id, age_years.
void predict(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /api/v1/cases/search: the cases most like one that is sent or stored.
void search_cases(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/cases?limit=1..100&before=: own and shared ones, newest first.
void list_cases(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/cases/{id}, POST /api/v1/cases/{id}/outcome and /share
void read_case(const Parts&, const Request&, const service::RequestContext&, const Done&);
void record_outcome(const Parts&, const Request&, const service::RequestContext&, const Done&);
void share_case(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /api/v1/patients/delete and /api/v1/patients/hold
void delete_patient(const Parts&, const Request&, const service::RequestContext&, const Done&);
void hold_patient(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/complete?q=&kind=&limit=1..50
void complete(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /api/v1/batches?threshold=0..1: NDJSON or CSV, of any length that limits.h allows.
std::unique_ptr<BodyTaker> batch_upload(const Parts&, const Request&, const service::RequestContext&);
/// GET /api/v1/batches: the caller's own.
void batch_list(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/batches/{id}
void batch_info(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/batches/{id}/results?after=LINE&limit=1..1000, as NDJSON.
void batch_results(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /api/v1/batches/{id}/cancel
void batch_cancel(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/audit?log=NAME&before=&limit=1..1000: the entries of a log, newest first.
void audit_page(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// POST /api/v1/audit/accesses: who saw a patient.
void audit_accesses(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/metrics, for Prometheus.
void metrics(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /api/v1/about: version, model, whether this is trial mode, intended use.
void about(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /health/live: 200 as long as the process answers.
void live(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// GET /health/ready: 200 when every part is ready, else 503; the body names each.
void ready(const Parts&, const Request&, const service::RequestContext&, const Done&);
/// Whatever StaticFiles holds under the request's path.
void file(const Parts&, const Request&, const service::RequestContext&, const Done&);

}  // namespace osler::http
