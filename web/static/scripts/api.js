// Talking to the server this page came from, and to no other.

const TOO_LONG_MS = 20_000;
const LONGEST_QUESTION = 60;
const STEPS = 6;

let accessKey = '';

/** The key is held in this variable only: never in storage, never in an address. */
export function setAccessKey(key) {
  accessKey = key.trim();
}

/** `more` header fields, and the key where there is one. */
export function authorized(more = {}) {
  return accessKey === '' ? more : { ...more, Authorization: `Bearer ${accessKey}` };
}

/** What the server says of itself; an empty object when it cannot be asked. */
export async function about() {
  try {
    const response = await fetch('/api/v1/about', { headers: authorized() });
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

/** Entries of the knowledge base for what was typed; an empty list when there is nothing to ask or the server is away. */
export async function complete(typed, kind, signal) {
  const question = typed.trim();
  if (question.length < 2 || question.length > LONGEST_QUESTION) return [];
  const query = new URLSearchParams({ q: question, kind, limit: '8' });
  try {
    const response = await fetch(`/api/v1/complete?${query}`, { headers: authorized(), signal });
    const entries = response.ok ? await response.json() : [];
    return Array.isArray(entries) ? entries : [];
  } catch {
    return [];
  }
}

/** Asks for a diagnosis: {answer}, or {failure} as of post(). */
export const diagnose = (patientCase) => post('/api/v1/diagnose', patientCase);

/** Asks for the diagnosis once more and what weighs for one condition, by `method` "shap" or "lime": {answer} with `explanation`, or {failure}. */
export const explain = (patientCase, conditionId, method) =>
  post(`/api/v1/diagnose?${new URLSearchParams({ explain: method, condition: conditionId })}`, patientCase);

/** What to ask, examine or test next, best first: {steps}, or {failure} as of post(). */
export async function nextSteps(patientCase) {
  const { answer, failure } = await post(`/api/v1/next?limit=${STEPS}`, patientCase);
  return failure ? { failure } : { steps: answer.next };
}

/** Records what the case of an answer turned out to be: {answer} with `outcome`, or {failure}. */
export const recordOutcome = (requestId, outcome) => post(`/api/v1/cases/${requestId}/outcome`, outcome);

/** Resolves to {answer} or {failure} as of failureOf(). */
async function post(address, body) {
  const cancel = new AbortController();
  const timer = setTimeout(() => cancel.abort(), TOO_LONG_MS);
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: authorized({ 'Content-Type': 'application/json', Accept: 'application/json' }),
      body: JSON.stringify(body),
      signal: cancel.signal,
    });
    if (response.ok) return { answer: await response.json() };
    const problem = await response.json().catch(() => null);
    return { failure: failureOf({ status: response.status, problem, field: (name) => response.headers.get(name) }, TEXT_OF_STATUS) };
  } catch {
    return { failure: failureOf({ status: 0 }) };
  } finally {
    clearTimeout(timer);
  }
}

const TEXT_OF_STATUS = {
  403: 'This access key may not ask for a diagnosis.',
  413: 'The case is too long. Shorten the story.',
  503: 'The server is busy or cannot keep its records now, so it gives no answer. Try again in a moment.',
};

const TEXT_OF_ANY = {
  0: 'The server did not answer. Check that it is running, then try again.',
  401: 'This server needs an access key.',
  504: 'The answer took too long. Try again.',
};

/**
 * {status, text, errors[], requestId}: what to say of a request that failed. `status`: 0 where the server could not be reached; `problem`: its
 * problem document (RFC 9457) or null; `field(name)`: a header field of its response; `texts`: by status, in place of the document's own.
 */
export function failureOf({ status, problem = null, field = () => null }, texts = {}) {
  return {
    status,
    text: status === 429 ? tooMany(field('Retry-After')) : textOf(status, problem, texts),
    errors: Array.isArray(problem?.errors) ? problem.errors : [],
    requestId: problem?.request_id ?? field('X-Request-ID') ?? '',
  };
}

function tooMany(retryAfter) {
  const seconds = Number(retryAfter);
  return `Too many requests. Try again in ${seconds > 1 ? `${seconds} seconds` : 'a moment'}.`;
}

const textOf = (status, problem, texts) =>
  texts[status] ?? TEXT_OF_ANY[status] ?? problem?.detail ?? problem?.title ?? 'The server could not answer.';
