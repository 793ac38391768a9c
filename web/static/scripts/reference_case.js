// The example of the contract. Its two lab codes fail LOINC's check digit on purpose: the answer says so.
export const REFERENCE_CASE = {
  age: 65,
  symptoms: ['chest pain', 'shortness of breath', 'diaphoresis'],
  severity: 'severe',
  lab_results: { '12345-6': 0.5, '67890-1': 140 },
  preexisting_conditions: ['hypertension', 'type 2 diabetes'],
};
