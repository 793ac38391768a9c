// Looking at a patient who is not one's own, in an emergency, for a reason that is written down.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/middleware/roles.h"
#include "vault/phi.h"

namespace osler::http {

/// The reason in `X-Break-Glass` (UTF-8, 10 to 500 characters, no control characters); null without that header. ErrorCode::invalid where the route does not
/// take it or the reason breaks its rule, forbidden for anybody but a clinician. It is what somebody typed and may describe a patient: for a sealed record
/// of the patient alone.
Result<std::shared_ptr<const vault::Phi<std::string>>> break_glass_reason(const HeaderFields& headers, Role role, bool route_takes_it);

}  // namespace osler::http
