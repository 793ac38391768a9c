// What golden.mjs makes its vocabulary and its texts of. All of it written for Osler.

const split = (text) => text.trim().split(/\s+/u);

/** Whole words; each stands in the vocabulary as it is and with a capital. */
export const VOCABULARY_WORDS = [...new Set(split(`
  a an and are as at be been but by can could did do does for from had has have he her him his i if in into is it its me mine my no nor not
  of off on or our out over she should so some such than that the their them then there they this those through to too under until up very
  was we were what when where which while who whom why will with would you your about above after again all also always any because before
  being below between both day days week weeks month months year years hour hours minute minutes morning night evening since ago last next
  first second third one two three four five six seven eight nine ten old new man woman boy girl child infant baby patient doctor nurse
  hospital clinic emergency department ward bed home work school travel family mother father brother sister pain ache aching sore soreness
  burning sharp dull stabbing crushing throbbing cramp cramping colic tenderness tender stiff stiffness swelling swollen red redness warm
  hot cold chills rigors fever feverish sweat sweats sweating tired tiredness fatigue weak weakness dizzy dizziness faint fainting syncope
  vertigo nausea nauseous vomit vomiting diarrhoea diarrhea constipation bloating bloody blood bleeding stool stools urine urinary frequency
  urgency dysuria haematuria hematuria cough coughing sputum phlegm wheeze wheezing breath breathing breathless dyspnoea dyspnea short
  shortness orthopnoea haemoptysis hemoptysis chest heart cardiac palpitations murmur angina infarction failure atrial fibrillation
  hypertension hypotension pressure pulse rate rhythm oxygen saturation respiratory lung lungs pneumonia bronchitis asthma copd embolism
  effusion pleural pleuritic abdomen abdominal epigastric flank pelvic back neck head headache migraine throat ear eye eyes nose mouth skin
  rash itch itching hives blister bruise wound ulcer lesion lump mass nodule gland glands joint joints knee hip shoulder elbow wrist hand
  hands finger fingers foot feet ankle leg legs arm arms left right upper lower both sided side front rear muscle bone fracture sprain
  injury fall fell accident seizure convulsion tremor numb numbness tingling confusion confused drowsy coma stroke speech slurred vision
  blurred double loss weight appetite thirst hunger sleep anxiety depression mood stress memory diabetes insulin glucose thyroid anaemia
  anemia cancer tumour tumor infection sepsis virus viral bacterial influenza covid malaria tuberculosis hepatitis jaundice liver kidney
  renal bladder prostate uterus pregnant pregnancy menstrual period allergy allergic penicillin aspirin ibuprofen paracetamol metformin
  warfarin heparin statin smoker smoking alcohol drug drugs tablet tablets dose mg ml kg mmol mmhg bpm normal abnormal raised low high mild
  moderate severe acute chronic sudden gradual onset worse better constant intermittent history presents presented denies reports complains
  known troponin creatinine sodium potassium haemoglobin platelets white cell count culture test tests scan xray ultrasound ecg positive
  negative strasse straße café ménière sjögren guillain barré naïve résumé señor español français über münchen ångström ελλάδα πόνος οδος
  οδός καρδιά боль голова сердце врач 心 痛 頭 痛み 発熱 두통 un play play-off mis under re pre post anti auto hyper hypo peri endo myo cardio gastro
  neuro hepato nephro osteo arthr derm electro encephalo
`))];

/** What may follow inside a word. */
export const VOCABULARY_ENDINGS = [...new Set(split(`
  s es ed ing er ers est ly y ies ied ion ions tion ation ations al ally ic ical ically ity ities ness less ful able ible ous ive ize ise
  ized ised izing ment ments itis osis oses emia aemia uria pathy ectomy ostomy otomy scopy graphy gram graph oma omas algia plegia paresis
  pnea pnoea cardia card gastr enter entero col colo hepat nephr oste arthro derma logy logist logical megaly penia philia phobia plasia
  plasty rrhea rrhoea rrhage sclerosis spasm stasis stenosis trophy therapy toxic toxin genic gen genesis lysis lytic mycin cillin pril
  sartan statin olol azole amide amine ine ate ide oid ase th st nd rd un re pre ab ad am an ap ar as at av aw ba be bi bo br bu ca ce ch ci
  ck cl co cr ct cu da de di do dr du ea ec ee ef eg el em en ep eq et ev ew ex fa fe fi fl fo fr fu ga ge gh gi gl gn go gr gu ha he hi ho
  hr hu hy ia ib id ie if ig il im in ip ir is it iv je jo ke ki la ld le li ll lo lt lu ma me mi mm mo mp mu my na nc ne ng ni nn no ns nt
  nu oa ob oc od of og ok ol om on oo op or os ot ou ow ox pa pe ph pi pl po pp pr ps pt pu qu ra re rh ri rm rn ro rr rs rt ru ry sa sc se
  sh si sk sl sm so sp ss su sy ta te ti tl to tr ts tt tu ty ua ub uc ud ug ul um up ur us ut va ve vi vo wa we wh wi wo xy ya ye yo za ze
  zi zo ße ος ης ας ός ть ка ы
`))];

/** Characters beyond ASCII that the vocabulary knows one by one. */
export const OTHER_CHARACTERS = [...new Set([...'àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœšžßÀÁÄÅÉÖÜØıłđħαβγδεζηθικλμνξοπρστυφχψωςΑΒΓΔΣΩάέήίόύώабвгдежзийклмнопрстуфхцчшщъыьэюяё' +
  'АБВГДавлبةتثجحخدذرزسشصضطظعغفقكلمنهويאבגדהוζअआकखगतदनपमरलवसहा中国人医生病心頭痛発熱日本語のいうえかきはひㄱ각한국어ᄀ학ᆫ“”‘’–—…·•°µ²³½€£¥§¶«»¿¡、。「」→←≤≥±×÷≠∞™®©'])];

const ENGLISH = split(`
  patient presents with severe crushing chest pain radiating to the left arm Chest PAIN Dyspnoea haemoptysis hepatosplenomegaly unaffable
  unaffordable electroencephalography otorhinolaryngologist gastroenteritis pseudohypoparathyroidism thrombocytopenia McBurney's O'Brien
  don't can't it's x-ray T-wave follow-up 38.5 120/80 5.5mmol/L 10^9/L q.d.s. b.i.d. e.g. i.e. 3-4x/day #1 @home 50% $5 a_b c~d {x} [y] (z)
  <5 >10 =7 1,000 +/- ^^ \`\` "quoted" 'single' wheezing; cough: fever, chills! why? COVID-19 SpO2 HbA1c B12 T4 CO2 NaCl mRNA pH ECG/EKG MRI
  CT COPD GORD NSAID metformin amoxicillin atorvastatin lisinopril bisoprolol omeprazole
`);

const ACCENTED = split(`
  Ménière Sjögren Guillain-Barré naïve résumé café cafe\u0301 re\u0301sume\u0301 n\u0303 Ångström A\u030angstro\u0308m ÅNGSTRÖM Straße
  STRASSE GROẞ ß ẞ İstanbul ISPARTA ıspanak Iğdır i\u0307 I\u0307 İ œdème Œdème æther Øre łódź Đà Nẵng Việt tiê\u0301ng français garçon
  señor ESPAÑOL Ünïcödé q\u0307\u0323 q\u0323\u0307 e\u0301\u0323\u0302 Ǻ ǅ ǆ Ǆ ﬁ ﬂ ſ K Å Ω ℃ № ½ ² ª º
`);

const GREEK = split(`
  ΟΔΟΣ ΟΔΌΣ Σ ΑΣ ΣΑ ΑΣΑ ΑΣ. ΑΣ.Α ΑΣ'Σ ΣΣ ΠΟΝΟΣ Πόνος οδος ΟΔΟΣ, (ΟΔΟΣ) 'ΟΔΟΣ' ΑΣ\u0301 ΑΣ\u0301Α Α\u00adΣ ΑΣ1 1Σ ΑΣ中 ΜΕΝΙΈΡΕΣ Ελλάδα ΆΈΉΊΌΎΏ
  ΐ ΰ \u1fef \u037e \u0387 ᾳ ᾼ ᾼΣ
`);

const OTHER_SCRIPTS = split(`
  心痛 頭痛がする 発熱 日本語 中国人 医生 病 a中b 中. 한국어 두통 각 가\u11a8 боль Голова СЕРДЦЕ врач Ёлка ё е\u0308 й и\u0306 ألم الصدر شديد مُحَمَّد صُدَاع חולה
  שָׁלוֹם छाती में दर्द कि\u093c क़ ไทย ปวดหัว ქართული ᲥᲐᲠᲗᲣᲚᲘ Հիվանդ \uf900 \ufa0e 豈 ﾊﾟ カ\u3099 が \u0f73 བོད་ ខ្មែរ မြန်မာ ᠮᠣᠩᠭᠣᠯ 𝐀𝐁 𝔘 𐐀𐐨
  𞤀𞤢 𝟙 Ꭰ ꭰ
`);

const SYMBOLS = split(`
  😀 🤒🤕 👩‍⚕️ 👨‍👩‍👧 🇬🇧 ❤️ ☠ ✓ → ≠ ≤5 ≥10 ± × µg μg °C … — – “quoted” ‘single’ «gui» ¿Qué? ¡Ay! 、。 「x」 ‹a› ½tablet • · ‐ ‑ ′ ″ § ¶ © € £5 ¥ ¤ ≮
  ≯ =\u0338 <\u0338 a\u0338b \u0301 a!\u0301b !\u0301! ⁂ ‽ ⸮ ། ؟ ، ॥ ־ ٪ 。。 ！ ？ （x） ＡＢＣ ｆｅｖｅｒ
`);

const BLANKS = [' ', '  ', '\t', '\n', '\r\n', '\u00a0', '\u1680', '\u2003', '\u2009', '\u202f', '\u205f', '\u3000', '\u2028', '\u2029'];
const DROPPED = ['\u0000', '\u0001', '\u0007', '\u0008', '\u000b', '\u000c', '\u001b', '\u001c', '\u001f', '\u007f', '\u0080', '\u0085', '\u009f', '\u00ad', '\u061c', '\u200b',
  '\u200c', '\u200d', '\u200e', '\u202a', '\u202e', '\u2060', '\u2066', '\ufeff', '\ufffd', '\u{e0041}', '\u0600', '\u06dd'];

const NOTES = [
  '58-year-old man with crushing substernal chest pain radiating to the left arm, diaphoresis and nausea for 2 hours.',
  'Pt c/o SOB x3/7, worse on lying flat. PMHx: HTN, T2DM, AF. Meds: bisoprolol 2.5mg OD, apixaban 5mg BD.',
  'BP 92/54 mmHg, HR 128 bpm, RR 26/min, SpO2 88% on air, T 38.9°C, GCS 14/15.',
  'Na+ 131 mmol/L; K+ 5.9 mmol/L; creatinine 212 µmol/L (baseline 90); CRP >250 mg/L; WCC 18.4 x10^9/L.',
  'No known drug allergies. Ex-smoker (20 pack-years). Denies haemoptysis, weight loss or night sweats.',
  "Mother says he's been \"off his food\" since Tuesday & won't stop crying!!!",
  'Sudden-onset "thunderclap" headache, 10/10, with neck stiffness + photophobia; ?SAH – urgent CT/LP.',
  'Hx of Ménière’s disease, Sjögren’s syndrome and Guillain–Barré; now vertigo & tinnitus…',
  'Dolor abdominal intenso en el cuadrante inferior derecho, náuseas y vómitos; señal de McBurney positiva.',
  'Douleur thoracique brutale irradiant dans le dos, dyspnée, antécédent d’embolie pulmonaire.',
  'Starke Kopfschmerzen, Übelkeit, Fieber 39,5 °C; Größe 1,80 m; wohnt in der Bahnhofstraße.',
  'Şiddetli göğüs ağrısı, İstanbul’dan geldi, IŞIK hassasiyeti var.',
  'Αιφνίδιος πόνος στο στήθος. ΙΣΤΟΡΙΚΟ: ΔΙΑΒΗΤΗΣ, ΥΠΕΡΤΑΣΗ (ΝΟΣΟΣ).',
  'Сильная боль в груди, одышка; температура 38,5. Врач: Ёлкина.',
  '患者は3日前から発熱と頭痛がある。体温は38.5度。', '病人胸痛两小时,伴出汗。BP 90/60。', '환자는 두통과 발열이 있다. 체온 38.5도.',
  'ألم شديد في الصدر منذ ساعتين، مع ضيق في التنفس؟', 'מטופל בן 60 עם כאבים בחזה, קוצר נשימה.', 'मरीज़ को छाती में तेज़ दर्द है।',
  '', ' ', '\n\t\r', '\u00ad', '\u200b\u200b', '\u0301', '!', '##', '##ing', '#', 'a##b', '[', '[]', '[UN', 'unk', '[unused0]', 'UNK', '.', '...', '?!?!', '-----', '\u0000a\u0000b\u0000',
  'a'.repeat(99), 'a'.repeat(100), 'a'.repeat(101), `${'a'.repeat(100)}.${'b'.repeat(101)}.c`, 'é'.repeat(100), 'é'.repeat(101), 'e\u0301'.repeat(100), 'e\u0301'.repeat(101), '각'.repeat(33), '각'.repeat(34),
  'İ'.repeat(100), 'a\u00ad'.repeat(100), 'a\u00ad'.repeat(101), '中'.repeat(120), '!'.repeat(120), `pain${'!'.repeat(50)}pain`, 'pneumono'.repeat(12), 'pneumono'.repeat(13), 'Σ'.repeat(101), 'ＡΣ'.repeat(20), '🤒'.repeat(101),
];

/** Numbers that look random and are the same at every run (a linear congruential generator, Numerical Recipes). */
function* numbers(seed) {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 8;
  }
}

function* mixtures(count) {
  const random = numbers(2024);
  const pick = (list) => list[random.next().value % list.length];
  const lists = [ENGLISH, ENGLISH, ACCENTED, GREEK, OTHER_SCRIPTS, SYMBOLS, VOCABULARY_WORDS];
  for (let i = 0; i < count; ++i) {
    let text = '';
    for (let part = 2 + (random.next().value % 9); part > 0; --part) {
      const word = pick(pick(lists));
      const joint = random.next().value % 8;
      text += word + (joint === 0 ? pick(DROPPED) : joint === 1 ? '' : joint === 2 ? pick(BLANKS) : joint === 3 ? pick([',', '-', '/', '.', "'", '…']) : ' ');
    }
    yield text;
  }
}

export const TEXTS = [
  ...NOTES, ...ENGLISH, ...ACCENTED, ...GREEK, ...OTHER_SCRIPTS, ...SYMBOLS,
  ...BLANKS.map((blank) => `chest${blank}pain`), ...DROPPED.map((dropped) => `chest${dropped}pain and${dropped} fever`), ...mixtures(400),
];
