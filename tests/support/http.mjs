// HTTP for tests: nothing added that the test did not ask for, every header visible, and raw bytes where HTTP itself is
// what is tested.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

/**
 * One request. `server` is what startServer returned (or {url}). `body`: a string or bytes are sent as they are, anything
 * else as JSON. `localAddress`: where it comes from. Resolves to {status, headers, text, bytes, json}; json is undefined where the body is not JSON.
 */
export function send(server, { method = 'GET', path = '/', headers = {}, body, agent = false, ca, localAddress } = {}) {
  const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const client = server.url.startsWith('https') ? https : http;
  const fields = { ...headers };
  if (bytes !== undefined) fields['Content-Length'] ??= Buffer.byteLength(bytes);
  return new Promise((resolve, reject) => {
    const request = client.request(server.url + path, { method, headers: fields, agent, ca, localAddress }, (response) => {
      collect(response).then(resolve, reject);
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

async function collect(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  return { status: response.statusCode, headers: response.headers, bytes, text, json: parsed(text) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** POST /api/v1/diagnose with a JSON body. */
export function diagnose(server, body, { query = '', headers = {}, ...rest } = {}) {
  return send(server, {
    method: 'POST', path: `/api/v1/diagnose${query}`, body, headers: { 'Content-Type': 'application/json', ...headers }, ...rest,
  });
}

/** Sends raw bytes on a connection of their own; resolves to all that came back before it closed. */
export function exchange(server, bytes, { withinMs = 10_000 } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect(server.port, '127.0.0.1', () => socket.write(bytes));
    const chunks = [];
    socket.setTimeout(withinMs, () => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

/** The value of a Prometheus series, summed over all whose labels hold `label`; 0 where there is none. */
export function metric(text, name, label = '') {
  return text.split('\n')
    .filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
