#include "train/cases/phrasing.h"

#include <algorithm>
#include <array>

namespace osler::train {

namespace {

using Texts = std::string_view;

constexpr std::array<Texts, 10> kNoteOpenings = {"Presents with {}.", "C/o {}.", "PC: {}.", "Hx of {}.", "Referred with {}.", "{}.", "Seen today with {}.",
                                                 "Presenting complaint {}.", "Pt reports {}.", "Admitted with {}."};
constexpr std::array<Texts, 12> kNoteSentences = {"{}.", "Also {}.", "Assoc {}.", "O/E {}.", "Notes {}.", "Reports {}.", "+ {}.", "With {}.", "{} noted.",
                                                  "{} on examination.", "Describes {}.", "{} present."};
constexpr std::array<Texts, 5> kNotePairs = {"{}, {}.", "{} and {}.", "{} with {}.", "{} + {}.", "{}; {}."};
constexpr std::array<Texts, 8> kNoteDenials = {"No {}.", "Denies {}.", "Nil {}.", "No hx of {}.", "Without {}.", "{} absent.", "Neg for {}.", "No evidence of {}."};
constexpr std::array<Texts, 5> kNoteDurations = {"{} hx.", "Onset {} ago.", "For {}.", "Duration {}.", "Started {} ago."};
constexpr std::array<Texts, 6> kNoteHistories = {"PMHx {}.", "Background: {}.", "Known {}.", "Hx {}.", "PMH of {}.", "BG {}."};

constexpr std::array<Texts, 6> kTriageOpenings = {"{}.", "Patient states {}.", "Brought in with {}.", "Walk-in, {}.", "Caller reports {}.", "Complaining of {}."};
constexpr std::array<Texts, 6> kTriageSentences = {"{}.", "Also {}.", "Reports {}.", "States {}.", "Says {}.", "Noted {}."};
constexpr std::array<Texts, 4> kTriagePairs = {"{}, {}.", "{} and {}.", "{} plus {}.", "{}/{}."};
constexpr std::array<Texts, 5> kTriageDenials = {"No {}.", "Denies {}.", "Denies any {}.", "Not reporting {}.", "No {} at present."};
constexpr std::array<Texts, 4> kTriageDurations = {"Ongoing for {}.", "For {}.", "Started {} ago.", "{}."};
constexpr std::array<Texts, 4> kTriageHistories = {"Known {}.", "History {}.", "Medical history of {}.", "Has {}."};

constexpr std::array<Texts, 14> kOwnOpenings = {"I've got {}.", "I have {}.", "I've been having {}.", "My problem is {}.", "Lately there is {}.", "{}.", "It began with {}.",
                                                "Please help, {}.", "So I have this {}.", "I noticed {}.", "I came because of {}.", "I get {}.", "It's {}.", "I'm having {}."};
constexpr std::array<Texts, 14> kOwnSentences = {"Also {}.", "There's {} too.", "And {}.", "I also get {}.", "On top of that {}.", "Then {}.", "I noticed {} as well.",
                                                 "{}.", "Plus {}.", "I keep getting {}.", "Sometimes {}.", "Now there's {} too.", "I've also got {}.", "What bothers me is {}."};
constexpr std::array<Texts, 6> kOwnPairs = {"{} and {}.", "{}, and {}.", "There's {} and also {}.", "{} together with {}.", "I've got {} and {}.", "{}, {}."};
constexpr std::array<Texts, 10> kOwnDenials = {"No {}.", "I don't have {}.", "I haven't had any {}.", "Not had {}.", "There's no {}.", "I've had no {}.", "I never get {}.",
                                               "No sign of {}.", "I don't think I have {}.", "without any {}."};
constexpr std::array<Texts, 7> kOwnDurations = {"It's been going on for {}.", "For about {} now.", "It started {} ago.", "This has lasted {}.", "Been like this {}.", "That's {} now.", "Roughly {}."};
constexpr std::array<Texts, 7> kOwnHistories = {"I have {}.", "I've had {} for years.", "I was told I have {}.", "I'm known to have {}.", "The doctor says I have {}.", "I suffer from {}.", "My records say {}."};

constexpr std::array<Texts, 8> kRelativeOpenings = {"My {who} has {}.", "My {who} has been having {}.", "It's about my {who}, {}.", "My {who} started with {}.", "I'm worried about my {who}, there is {}.",
                                                    "My {who} has got {}.", "Calling for my {who}: {}.", "We noticed {} in my {who}."};
constexpr std::array<Texts, 9> kRelativeSentences = {"{they} also has {}.", "And {}.", "There's {} too.", "{they} keeps having {}.", "We saw {}.", "{they} has {}.", "Now {}.", "{they} complains of {}.", "{}."};
constexpr std::array<Texts, 4> kRelativePairs = {"{they} has {} and {}.", "{} and {}.", "There is {}, also {}.", "{they} has {} with {}."};
constexpr std::array<Texts, 6> kRelativeDenials = {"No {}.", "{they} has no {}.", "{they} hasn't had {}.", "We haven't seen any {}.", "There's no {}.", "{they} doesn't have {}."};
constexpr std::array<Texts, 4> kRelativeDurations = {"It's been {}.", "Since about {} ago.", "For {} now.", "It started {} ago."};
constexpr std::array<Texts, 4> kRelativeHistories = {"{they} has {}.", "{they} is known with {}.", "{they} was diagnosed with {}.", "In the past {}."};

constexpr std::array<Texts, 3> kTelegramOpenings = {"{}.", "have {}.", "{} very bad."};
constexpr std::array<Texts, 5> kTelegramSentences = {"{}.", "and {}.", "also {}.", "have {}.", "much {}."};
constexpr std::array<Texts, 3> kTelegramPairs = {"{} {}.", "{}, {}.", "{} and {}."};
constexpr std::array<Texts, 3> kTelegramDenials = {"no {}.", "not {}.", "no have {}."};
constexpr std::array<Texts, 3> kTelegramDurations = {"{}.", "{} now.", "since {}."};
constexpr std::array<Texts, 3> kTelegramHistories = {"have {} before.", "{} long time.", "{}."};

constexpr std::array<Texts, 6> kReportOpenings = {"The patient reports {}.", "The patient presented with {}.", "There was {}.", "The patient was seen because of {}.", "The main complaint is {}.", "The patient describes {}."};
constexpr std::array<Texts, 8> kReportSentences = {"There is {}.", "In addition there was {}.", "The patient also reports {}.", "This was accompanied by {}.", "Examination shows {}.", "{} was noted.", "{} is present.", "Furthermore {}."};
constexpr std::array<Texts, 5> kReportPairs = {"{} and {}.", "There is {} and {}.", "The patient has {} as well as {}.", "{} and {} were noted.", "{} together with {}."};
constexpr std::array<Texts, 6> kReportDenials = {"There is no {}.", "The patient denies {}.", "{} was not present.", "No {} was reported.", "The patient has not had {}.", "Neither {} nor anything like it."};
constexpr std::array<Texts, 4> kReportDurations = {"Symptoms began {} ago.", "The history is of {}.", "This has been present for {}.", "Over {}."};
constexpr std::array<Texts, 4> kReportHistories = {"There is a history of {}.", "The patient is known to have {}.", "Past medical history includes {}.", "The patient has {}."};

constexpr auto kTalk = std::to_array<Texts>({
    "It's a nuisance really.", "We were on holiday when it began.", "The chemist could not help.", "We tried a few things and they did little.", "Paracetamol was no use.",
    "It was too late to ring the surgery.", "There was no appointment before today.", "It is worse on some days than others.", "A neighbour had something similar.", "Could it be the weather?",
    "We have a new kitchen.", "We are new in this town.", "What could this be?", "We thought it would go away.", "It was the same last year.", "It comes and goes.",
    "It is there all the time.", "Nothing seems to help.", "It's getting worse.", "It's a bit better today.", "The football was on so we waited.", "Lunch was a sandwich.",
    "It is probably nothing serious.", "The car park was full."});

constexpr auto kWorkingLifeTalk = std::to_array<Texts>({
    "I don't like to bother anyone.", "My sister told me to ask.", "I work in an office.", "I had to leave work early.", "I looked it up online.", "I'm not one to complain.",
    "I have two small children at home.", "I've got a wedding on Saturday.", "I live on my own.", "I'm a bus driver.", "I drove here myself.", "I've been rather busy.",
    "I like a quiet life.", "My mother said to write to you.", "I nearly did not come.", "I've never had this before.", "I eat normally.", "I don't take any medicines.",
    "I've been off work since.", "I am a teacher.", "I hope it is nothing serious.", "I took some paracetamol.", "I couldn't get an appointment before today."});

constexpr std::array<Phrasing, kVoices> kPhrasings = {{
    {kNoteOpenings, kNoteSentences, kNotePairs, kNoteDenials, kNoteDurations, kNoteHistories, 0.08, 0.008, 0},
    {kTriageOpenings, kTriageSentences, kTriagePairs, kTriageDenials, kTriageDurations, kTriageHistories, 0.45, 0.015, 0.05},
    {kOwnOpenings, kOwnSentences, kOwnPairs, kOwnDenials, kOwnDurations, kOwnHistories, 0.85, 0.02, 0.3},
    {kRelativeOpenings, kRelativeSentences, kRelativePairs, kRelativeDenials, kRelativeDurations, kRelativeHistories, 0.85, 0.02, 0.25},
    {kTriageOpenings, kTriageSentences, kTriagePairs, kTriageDenials, kTriageDurations, kTriageHistories, 0.6, 0.02, 0},
    {kTelegramOpenings, kTelegramSentences, kTelegramPairs, kTelegramDenials, kTelegramDurations, kTelegramHistories, 0.7, 0.06, 0.02},
    {kReportOpenings, kReportSentences, kReportPairs, kReportDenials, kReportDurations, kReportHistories, 0.25, 0.003, 0},
}};

}  // namespace

const Phrasing& phrasing_of(Voice voice) { return kPhrasings[static_cast<std::size_t>(voice)]; }

bool takes_clause(std::string_view pattern) {
  static constexpr auto kBefore = std::to_array<Texts>({"", "Also ", "And ", "Plus ", "Then ", "Now ", "Sometimes ", "On top of that ", "Please help, ", "PC: ", "+ ", "Walk-in, ",
                                                        "Patient states ", "Caller reports ", "States ", "Says ", "It's about my {who}, ", "Calling for my {who}: ", "Furthermore ",
                                                        "In the past ", "and ", "also "});
  if (!pattern.ends_with("{}.") || pattern.find("with") != Texts::npos) return false;
  return std::find(kBefore.begin(), kBefore.end(), pattern.substr(0, pattern.find("{}"))) != kBefore.end();
}

bool suits(std::string_view pattern, clinical::FindingKind kind, clinical::Polarity polarity) {
  using clinical::FindingKind;
  const auto says = [&](Texts words) { return pattern.find(words) != Texts::npos; };
  const bool background = kind == FindingKind::history || kind == FindingKind::exposure || kind == FindingKind::family;
  if (background && polarity == clinical::Polarity::present && !takes_clause(pattern)) return false;
  if (says("xamination") || says("O/E")) return kind == FindingKind::sign;
  const bool reported = says("eport") || says("escribe") || says("omplain") || says("C/o") || says("tates") || says("Says") || says("enies");
  return !reported || background || kind == FindingKind::symptom;
}

std::span<const std::string_view> idle_talk() { return kTalk; }

std::span<const std::string_view> working_life_talk() { return kWorkingLifeTalk; }

}  // namespace osler::train
