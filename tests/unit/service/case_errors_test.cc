// What a refusal says: everything that is wrong, each once, and never a value of the request.
#include <set>

#include "../random_seed.h"
#include "requests.h"

namespace osler::service {

namespace {

/// Draws requests in which every text and number is one that can be recognised.
class CanaryRequests {
 public:
  explicit CanaryRequests(unsigned seed) : random_(seed) {}

  Json next() {
    canaries_.clear();
    Json request = Json::object();
    for (const char* name : {"age", "symptoms", "severity", "lab_results", "preexisting_conditions", "sex", "setting",
                             "duration_days", "onset", "pregnant", "family_history", "narrative", "absent_findings", "vitals",
                             "patient_id"})
      if (roll(8) != 0) request[name] = member(name);
    if (roll(2) == 0) request["note"] = value(0);
    return request;
  }
  const std::vector<std::string>& canaries() const { return canaries_; }

 private:
  std::size_t roll(std::size_t sides) { return std::uniform_int_distribution<std::size_t>(0, sides - 1)(random_); }

  Json text() {
    std::string canary = "canary";
    for (int i = 0; i < 12; ++i) canary += static_cast<char>('a' + roll(26));
    canaries_.push_back(canary);
    return roll(6) == 0 ? canary + std::string(30'000, 'z') : canary;
  }
  Json number() {
    const std::int64_t canary = 7'000'000'000 + static_cast<std::int64_t>(roll(1'000'000'000));
    canaries_.push_back(std::to_string(canary));
    return roll(2) == 0 ? Json(canary) : Json(-canary);
  }
  Json value(int depth) {
    switch (roll(depth > 1 ? 4 : 6)) {
      case 0: case 1: return text();
      case 2: return number();
      case 3: return roll(2) == 0;
      case 4: return Json{{"value", value(depth + 1)}, {"unit", value(depth + 1)}, {"bmi", value(depth + 1)}};
      default: return list(depth);
    }
  }
  Json list(int depth) {
    Json items = Json::array();
    for (std::size_t i = roll(60); i > 0; --i) items.push_back(value(depth + 1));
    return items;
  }
  Json member(const std::string& name) {
    if (roll(4) == 0) return value(0);
    if (name == "lab_results") return {{"2345-7", value(1)}, {"718-7", value(1)}};
    if (name == "vitals") return {{"temperature_c", value(1)}, {"bmi", value(1)}};
    if (name == "pregnant") return {{"value", value(1)}, {"gestation_weeks", value(1)}};
    return roll(2) == 0 ? list(0) : value(0);
  }

  std::mt19937 random_;
  std::vector<std::string> canaries_;
};

std::string all_texts(const Error& error) {
  std::string text = describe(error) + error.external + error.internal;
  for (const FieldError& field : error.fields) text += "\n" + field.pointer + " " + field.problem + " " + field.allowed;
  return text;
}

/// A request with 60 and more bad fields, and the pointers of all of them.
std::pair<Json, std::multiset<std::string>> request_full_of_faults() {
  Json request{{"age", "65"}, {"symptoms", Json::array()}, {"severity", "dire"}, {"sex", 1}, {"setting", "home"},
               {"duration_days", -1}, {"onset", "slow"}, {"narrative", 5}, {"patient_id", {"x"}}};
  std::multiset<std::string> expected;
  for (const auto& [name, value] : request.items())
    if (name != "symptoms") expected.insert("/" + name);
  for (int i = 0; i < 20; ++i) {
    request["symptoms"].push_back(i);
    expected.insert("/symptoms/" + std::to_string(i));
  }
  for (const std::string name : {"preexisting_conditions", "family_history", "absent_findings"})
    for (int i = 0; i < 8; ++i) {
      request[name].push_back(false);
      expected.insert("/" + name + "/" + std::to_string(i));
    }
  for (int i = 0; i < 5; ++i) {
    request["lab_results"]["lab" + std::to_string(i)] = 1;
    expected.insert("/lab_results/lab" + std::to_string(i));
  }
  request["vitals"] = {{"bmi", "high"}, {"weight_kg", 1e9}};
  request["pregnant"] = {{"value", 1}, {"gestation_weeks", 99}};
  expected.insert({"/vitals/bmi", "/vitals/weight_kg", "/pregnant/value", "/pregnant/gestation_weeks"});
  return {request, expected};
}

}  // namespace

TEST(CaseErrors, ListEveryBadFieldOnce) {
  const auto [request, expected] = request_full_of_faults();
  ASSERT_GT(expected.size(), 50u);
  const Pointers listed = bad_fields(request);
  EXPECT_EQ(std::multiset<std::string>(listed.begin(), listed.end()), expected);
}

TEST(CaseErrors, SayWhatIsAllowed) {
  const auto allowed = [](const char* name, Json value) {
    return parse_case(request_with(name, std::move(value))).error().fields.at(0).allowed;
  };
  EXPECT_EQ(allowed("age", "old"), "a number from 0 to 150");
  EXPECT_EQ(allowed("severity", "dire"), "one of mild, moderate, severe");
  EXPECT_EQ(allowed("symptoms", 1), "1 to 20 strings of up to 500 characters");
  EXPECT_EQ(allowed("narrative", 1), "a string of up to 20000 characters");
  EXPECT_EQ(allowed("lab_results", {{"2345-7", {{"value", "x"}}}}), "a number");
}

TEST(CaseErrors, NeverRepeatAValueOfTheRequest) {
  const unsigned seed = fresh_seed();
  CanaryRequests requests(seed);
  int refused = 0;
  for (int round = 0; round < 250; ++round) {
    const Json request = requests.next();
    const Result<ParsedCase> parsed = parse_case(request);
    std::string text;
    if (parsed) {
      for (const clinical::CaseWarning& warning : parsed->warnings) text += warning.pointer + " " + warning.text + "\n";
    } else {
      ++refused;
      text = all_texts(parsed.error());
    }
    for (const std::string& canary : requests.canaries())
      ASSERT_EQ(text.find(canary), std::string::npos) << "seed " << seed << ", round " << round << ": " << canary;
  }
  EXPECT_GT(refused, 200) << "seed " << seed << ": hardly anything was refused, so this shows nothing";
}

TEST(CaseErrors, OfTextThatIsNotJsonDoNotRepeatItEither) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    const std::string canary = "canary" + std::to_string(random());
    std::string body = R"({"age":40,"symptoms":[")" + canary + R"("],"severity":"mild"})";
    body.resize(random() % body.size());
    const Result<Json> parsed = parse_json(body);
    ASSERT_FALSE(parsed) << "seed " << seed << ": " << body;
    EXPECT_EQ(all_texts(parsed.error()).find("canary"), std::string::npos) << "seed " << seed;
  }
}

// Whatever JSON arrives, the parser returns.
TEST(CaseErrors, AnyJsonIsAnsweredByACaseOrByFields) {
  const unsigned seed = fresh_seed();
  CanaryRequests requests(seed);
  int accepted = 0;
  for (int round = 0; round < 300; ++round) {
    const Json drawn = requests.next();
    Json request = least_request();
    if (!drawn.empty()) {
      const auto member = std::next(drawn.begin(), static_cast<std::ptrdiff_t>(static_cast<std::size_t>(round) % drawn.size()));
      request[member.key()] = member.value();
    }
    const Result<ParsedCase> parsed = parse_case(round % 2 == 0 ? request : drawn);
    if (!parsed) {
      EXPECT_FALSE(parsed.error().fields.empty()) << "seed " << seed;
      continue;
    }
    ++accepted;
    EXPECT_GE(parsed->patient.symptoms.size(), 1u) << "seed " << seed;
    EXPECT_FALSE(parsed->patient.patient_id.empty()) << "seed " << seed;
  }
  EXPECT_GT(accepted, 0) << "seed " << seed;
}

}  // namespace osler::service
