// Sources: RCP NEWS2 2017 (a single parameter scoring 3); NICE NG143 fever in under 5s, NG51 sepsis, CG95 chest pain,
// NG228 subarachnoid haemorrhage, NG128 stroke, NG126 ectopic pregnancy, NG232 head injury, NG41 spinal injury, NG59 low
// back pain; Resuscitation Council UK anaphylaxis 2021; UK Kidney Association hyperkalaemia 2023; JBDS hypoglycaemia and
// DKA 2023; NICE CG75 metastatic cord compression, CG151 neutropenic sepsis, NG225 self-harm; RCOG Green-top 57 fetal movements;
// College of Optometrists and RCOphth on papilloedema; NICE CG147 limb ischaemia; British Burn Association referral 2012;
// TOXBASE and the Toxicology Handbook for ingestions; ESC acute coronary syndromes 2023 (ST elevation, raised troponin).
#include "reasoning/red_flags.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace osler::reasoning {

using namespace clinical;

namespace {

struct FlagRow {
  std::array<std::string_view, 3> all;  // every one present; empty: unused
  Urgency urgency;
  std::string_view reason;
  double age_from = 0, age_to = 1000;
  bool severe = false;                  // only when the caller calls the case severe
  double days_to = 1e9;                 // only when the complaint is not known to be older
};

constexpr Urgency kNow = Urgency::emergency;
constexpr Urgency kSoon = Urgency::urgent;

constexpr FlagRow kFlags[] = {
    {{"chest_pain", "diaphoresis", ""}, kNow, "chest pain with sweating", 25},
    {{"chest_pain", "syncope", ""}, kNow, "chest pain with syncope"},
    {{"chest_pain", "dyspnoea", ""}, kNow, "severe chest pain with shortness of breath", 25, 1000, true},
    {{"chest_pain_radiating_to_arm", "", ""}, kSoon, "chest pain radiating to the arm", 25},
    {{"tearing_chest_pain", "", ""}, kNow, "tearing chest pain"},
    {{"pulse_deficit", "", ""}, kNow, "pulse deficit"},
    {{"exertional_syncope", "", ""}, kNow, "syncope on exertion"},
    {{"st_elevation_on_ecg", "chest_pain", ""}, kNow, "ST elevation with chest pain"},
    {{"troponin_high", "chest_pain", ""}, kNow, "raised troponin with chest pain"},
    {{"stridor", "", ""}, kNow, "stridor"},
    {{"drooling", "sore_throat", "fever"}, kNow, "drooling with sore throat and fever: the airway may be at risk"},
    {{"cyanosis", "", ""}, kNow, "cyanosis"},
    {{"silent_chest", "", ""}, kNow, "silent chest"},
    {{"difficulty_completing_sentences", "", ""}, kNow, "cannot complete sentences"},
    {{"tracheal_deviation", "", ""}, kNow, "tracheal deviation"},
    {{"lip_or_face_swelling", "dyspnoea", ""}, kNow, "swelling of the face with shortness of breath: possible anaphylaxis"},
    {{"lip_or_face_swelling", "hypotension", ""}, kNow, "swelling of the face with low blood pressure: possible anaphylaxis"},
    {{"wheals", "dyspnoea", ""}, kNow, "urticaria with shortness of breath: possible anaphylaxis"},
    {{"reduced_consciousness", "", ""}, kNow, "reduced consciousness"},
    {{"seizure", "fever", "neck_stiffness"}, kNow, "seizure with fever and neck stiffness"},
    {{"seizure", "", ""}, kSoon, "seizure"},
    {{"papilloedema", "", ""}, kNow, "papilloedema: imaging the same day"},
    {{"hypercyanotic_spells", "", ""}, kNow, "hypercyanotic spells"},
    {{"partial_thickness_burn", "", ""}, kNow, "partial-thickness burn in a small child", 0, 5},
    {{"ischaemic_rest_pain", "", ""}, kSoon, "ischaemic rest pain: the limb may be at risk"},
    {{"thunderclap_headache", "", ""}, kNow, "thunderclap headache"},
    {{"neck_stiffness", "fever", "headache"}, kNow, "headache with fever and neck stiffness"},
    {{"petechial_or_purpuric_rash", "fever", ""}, kNow, "non-blanching rash with fever"},
    {{"confusion", "fever", ""}, kNow, "new confusion with fever"},
    {{"confusion", "", ""}, kSoon, "new confusion"},
    {{"facial_droop", "speech_disturbance", ""}, kNow, "facial droop with disturbed speech: possible stroke"},
    {{"unilateral_weakness", "", ""}, kNow, "weakness of one side: possible stroke"},
    {{"focal_weakness", "speech_disturbance", ""}, kNow, "focal weakness with disturbed speech: possible stroke"},
    {{"transient_neurological_symptoms", "", ""}, kSoon, "transient neurological symptoms"},
    {{"transient_monocular_visual_loss", "", ""}, kSoon, "transient loss of vision in one eye"},
    {{"visual_loss", "", ""}, kSoon, "loss of vision", 0, 1000, false, 30},
    {{"painful_red_eye", "halos_around_lights", ""}, kNow, "painful red eye with halos"},
    {{"jaw_claudication", "", ""}, kSoon, "jaw claudication: possible giant cell arteritis", 50},
    {{"saddle_anaesthesia", "", ""}, kNow, "saddle anaesthesia: possible cauda equina syndrome"},
    {{"back_pain", "urinary_retention", ""}, kNow, "back pain with urinary retention"},
    {{"leg_weakness_bilateral", "back_pain", ""}, kNow, "back pain with weakness of both legs"},
    {{"guarding_or_rigidity", "", ""}, kNow, "abdominal guarding or rigidity"},
    {{"pulsatile_abdominal_mass", "abdominal_pain", ""}, kNow, "pulsatile abdominal mass with pain"},
    {{"haematemesis", "", ""}, kNow, "haematemesis"},
    {{"melaena", "", ""}, kSoon, "melaena"},
    {{"melaena", "syncope", ""}, kNow, "melaena with syncope"},
    {{"bilious_vomiting", "", ""}, kNow, "bilious vomiting in an infant", 0, 1},
    {{"pain_out_of_proportion_to_examination", "", ""}, kNow, "abdominal pain out of proportion to the examination"},
    {{"missed_period", "vaginal_bleeding", "pelvic_pain"}, kNow, "missed period with bleeding and pelvic pain"},
    {{"missed_period", "abdominal_pain", "syncope"}, kNow, "missed period with abdominal pain and syncope"},
    {{"vaginal_bleeding_in_pregnancy", "", ""}, kSoon, "vaginal bleeding in pregnancy"},
    {{"sudden_testicular_pain", "", ""}, kNow, "sudden testicular pain"},
    {{"testicular_pain", "", ""}, kSoon, "testicular pain", 0, 30},
    {{"hot_red_swollen_joint", "fever", ""}, kSoon, "hot swollen joint with fever"},
    {{"skin_necrosis_or_crepitus", "", ""}, kNow, "skin necrosis or crepitus"},
    {{"suicidal_thoughts", "", ""}, kSoon, "suicidal thoughts"},
    {{"deliberate_self_poisoning", "", ""}, kNow, "deliberate self-poisoning"},
    {{"paracetamol_excess_ingestion", "", ""}, kNow, "paracetamol overdose"},
    {{"carbon_monoxide_exposure", "headache", ""}, kNow, "carbon monoxide exposure with headache"},
    {{"infant_apnoea", "", ""}, kNow, "apnoea in an infant"},
    {{"lethargy_child", "fever", ""}, kNow, "fever in a drowsy child", 0, 5},
    {{"mottled_skin", "fever", ""}, kNow, "fever with mottled skin"},
    {{"fever", "", ""}, kNow, "fever under three months of age", 0, 0.25},
    {{"haemoptysis", "", ""}, kSoon, "haemoptysis"},
    {{"sensory_level", "", ""}, kNow, "sensory level on the trunk: possible compression of the cord"},
    {{"leg_weakness_bilateral", "extensor_plantar", ""}, kNow, "weakness of both legs with an extensor plantar response: possible compression of the cord"},
    {{"leg_weakness_bilateral", "palpable_bladder", ""}, kNow, "weakness of both legs with a full bladder: possible compression of the cord"},
    {{"leg_weakness_bilateral", "night_back_pain", ""}, kNow, "back pain at night with weakness of both legs"},
    {{"unequal_pupils", "", ""}, kNow, "unequal pupils in a drowsy or injured patient"},
    {{"abnormal_posturing", "", ""}, kNow, "decorticate or decerebrate posturing"},
    {{"bulging_fontanelle", "fever", ""}, kNow, "bulging fontanelle with fever"},
    {{"lead_pipe_rigidity", "fever", ""}, kNow, "rigidity with fever"},
    {{"clonus", "fever", ""}, kNow, "clonus with fever: possible serotonin toxicity"},
    {{"jaundice", "confusion", ""}, kNow, "jaundice with confusion: possible liver failure"},
    {{"jaundice", "fever", "right_upper_quadrant_pain"}, kNow, "fever, jaundice and pain under the right ribs: possible cholangitis"},
    {{"generalised_peritonism", "", ""}, kNow, "signs of peritonitis"},
    {{"anuria", "", ""}, kNow, "no urine at all"},
    {{"prolonged_epistaxis", "", ""}, kNow, "nosebleed that pressure fails to stop"},
    {{"floor_of_mouth_swelling", "", ""}, kNow, "swelling of the floor of the mouth: the airway may be at risk"},
    {{"tongue_swelling", "", ""}, kNow, "swelling of the tongue: the airway may be at risk"},
    {{"drooling", "muffled_voice", ""}, kNow, "drooling with a muffled voice: the airway may be at risk"},
    {{"airway_foreign_body_seen", "", ""}, kNow, "foreign body in the airway"},
    {{"sudden_visual_loss", "", ""}, kNow, "sudden loss of vision"},
    {{"curtain_over_vision", "", ""}, kNow, "curtain over the vision: possible retinal detachment"},
    {{"chemical_splash_in_eye", "", ""}, kNow, "chemical in the eye: rinse now"},
    {{"penetrating_trauma", "", ""}, kNow, "penetrating injury"},
    {{"cold_limb", "pale_or_blue_limb", ""}, kNow, "cold, pale or blue limb: possible acute ischaemia"},
    {{"skin_pain_out_of_proportion", "fever", ""}, kNow, "fever with skin pain out of proportion: possible necrotising infection"},
    {{"purpura_fulminans", "", ""}, kNow, "rapidly spreading purpura"},
    {{"fever", "recent_chemotherapy", ""}, kNow, "fever after chemotherapy: possible neutropenic sepsis"},
    {{"absent_fetal_movements", "", ""}, kNow, "no fetal movements felt"},
    {{"reduced_fetal_movements", "", ""}, kSoon, "reduced fetal movements"},
    {{"contractions_stopped_suddenly", "", ""}, kNow, "contractions that stopped suddenly in labour"},
    {{"regular_painful_contractions", "", ""}, kSoon, "regular painful contractions"},
    {{"suicide_plan", "", ""}, kNow, "suicidal plan or intent"},
    {{"command_hallucinations", "", ""}, kSoon, "voices giving orders"},
    {{"button_battery_swallowed", "", ""}, kNow, "swallowed button battery"},
    {{"snake_bite_exposure", "", ""}, kNow, "snake bite"},
    {{"tricyclic_ingestion", "", ""}, kNow, "overdose of a tricyclic antidepressant"},
    {{"salicylate_ingestion", "", ""}, kNow, "overdose of a salicylate"},
    {{"beta_blocker_ingestion", "", ""}, kNow, "overdose of a beta-blocker"},
    {{"calcium_channel_blocker_ingestion", "", ""}, kNow, "overdose of a calcium channel blocker"},
    {{"toxic_alcohol_ingestion", "", ""}, kNow, "a toxic alcohol was drunk"},
    {{"iron_ingestion", "", ""}, kNow, "overdose of iron"},
    {{"wild_mushroom_ingestion", "vomiting", ""}, kNow, "vomiting after wild mushrooms"},
    {{"late_pregnancy_bleeding", "", ""}, kNow, "bleeding in the second half of pregnancy"},
    {{"heavy_bleeding_after_birth", "", ""}, kNow, "heavy bleeding after birth"},
    {{"passage_of_tissue", "vaginal_bleeding_in_pregnancy", "lightheadedness"}, kNow, "heavy loss in pregnancy with faintness"},
    {{"major_external_bleeding", "", ""}, kNow, "heavy bleeding from a wound"},
    {{"large_volume_rectal_bleeding", "", ""}, kNow, "large amounts of blood from the back passage"},
    {{"haemodynamic_signs_of_bleeding", "", ""}, kNow, "signs of inner bleeding"},
    {{"prolonged_erection", "", ""}, kNow, "erection lasting hours"},
    {{"foreskin_stuck_behind_glans", "", ""}, kNow, "foreskin stuck behind the glans"},
    {{"waters_broken", "", ""}, kSoon, "waters broken"},
    {{"subarachnoid_blood_on_ct", "", ""}, kNow, "subarachnoid blood on CT"},
    {{"pneumothorax_on_imaging", "dyspnoea", ""}, kNow, "pneumothorax with shortness of breath"},
    {{"free_abdominal_air_on_imaging", "", ""}, kNow, "free air in the abdomen"},
    {{"aortic_dissection_on_ct", "", ""}, kNow, "aortic dissection on CT"},
    {{"pulmonary_embolus_on_ct", "", ""}, kNow, "pulmonary embolus on CT"},
};

struct MeasurementRow {
  std::string_view quantity;
  Grade grade;
  Urgency urgency;
  std::string_view reason;
  double age_from = 0, age_to = 1000;
};

constexpr MeasurementRow kMeasurements[] = {
    {"oxygen_saturation", Grade::markedly_low, kNow, "markedly low oxygen saturation"},
    {"oxygen_saturation", Grade::low, kSoon, "low oxygen saturation"},
    {"respiratory_rate", Grade::markedly_high, kNow, "markedly high respiratory rate"},
    {"respiratory_rate", Grade::markedly_low, kNow, "markedly low respiratory rate"},
    {"heart_rate", Grade::markedly_high, kNow, "markedly high heart rate"},
    {"heart_rate", Grade::markedly_low, kNow, "markedly low heart rate"},
    {"systolic_pressure", Grade::markedly_low, kNow, "markedly low blood pressure"},
    {"systolic_pressure", Grade::low, kSoon, "low blood pressure"},
    {"systolic_pressure", Grade::markedly_high, kSoon, "markedly high blood pressure"},
    {"diastolic_pressure", Grade::markedly_high, kSoon, "markedly high diastolic pressure"},
    {"temperature", Grade::markedly_low, kNow, "severe hypothermia"},
    {"temperature", Grade::high, kNow, "fever under three months of age", 0, 0.25},
    {"temperature", Grade::markedly_high, kNow, "fever under three months of age", 0, 0.25},
    {"temperature", Grade::markedly_high, kSoon, "high fever under six months of age", 0.25, 0.5},
    {"troponin_i", Grade::markedly_high, kNow, "markedly raised troponin"},
    {"troponin_t", Grade::markedly_high, kNow, "markedly raised troponin"},
    {"potassium", Grade::markedly_high, kNow, "severe hyperkalaemia"},
    {"potassium", Grade::markedly_low, kNow, "severe hypokalaemia"},
    {"sodium", Grade::markedly_low, kSoon, "severe hyponatraemia"},
    {"sodium", Grade::markedly_high, kSoon, "severe hypernatraemia"},
    {"calcium", Grade::markedly_high, kSoon, "severe hypercalcaemia"},
    {"glucose", Grade::markedly_low, kNow, "severe hypoglycaemia"},
    {"glucose", Grade::markedly_high, kSoon, "markedly raised glucose"},
    {"ketones_blood", Grade::markedly_high, kNow, "markedly raised blood ketones"},
    {"blood_ph", Grade::markedly_low, kNow, "severe acidaemia"},
    {"lactate", Grade::markedly_high, kNow, "markedly raised lactate"},
    {"haemoglobin", Grade::markedly_low, kSoon, "severe anaemia"},
    {"platelets", Grade::markedly_low, kSoon, "severe thrombocytopenia"},
    {"neutrophils", Grade::markedly_low, kSoon, "severe neutropenia"},
    {"carboxyhaemoglobin", Grade::markedly_high, kNow, "markedly raised carboxyhaemoglobin"},
    {"paracetamol_level", Grade::markedly_high, kNow, "markedly raised paracetamol level"},
};

}  // namespace

RedFlags::RedFlags(const KnowledgeBase& knowledge) : knowledge_(knowledge) {
  add_findings();
  add_measurements();
  std::sort(unknown_ids_.begin(), unknown_ids_.end());
  unknown_ids_.erase(std::unique(unknown_ids_.begin(), unknown_ids_.end()), unknown_ids_.end());
}

void RedFlags::add_findings() {
  for (const FlagRow& row : kFlags) {
    Flag flag{{}, row.age_from, row.age_to, row.severe, row.days_to, {row.urgency, std::string(row.reason)}};
    bool complete = true;
    for (const std::string_view id : row.all) {
      if (id.empty()) continue;
      const auto found = knowledge_.finding_by_id.find(std::string(id));
      if (found != knowledge_.finding_by_id.end()) flag.all.push_back(found->second);
      else unknown_ids_.emplace_back(id);
      complete &= found != knowledge_.finding_by_id.end();
    }
    if (complete) flags_.push_back(std::move(flag));
  }
}

void RedFlags::add_measurements() {
  for (const MeasurementRow& row : kMeasurements) {
    const auto found = knowledge_.quantity_by_id.find(std::string(row.quantity));
    if (found == knowledge_.quantity_by_id.end()) unknown_ids_.emplace_back(row.quantity);
    else measurements_.push_back({found->second, row.grade, row.age_from, row.age_to, {row.urgency, std::string(row.reason)}});
  }
}

std::vector<Alarm> RedFlags::alarms(const CaseFindings& findings, const CaseState& state) const {
  std::vector<Alarm> alarms;
  const auto of_age = [&](const auto& rule) { return findings.age_years >= rule.age_from && findings.age_years < rule.age_to; };
  const auto present = [&](FindingIndex finding) { return state.standing[finding] == Standing::present; };
  for (const Flag& flag : flags_)
    if (of_age(flag) && findings.duration_days.value_or(0) <= flag.days_to && (!flag.severe || findings.severity == Severity::severe) &&
        std::all_of(flag.all.begin(), flag.all.end(), present))
      alarms.push_back(flag.alarm);
  for (const Measurement& rule : measurements_)
    for (const ObservedQuantity& observed : findings.quantities)
      if (of_age(rule) && observed.quantity == rule.quantity && observed.grade == rule.grade) alarms.push_back(rule.alarm);
  std::stable_sort(alarms.begin(), alarms.end(), [](const Alarm& a, const Alarm& b) { return a.urgency < b.urgency; });
  std::set<std::string> seen;
  std::erase_if(alarms, [&](const Alarm& alarm) { return !seen.insert(alarm.reason).second; });
  return alarms;
}

}  // namespace osler::reasoning
