#include "http/middleware/jwt.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/limits.h"

namespace osler::http {

namespace {

constexpr std::size_t kEs256SignatureBytes = 64;

Error refuse(std::string why) { return make_error(ErrorCode::unauthenticated, "The token " + std::move(why) + "."); }

struct Parts {
  Json header, claims;
  std::size_t signature_bytes = 0;
};

Result<Json> read_object(std::string_view part) {
  const auto bytes = from_base64url(part);
  if (!bytes) return refuse("is not three parts of base64url");
  Result<Json> json = parse_json(as_text(*bytes));  // strict: a member that is there twice is refused
  if (!json || !json->is_object()) return refuse("does not hold two JSON objects without doubled members");
  return json;
}

Result<Parts> split(std::string_view token) {
  if (token.size() > limits::kMaxTokenBytes) return refuse("is too long");
  std::string_view rest = token;
  std::array<std::string_view, 2> part;
  for (std::string_view& text : part) text = take_until(rest, '.');
  const auto signature = from_base64url(rest);
  if (!signature || signature->empty()) return refuse("is not three parts of base64url");
  return Parts{TRY(read_object(part[0])), TRY(read_object(part[1])), signature->size()};
}

/// The header's promises, none of which is believed before a key of ours has verified the signature by its own algorithm. What it brings along (jwk,
/// jku, x5c, x5u) is not looked at.
Result<void> check_header(const Parts& parts) {
  const Json& header = parts.header;
  const auto algorithm = header.find("alg");
  if (algorithm == header.end() || (*algorithm != "RS256" && *algorithm != "ES256")) return refuse("must be signed by RS256 or ES256");
  if (header.contains("crit")) return refuse("asks for an extension that is not known here");
  if (*algorithm == "ES256" && parts.signature_bytes != kEs256SignatureBytes) return refuse("has a signature of the wrong length");
  const auto type = header.find("typ");
  if (type == header.end()) return ok();
  if (!type->is_string()) return refuse("is of another type");
  std::string name = to_lower(type->get<std::string>());
  if (name.starts_with("application/")) name.erase(0, 12);
  if (name != "jwt" && name != "at+jwt") return refuse("is of another type");
  return ok();
}

Result<std::optional<std::string>> key_id_of(const Json& header) {
  const auto id = header.find("kid");
  if (id == header.end()) return std::optional<std::string>();
  if (!id->is_string() || id->get<std::string>().size() > limits::kMaxKeyIdBytes) return refuse("has a kid that is no text of up to 256 bytes");
  return std::optional(id->get<std::string>());
}

/// A member of this name, or at the end of a path of names with points between; null without one.
const Json* claim_of(const Json& claims, std::string_view name) {
  if (const auto member = claims.find(std::string(name)); member != claims.end()) return &*member;
  const std::size_t point = name.find('.');
  if (point == std::string_view::npos) return nullptr;
  const auto outer = claims.find(std::string(name.substr(0, point)));
  return outer == claims.end() || !outer->is_object() ? nullptr : claim_of(*outer, name.substr(point + 1));
}

/// The texts of a claim that is one text or an array of texts; none for anything else.
std::optional<std::vector<std::string>> texts_of(const Json* claim) {
  if (claim == nullptr) return std::nullopt;
  if (claim->is_string()) return std::vector{claim->get<std::string>()};
  if (!claim->is_array() || !std::all_of(claim->begin(), claim->end(), [](const Json& item) { return item.is_string(); })) return std::nullopt;
  return claim->get<std::vector<std::string>>();
}

bool has(const std::optional<std::vector<std::string>>& texts, std::string_view wanted) {
  return texts && std::find(texts->begin(), texts->end(), wanted) != texts->end();
}

/// Seconds since 1970.
Result<std::optional<double>> time_of(const Json& claims, const char* name) {
  const auto claim = claims.find(name);
  if (claim == claims.end()) return std::optional<double>();
  if (!claim->is_number() || !(claim->get<double>() >= 0 && claim->get<double>() < 1e12)) return refuse("has a time that is no number of seconds");
  return std::optional(claim->get<double>());
}

bool is_user_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("._-@|+/=:").find(c) != std::string_view::npos;
}

Result<std::string> name_in(const Json* claim) {
  if (claim == nullptr || !claim->is_string()) return refuse("does not say who it is for");
  const std::string name = claim->get<std::string>();
  if (name.empty() || name.size() > limits::kMaxUserNameCharacters || !std::all_of(name.begin(), name.end(), is_user_character))
    return refuse("gives a name that is not 1 to 128 of A-Z a-z 0-9 . _ - @ | + / = :");
  return "user:" + name;
}

/// What `scope` (RFC 8693) or `scp` narrows the token to; everything when neither names a scope of ours. One that cannot be read may have narrowed it.
Result<ScopeSet> scopes_of(const Json& claims) {
  std::vector<std::string> named;
  for (const char* name : {"scope", "scp"}) {
    const auto claim = claims.find(name);
    if (claim == claims.end()) continue;
    const auto lists = texts_of(&*claim);
    if (!lists) return refuse("has scopes that are no texts");
    for (std::string_view rest : *lists)
      while (!rest.empty()) named.emplace_back(take_until(rest, ' '));
  }
  std::erase_if(named, [](const std::string& scope) { return !scope.starts_with("osler."); });
  if (named.empty()) return ScopeSet::all();
  ScopeSet scopes;
  for (const std::string& name : named)
    if (const auto scope = parse_scope(name)) scopes.add(*scope);
  return scopes;
}

Login refused(Error why, bool guess) {
  Login login;
  login.refusal = std::move(why);
  login.guess = guess;
  return login;
}

}  // namespace

bool looks_like_token(std::string_view text) { return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2; }

TokenVerifier::TokenVerifier(TokenRules rules, KeySetSource& keys) : rules_(std::move(rules)), keys_(keys) {
  if (!rules_.roles.empty()) return;
  for (const Role role : {Role::clinician, Role::integrator, Role::data_scientist, Role::auditor, Role::admin}) rules_.roles.emplace_back(name_of(role), role);
}

Login TokenVerifier::login(std::string_view token, WallTime now) const {
  const Result<Parts> parts = split(token);
  if (!parts) return refused(parts.error(), true);
  if (const auto header = check_header(*parts); !header) return refused(header.error(), true);
  const auto id = key_id_of(parts->header);
  if (!id) return refused(id.error(), true);
  const std::shared_ptr<const KeySet> keys = keys_.keys();
  if (!keys || (*id && !keys->has(**id))) {
    keys_.miss();
    return refused(refuse("is signed by a key that is not known here (yet: known keys are refreshed)"), false);
  }
  const TokenKey* key = keys->find(*id, parts->header["alg"].get_ref<const std::string&>());
  if (key == nullptr) return refused(refuse(*id ? "names an algorithm that is not its key's" : "must name its key by kid"), true);
  if (!key->signed_token(std::string(token))) return refused(refuse("is not signed by the key that it names"), true);
  Result<Principal> principal = accept(parts->claims, now);
  if (!principal) return refused(principal.error(), false);
  Login login;
  login.principal = std::move(*principal);
  return login;
}

Result<Principal> TokenVerifier::accept(const Json& claims, WallTime now) const {
  const auto issuer = claims.find("iss");
  if (issuer == claims.end() || *issuer != rules_.issuer) return refuse("was not issued by the configured issuer");
  if (!has(texts_of(claim_of(claims, "aud")), rules_.audience)) return refuse("is not for this audience");
  TRY_VOID(check_times(claims, now));
  Principal principal;
  principal.name = TRY(name_in(claim_of(claims, rules_.name_claim)));
  principal.role = TRY(role_of(claims));
  principal.scopes = TRY(scopes_of(claims));
  return principal;
}

Result<void> TokenVerifier::check_times(const Json& claims, WallTime now) const {
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const double skew = std::chrono::duration<double>(rules_.clock_skew).count();
  const std::optional<double> expires = TRY(time_of(claims, "exp"));
  if (!expires) return refuse("does not say when it expires");
  if (seconds >= *expires + skew) return refuse("has expired");
  if (const std::optional<double> begins = TRY(time_of(claims, "nbf")); begins && seconds < *begins - skew) return refuse("is not valid yet");
  if (const std::optional<double> issued = TRY(time_of(claims, "iat")); issued && seconds < *issued - skew) return refuse("was issued in the future");
  return ok();
}

Result<Role> TokenVerifier::role_of(const Json& claims) const {
  const auto named = texts_of(claim_of(claims, rules_.roles_claim));
  for (const auto& [name, role] : rules_.roles)
    if (has(named, name)) return role;
  return make_error(ErrorCode::forbidden, "The token gives no role that this server knows.");
}

}  // namespace osler::http
