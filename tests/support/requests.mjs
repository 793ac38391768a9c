// Requests that several tests send.

/** The contract's own example. Both lab codes have LOINC's shape and a wrong check digit. */
export const referenceRequest = Object.freeze({
  age: 65,
  symptoms: ['chest pain', 'shortness of breath', 'diaphoresis'],
  severity: 'severe',
  lab_results: { '12345-6': 0.5, '67890-1': 140 },
  preexisting_conditions: ['hypertension', 'type 2 diabetes'],
});

/** A small request that is fine, with some members replaced; undefined takes one away. */
export function requestWith(members = {}) {
  const request = { age: 40, symptoms: ['cough'], severity: 'mild', ...members };
  for (const [name, value] of Object.entries(request)) if (value === undefined) delete request[name];
  return request;
}

/** The same numbers every time a seed is given: mulberry32. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed of this run, or the one in OSLER_SEED; printed, so that a failure can be had again. */
export function seedOfThisRun() {
  const seed = Number(process.env.OSLER_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`note: seed ${seed}`);
  return seed;
}
