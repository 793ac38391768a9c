#include "decoder/coded_terms.h"

#include <algorithm>
#include <span>

#include "decoder/tags.h"

namespace osler::decoder {

namespace {

struct Code {
  std::string_view snomed_rt, snomed_ct, word;
};

constexpr Code kBodyParts[] = {
  {"T-D3000", "51185008", "CHEST"}, {"T-D4000", "113345001", "ABDOMEN"}, {"R-FAB57", "416949008", "ABDOMENPELVIS"}, {"T-15750", "70258002", "ANKLE"},
  {"T-59900", "53505006", "ANUS"}, {"T-D8000", "53120007", "ARM"}, {"T-D8200", "40983000", "ARM"}, {"T-60610", "28273000", "BILEDUCT"},
  {"T-65600", "110621006", "BILEDUCT"}, {"T-74000", "89837001", "BLADDER"}, {"T-04000", "76752008", "BREAST"}, {"T-26000", "955009", "BRONCHUS"},
  {"T-12770", "80144004", "CALCANEUS"}, {"R-FAB55", "416550000", "CHESTABDOMEN"}, {"R-FAB56", "416775004", "CHESTABDPELVIS"}, {"T-12310", "51299004", "CLAVICLE"},
  {"T-15610", "7844006", "CLAVICLE"}, {"T-11BF0", "64688005", "COCCYX"}, {"T-59300", "71854001", "COLON"}, {"T-59000", "14742008", "COLON"},
  {"T-11501", "122494005", "CSPINE"}, {"T-D00F7", "297171002", "CTSPINE"}, {"T-58200", "38848004", "DUODENUM"}, {"T-15430", "16953009", "ELBOW"},
  {"T-56000", "32849002", "ESOPHAGUS"}, {"T-12700", "72001000", "EXTREMITY"}, {"T-D0300", "66019005", "EXTREMITY"}, {"T-D0821", "371195002", "EXTREMITY"},
  {"T-13600", "30608006", "EXTREMITY"}, {"T-14668", "102292000", "EXTREMITY"}, {"T-AA000", "81745001", "EYE"}, {"T-D0801", "371398005", "EYE"},
  {"T-11196", "91397008", "FACE"}, {"T-11166", "13881006", "FACE"}, {"T-12710", "71341001", "FEMUR"}, {"T-12750", "87342007", "FIBULA"},
  {"T-D8800", "7569003", "FINGER"}, {"T-12980", "58742003", "FOOT"}, {"T-D9700", "56459004", "FOOT"}, {"T-15770", "27949001", "FOOT"},
  {"T-D8500", "14975008", "FOREARM"}, {"T-63000", "28231008", "GALLBLADDER"}, {"T-D8700", "85562004", "HAND"}, {"T-D1100", "69536005", "HEAD"},
  {"T-D1000", "774007", "HEADNECK"}, {"T-32000", "80891009", "HEART"}, {"T-D2500", "29836001", "HIP"}, {"T-12410", "85050009", "HUMERUS"},
  {"T-AB959", "361078006", "IAC"}, {"T-58600", "34516001", "ILEUM"}, {"T-12340", "22356005", "ILIUM"}, {"T-D1213", "661005", "JAW"}, {"T-61300", "54019009", "JAW"},
  {"T-15290", "53620006", "JAW"}, {"T-58000", "30315005", "JEJUNUM"}, {"T-58400", "21306003", "JEJUNUM"}, {"T-7000B", "431491007", "KIDNEY"},
  {"T-D9200", "72696002", "KNEE"}, {"T-24100", "4596009", "LARYNX"}, {"T-D9000", "61685007", "LEG"}, {"T-D9400", "30021000", "LEG"},
  {"T-11503", "122496007", "LSPINE"}, {"T-D00F9", "297173004", "LSSPINE"}, {"T-28000", "39607008", "LUNG"}, {"T-11180", "91609006", "MANDIBLE"},
  {"T-11170", "70925003", "MAXILLA"}, {"T-D3300", "72410000", "MEDIASTINUM"}, {"T-D1600", "45048000", "NECK"}, {"R-FAB52", "417437006", "NECKCHEST"},
  {"R-FAB53", "416152001", "NECKCHESTABDOMEN"}, {"R-FAB54", "416319003", "NECKCHESTABDPELV"}, {"T-11149", "74386004", "NOSE"}, {"T-11102", "55024004", "ORBIT"},
  {"T-D14AE", "363654007", "ORBIT"}, {"T-61100", "45289007", "PAROTID"}, {"T-12730", "64234005", "PATELLA"}, {"T-D6000", "12921003", "PELVIS"},
  {"R-FAB58", "416631005", "PELVIS"}, {"T-15680", "39723000", "PELVIS"}, {"T-92000", "41216001", "PROSTATE"}, {"T-59600", "34402009", "RECTUM"},
  {"T-11300", "113197003", "RIB"}, {"T-11AD0", "54735007", "SACRUM"}, {"T-12280", "79601000", "SCAPULA"}, {"T-15420", "85856004", "SHOULDER"},
  {"T-D2220", "16982005", "SHOULDER"}, {"T-22000", "2095001", "SINUS"}, {"T-11133", "59066005", "SKULL"}, {"T-11100", "89546000", "SKULL"},
  {"T-D1460", "42575006", "SKULL"}, {"T-D04FF", "421060004", "SPINE"}, {"T-11011", "110517009", "SPINE"}, {"T-11210", "56873002", "STERNUM"},
  {"T-DD163", "110861005", "STOMACH"}, {"T-57000", "69695003", "STOMACH"}, {"T-D9100", "68367000", "THIGH"}, {"T-D8810", "76505004", "THUMB"},
  {"T-D00F8", "297172009", "TLSPINE"}, {"T-D9800", "29707007", "TOE"}, {"T-25000", "44567001", "TRACHEA"}, {"T-11502", "122495006", "TSPINE"},
  {"T-73000", "87953007", "URETER"}, {"T-75000", "13648007", "URETHRA"}, {"T-88920", "110639002", "UTERUS"}, {"T-D0010", "38266002", "WHOLEBODY"},
  {"T-15460", "74670003", "WRIST"},
};
constexpr Code kViews[] = {
  {"R-10206", "399348003", "AP"}, {"R-10214", "272479007", "PA"}, {"R-40888", "272479007", "PA"}, {"R-10202", "399033003", "FRONTAL"},
  {"R-10236", "399173006", "LL"}, {"R-10232", "399198007", "RL"}, {"G-A145", "30730003", "LATERAL"}, {"R-10224", "399260004", "LATERAL"},
  {"R-10228", "399352003", "LATERAL"}, {"R-102CD", "399067008", "LATERAL"}, {"R-10204", "399160007", "OBLIQUE"}, {"R-10208", "399312000", "OBLIQUE"},
  {"R-10210", "399038007", "OBLIQUE"}, {"R-10212", "399006002", "OBLIQUE"}, {"R-10216", "399059000", "OBLIQUE"}, {"R-10220", "399135007", "OBLIQUE"},
  {"R-10226", "399368009", "OBLIQUE"}, {"R-10230", "399099002", "OBLIQUE"}, {"R-10234", "399236003", "OBLIQUE"}, {"R-10238", "399184004", "OBLIQUE"},
  {"R-10246", "399004004", "OBLIQUE"}, {"R-10248", "399288005", "OBLIQUE"}, {"R-10250", "399225005", "OBLIQUE"}, {"R-10252", "399132005", "OBLIQUE"},
  {"R-10254", "399325008", "OBLIQUE"}, {"R-102C1", "399182000", "OBLIQUE"}, {"R-40782", "260426006", "OBLIQUE"}, {"R-40783", "260427002", "OBLIQUE"},
  {"R-40985", "399356000", "OBLIQUE"}, {"R-10241", "399061009", "AXIAL"}, {"R-10242", "399162004", "AXIAL"}, {"R-10244", "399196006", "AXIAL"},
  {"R-10256", "399255003", "AXIAL"}, {"R-10257", "399360002", "AXIAL"}, {"R-102C3", "399071006", "AXIAL"}, {"R-102C4", "399335002", "AXIAL"},
  {"R-102C5", "399272005", "SKULL"}, {"R-102C6", "399242004", "SKULL"}, {"R-102C7", "399351005", "SKULL"}, {"R-102C8", "399316002", "SKULL"},
  {"R-102C2", "399110001", "TANGENTIAL"}, {"R-40810", "260499007", "TANGENTIAL"},
};

/// Older files have SNOMED-RT under one of three names; PS3.16 8.1 retired them for SNOMED-CT.
bool is_snomed_rt(std::string_view scheme) { return scheme == "SRT" || scheme == "SNM3" || scheme == "99SDM"; }

std::string word_of(const DataSetView& set, const Tag& sequence, std::span<const Code> codes) {
  const std::vector<DataSetView> items = set.items(sequence);
  if (items.empty()) return {};
  const std::string scheme = items.front().text(tags::kCodingScheme), value = items.front().text(tags::kCodeValue);
  if (scheme != "SCT" && !is_snomed_rt(scheme)) return {};
  const auto found = std::find_if(codes.begin(), codes.end(), [&](const Code& code) { return value == (scheme == "SCT" ? code.snomed_ct : code.snomed_rt); });
  return found == codes.end() ? std::string() : std::string(found->word);
}

}  // namespace

std::string coded_body_part(const DataSetView& set) { return word_of(set, tags::kAnatomicRegionSequence, kBodyParts); }

std::string coded_view(const DataSetView& set) { return word_of(set, tags::kViewCodeSequence, kViews); }

}  // namespace osler::decoder
