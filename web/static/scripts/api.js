// Talking to the server this page came from, and to no other.

const TOO_LONG_MS = 20_000;
const LONGEST_QUESTION = 60;
const STEPS = 6;

let accessKey = '';

/** The key is held in this variable only: never in storage, never in an address. */
export function setAccessKey(key) {
  accessKey = key.trim();
}

function headers(more = {}) {
  return accessKey === '' ? more : { ...more, Authorization: `Bearer ${accessKey}` };
}

/** What the server says of itself; an empty object when it cannot be asked. */
export async function about() {
  try {
    const response = await fetch('/api/v1/about', { headers: headers() });
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
    const response = await fetch(`/api/v1/complete?${query}`, { headers: headers(), signal });
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

/**
 * Resolves to {answer} or {failure}, where failure = {status, text, errors[], requestId}: status 0 when the server could
 * not be reached.
 */
async function post(address, patientCase) {
  const cancel = new AbortController();
  const timer = setTimeout(() => cancel.abort(), TOO_LONG_MS);
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: headers({ 'Content-Type': 'application/json', Accept: 'application/json' }),
      body: JSON.stringify(patientCase),
      signal: cancel.signal,
    });
    if (response.ok) return { answer: await response.json() };
    return { failure: await readFailure(response) };
  } catch {
    return { failure: { status: 0, text: 'The server did not answer. Check that it is running, then try again.', errors: [] } };
  } finally {
    clearTimeout(timer);
  }
}

const TEXT_OF_STATUS = {
  401: 'This server needs an access key.',
  403: 'This access key may not ask for a diagnosis.',
  413: 'The case is too long. Shorten the story.',
  503: 'The server is busy or cannot keep its records now, so it gives no answer. Try again in a moment.',
  504: 'The answer took too long. Try again.',
};

async function readFailure(response) {
  const problem = await response.json().catch(() => ({}));
  return {
    status: response.status,
    text: textOf(response, problem),
    errors: Array.isArray(problem.errors) ? problem.errors : [],
    requestId: problem.request_id ?? response.headers.get('X-Request-ID') ?? '',
  };
}

function textOf(response, problem) {
  if (response.status === 429) {
    const seconds = Number(response.headers.get('Retry-After'));
    return `Too many requests. Try again in ${seconds > 1 ? `${seconds} seconds` : 'a moment'}.`;
  }
  return TEXT_OF_STATUS[response.status] ?? problem.detail ?? problem.title ?? 'The server could not answer.';
}
