// Sending a film. XMLHttpRequest, because fetch() does not tell how much of an upload has gone.
import { authorized, failureOf } from '../api.js';

const TOO_LONG_MS = 180_000;   // 64 MB over a slow line
const TEXT_OF_STATUS = {
  403: 'This access key may not have films read.',
  413: 'The film is too large for this server.',
};

/**
 * Sends `film` (a File; its name stays here) with `age` and `frame`, texts that may be empty. `onProgress(share)` hears how much has gone,
 * 1 when all has. Resolves to {answer}, {failure} as of failureOf(), or {cancelled: true} after `signal`.
 */
export function sendFilm({ film, age, frame }, onProgress, signal) {
  const form = new FormData();
  if (age !== '') form.append('age_years', age);
  form.append('file', film, 'film');
  const query = new URLSearchParams({ heatmap: '1', film: '1', ...(frame === '' ? {} : { frame }) });
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/images/predict?${query}`);
    request.timeout = TOO_LONG_MS;
    for (const [name, value] of Object.entries(authorized({ Accept: 'application/json' }))) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ lengthComputable, loaded, total }) => { if (lengthComputable) onProgress(loaded / total); });
    request.upload.addEventListener('load', () => onProgress(1));
    request.addEventListener('abort', () => resolve({ cancelled: true }));
    request.addEventListener('timeout', () => resolve({ failure: failureOf({ status: 504 }) }));
    request.addEventListener('error', () => resolve({ failure: failureOf({ status: 0 }) }));
    request.addEventListener('load', () => resolve(outcomeOf(request)));
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

function outcomeOf(request) {
  const answer = parsed(request.responseText);
  if (request.status === 200 && answer) return { answer };
  return { failure: failureOf({ status: request.status, problem: answer, field: (name) => request.getResponseHeader(name) }, TEXT_OF_STATUS) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
