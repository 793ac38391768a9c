#include "language/word_classes.h"

#include <string>
#include <unordered_map>
#include <utility>

namespace osler::language {

namespace {

struct ClassLine {
  std::uint32_t classes;
  const char* words;
};

constexpr ClassLine kLines[] = {
    {kStop | kArticle,
     "a an the this that these those my his her hers their our your its s i'm i've it's he's she's im ive there there's"},
    {kStop | kArticle | kPronoun, "i he she they we you it pt patient patients"},
    {kPronoun, "man woman male female boy girl gentleman lady"},
    {kStop | kArticle, "is am are was were be been being me us him them"},
    {kStop | kArticle, "also too so very really quite just rather pretty somewhat kind sort some any such most that's"},
    {kStop, "of in on at to for from by with into onto than then when whenever while as do did doing get gets got getting "
            "feel feels felt feeling during around round about which who whose where will would could can may might should "
            "make makes making made other there now still if upon per how what like"},
    {kStop | kReport, "have has had having does"},
    {kReport, "reports reported reporting complains complaining complained presents presented presenting developed develops "
              "noticed notes noted experiences experienced experiencing describes described admits admitted states endorses "
              "endorsed appears shows showed reveals revealed suffers suffered started began came says claims woke"},
    {kStop | kCoordination, "and or & plus"},
    {kCoordination | kNegation, "nor neither"},
    {kContrast, "but however although though except yet whereas apart besides nevertheless otherwise despite only"},
    {kReason, "because since due secondary owing caused causing until till unless cause after"},
    {kNegation, "no not without never none denies denied denying deny don't doesn't didn't isn't wasn't weren't aren't haven't "
                "hasn't hadn't dont doesnt didnt isnt wasnt havent hasnt hadnt nil non"},
    {kInability, "can't cannot couldn't cant couldnt unable won't wouldn't wont wouldnt inability"},
    {kRelative, "mother mother's father father's mum mum's mom mom's dad dad's brother brother's sister sister's brothers sisters "
                "parent parents parent's grandmother grandfather grandparent grandparents grandma grandpa aunt uncle cousin cousins "
                "sibling siblings relative relatives husband husband's wife wife's daughter daughter's son son's nephew niece "
                "familial maternal paternal fhx family-history first-degree twin flatmate roommate colleague partner partner's "
                "friend friends coworker family nan nan's nans nana gran gran's granny grandad mam mummy mommy daddy hubby missus stepfather "
                "stepmother"},
    {kInformant, "says said states stated reports reported noticed notices found brought brings called worried worries concerned "
                 "thinks thought denies denied describes described gave saw witnessed told tells mentions mentioned feels felt "
                 "believes complains explains notes noted observed observes rang gives present accompanies accompanied insists"},
    {kUncertain, "possible possibly suspected suspicious questionable query maybe perhaps ? equivocal probable probably likely "
                 "presumed suspect suspects might potential"},
    {kPast, "previous previously prior past former formerly ex childhood"},
    {kNow, "presents presented presenting today currently now complains complaining reports admitted attends attended attending "
           "present comes arrives arrived developed develops noticed tonight"},
    {kSharedHead, "pain pains ache aches aching hurt hurts hurting tender tenderness swelling swollen stiff stiffness numb numbness "
                  "weak weakness rash itching itch itchy discomfort sore soreness cramps cramp cramping burning tingling red "
                  "painful pressure tightness"},
    {kSharedModifier, "urinary abdominal nasal vaginal joint visual stomach abdomen"},
    {kSharedHead, "frequency urgency distension discharge congestion bleeding blockage hesitancy incontinence bloating cramping"},
    {kSite, "chest back abdomen abdominal stomach belly tummy head neck arm arms leg legs knee knees hip hips shoulder shoulders hand "
            "hands wrist wrists foot feet ankle ankles elbow elbows finger fingers toe toes face facial jaw throat ear ears eye eyes "
            "nose flank loin groin pelvis pelvic side joints joint muscle muscles calf calves thigh thighs lower upper left right "
            "both mid central lumbar thoracic epigastric suprapubic lip lips tongue skin breast testicle scrotum body limb limbs"},
    {kLight, "severe mild moderate bad terrible awful horrible slight new recent intense constant intermittent occasional ongoing "
             "worsening worse persistent continuous increasing increasingly progressive progressively left right bilateral sudden "
             "suddenly acute gradual much little bit lot lots always often sometimes frequent frequently usually more significant "
             "marked markedly constantly extreme extremely sharp dull mainly mostly even seems seem become becomes became becoming "
             "start starts started starting begin begins began keep keeps kept keeping go goes going gone come comes came coming "
             "day night yesterday morning recently whole entire associated noted on-going currently low-level been bit have both "
             "myself yourself himself herself themselves"},
    {kGoneAfter, "absent denied negative none nil unlikely excluded no nope free"},
    {kResolved, "sorted resolved settled subsided recovered cleared disappeared vanished stopped"},
    {kEvent, "surgery operation operated returned return travelled traveled travel trip flight flew holiday vacation diagnosed married "
             "retired quit smoked smoking smoker smokes drinks drinking ate eaten meal retirement delivered delivery birth born "
             "period lmp injury fracture taking takes prescribed vaccinated vaccination immunised appointment admission "
             "discharged hospitalised hospitalized died pack pack-years menopause contact exposure exposed bitten transplant "
             "cousin worked working lasting lasts lasted episode every within ejected divorced catheter antibiotics"},
    {kBegin, "started began begun start onset developed noticed began came woke commenced beginning appeared beginning"},
};

std::unordered_map<std::string_view, std::uint32_t> build_classes() {
  std::unordered_map<std::string_view, std::uint32_t> classes;
  for (const ClassLine& line : kLines) {
    std::string_view rest = line.words;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (end > 0) classes[rest.substr(0, end)] |= line.classes;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return classes;
}

double lookup(const std::unordered_map<std::string_view, double>& table, std::string_view word) {
  const auto found = table.find(word);
  return found == table.end() ? 0 : found->second;
}

}  // namespace

std::uint32_t word_classes(std::string_view word) {
  static const std::unordered_map<std::string_view, std::uint32_t> kClasses = build_classes();
  const auto found = kClasses.find(word);
  return found == kClasses.end() ? 0 : found->second;
}

double number_word(std::string_view word) {
  static const std::unordered_map<std::string_view, double> kNumbers = {
      {"a", 1}, {"an", 1}, {"one", 1}, {"two", 2}, {"three", 3}, {"four", 4}, {"five", 5}, {"six", 6}, {"seven", 7}, {"eight", 8},
      {"nine", 9}, {"ten", 10}, {"eleven", 11}, {"twelve", 12}, {"fourteen", 14}, {"twenty", 20}, {"thirty", 30},
      {"couple", 2}, {"few", 3}, {"several", 4}, {"half", 0.5}, {"many", 6}, {"fortnight", 1}};
  return lookup(kNumbers, word);
}

double time_unit_days(std::string_view word) {
  static const std::unordered_map<std::string_view, double> kUnits = {
      {"second", 1.0 / 86400}, {"seconds", 1.0 / 86400}, {"minute", 1.0 / 1440}, {"minutes", 1.0 / 1440}, {"min", 1.0 / 1440},
      {"mins", 1.0 / 1440}, {"hour", 1.0 / 24}, {"hours", 1.0 / 24}, {"hr", 1.0 / 24}, {"hrs", 1.0 / 24}, {"h", 1.0 / 24},
      {"day", 1}, {"days", 1}, {"d", 1}, {"day's", 1}, {"days'", 1}, {"night", 1}, {"nights", 1}, {"week", 7}, {"weeks", 7},
      {"week's", 7}, {"wk", 7}, {"wks", 7}, {"w", 7}, {"fortnight", 14}, {"month", 30}, {"months", 30}, {"month's", 30}, {"mo", 30},
      {"mos", 30}, {"mth", 30}, {"mths", 30}, {"year", 365}, {"years", 365}, {"yr", 365}, {"yrs", 365}, {"decade", 3650},
      {"decades", 3650}};
  return lookup(kUnits, word);
}

}  // namespace osler::language
