// Reads tests/text/*.text: each sentence is one test of the shipped lexicon and knowledge base.
#include <cmath>
#include <sstream>

#include "knowledge.h"

namespace osler::language {
namespace {

struct LabelledText {
  std::string file;
  int line = 0;
  std::string field, text;
  double age = 40;
  std::vector<std::pair<std::string, std::string>> expectations;  // "present" -> "cough"; one entry an item
};

std::string trim(std::string text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

void add_expectations(LabelledText& text, const std::string& line) {
  const auto colon = line.find(':');
  const std::string key = trim(line.substr(0, colon));
  if (colon == std::string::npos) return text.expectations.emplace_back(key, ""), void();
  std::istringstream items(line.substr(colon + 1));
  for (std::string item; std::getline(items, item, ',');) text.expectations.emplace_back(key, trim(item));
}

std::vector<LabelledText> read_file(const std::filesystem::path& path) {
  std::vector<LabelledText> texts;
  std::ifstream stream(path);
  double age = 40;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (trim(line).empty() || line[0] == '#') continue;
    if (line[0] == ' ') {
      if (texts.empty()) ADD_FAILURE() << path << ":" << number << ": an expectation without a text";
      else add_expectations(texts.back(), line);
      continue;
    }
    const auto colon = line.find(':');
    const std::string field = line.substr(0, colon);
    if (field == "age") {
      age = std::stod(line.substr(colon + 1));
      continue;
    }
    texts.push_back({path.filename().string(), number, field, trim(line.substr(colon + 1)), age, {}});
    age = 40;
  }
  return texts;
}

std::vector<LabelledText> all_texts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(OSLER_SOURCE_DIR) / "tests" / "text"))
    if (entry.path().extension() == ".text") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<LabelledText> texts;
  for (const auto& path : paths)
    for (LabelledText& text : read_file(path)) texts.push_back(std::move(text));
  return texts;
}

clinical::PatientCase patient_of(const LabelledText& text) {
  clinical::PatientCase patient;
  patient.age_years = text.age;
  if (text.field == "narrative") patient.narrative = text.text;
  else if (text.field == "symptoms") patient.symptoms = {text.text};
  else if (text.field == "absent_findings") patient.absent_findings = {text.text};
  else if (text.field == "preexisting_conditions") patient.preexisting_conditions = {text.text};
  else if (text.field == "family_history") patient.family_history = {text.text};
  else ADD_FAILURE() << "unknown field " << text.field;
  return patient;
}

bool mentioned(const CaseReading& reading, const std::string& how, const std::string& id) {
  return std::any_of(reading.mentions.begin(), reading.mentions.end(), [&](const Mention& mention) {
    if (shipped_knowledge().findings[mention.finding].id != id) return false;
    return how == "past" ? mention.past : how == "uncertain" ? mention.uncertain : mention.subject == Subject::relative;
  });
}

void check_measured(const CaseReading& reading, const std::string& expected) {
  const auto equals = expected.find('=');
  const std::string id = expected.substr(0, equals);
  const double value = std::stod(expected.substr(equals + 1));
  for (const clinical::ObservedQuantity& quantity : reading.findings.quantities) {
    if (shipped_knowledge().quantities[quantity.quantity].id != id) continue;
    EXPECT_NEAR(quantity.value, value, std::abs(value) * 0.01) << id;
    return;
  }
  ADD_FAILURE() << id << " was not measured";
}

void check_facts(const CaseReading& reading, const std::string& key, const std::string& value) {
  const clinical::CaseFindings& findings = reading.findings;
  if (key == "duration" && value == "none") {
    EXPECT_FALSE(findings.duration_days) << *findings.duration_days;
  } else if (key == "duration") {
    ASSERT_TRUE(findings.duration_days) << "no duration";
    EXPECT_NEAR(*findings.duration_days, std::stod(value), std::stod(value) * 0.02);
  } else if (key == "onset") {
    const std::string onset = !findings.onset ? "none" : *findings.onset == clinical::Onset::sudden ? "sudden" : "gradual";
    EXPECT_EQ(onset, value);
  } else if (key == "pregnant") {
    EXPECT_EQ(!findings.pregnant ? "none" : *findings.pregnant ? "yes" : "no", value);
  } else if (key == "sex") {
    const std::string sex = findings.sex == clinical::Sex::male ? "male" : findings.sex == clinical::Sex::female ? "female" : "unknown";
    EXPECT_EQ(sex, value);
  } else {
    ADD_FAILURE() << "unknown expectation " << key;
  }
}

bool is_expected(const LabelledText& text, const std::string& id) {
  return std::any_of(text.expectations.begin(), text.expectations.end(), [&](const auto& expectation) {
    return expectation.second == id && (expectation.first == "present" || expectation.first == "absent");
  });
}

void check_only(const LabelledText& text, const CaseReading& reading) {
  for (const clinical::ObservedFinding& finding : reading.findings.findings) {
    const std::string& id = shipped_knowledge().findings[finding.finding].id;
    EXPECT_TRUE(is_expected(text, id)) << id << " was read too";
  }
}

void check(const LabelledText& text, const CaseReading& reading) {
  for (const auto& [key, value] : text.expectations) {
    if (key == "present" || key == "absent") {
      ASSERT_TRUE(shipped_knowledge().finding_by_id.contains(value)) << "no finding " << value;
      EXPECT_EQ(observed(reading, value), key) << value;
    } else if (key == "not") {
      EXPECT_EQ(observed(reading, value), "") << value;
    } else if (key == "past" || key == "uncertain" || key == "relative") {
      EXPECT_TRUE(mentioned(reading, key, value)) << value << " should be " << key;
      EXPECT_EQ(observed(reading, value), "") << value;
    } else if (key == "known") {
      EXPECT_TRUE(is_known(reading, value)) << value;
    } else if (key == "not_known") {
      EXPECT_FALSE(is_known(reading, value)) << value;
    } else if (key == "measured") {
      check_measured(reading, value);
    } else if (key == "warning") {
      EXPECT_TRUE(has_warning(reading, value, "")) << value;
    } else if (key == "only") {
      check_only(text, reading);
    } else {
      check_facts(reading, key, value);
    }
  }
}

TEST(LabelledText, EverySentenceIsReadAsLabelled) {
  for (const LabelledText& text : all_texts()) {
    SCOPED_TRACE(text.file + ":" + std::to_string(text.line) + ": " + text.text);
    check(text, shipped_reader().read(patient_of(text)));
  }
}

TEST(LabelledText, ThereAreAtLeastOneHundredAndFifty) { EXPECT_GE(all_texts().size(), 150u); }

}  // namespace
}  // namespace osler::language
