// Sends requests whose every text is a canary, and looks for canaries in what comes back.
import net from 'node:net';
import tls from 'node:tls';
import { send } from './http.mjs';

const RAW_WITHIN_MS = 2000;
const TOO_LONG = 1024 * 1024 + 1;

export class CanarySender {
  /** `callers`: {name: key}. */
  constructor({ server, canaries, callers, ca }) {
    Object.assign(this, { server, canaries, callers, ca, route: '', found: [], sent: new Map(), addresses: 0 });
  }

  /** A canary in a place of the route that is being sent to. */
  token(place) {
    return this.canaries.token(`${this.route} ${place}`);
  }

  nameInPointer(place) {
    return this.canaries.nameInPointer(`${this.route} ${place}`);
  }

  /** What any caller may send beside a request. */
  headers() {
    const token = (place) => this.token(`header ${place}`);
    return {
      'User-Agent': token('User-Agent'), 'X-Request-ID': token('X-Request-ID'), Cookie: `session=${token('Cookie')}`, Referer: `https://${token('Referer')}.example/`,
      [`X-${token('name')}`]: token('value of an unknown one'), 'Accept-Language': token('Accept-Language'), Forwarded: `for=${token('Forwarded')}`,
      'X-Forwarded-For': token('X-Forwarded-For'), Origin: `https://${token('Origin')}.example`, 'If-None-Match': `"${token('If-None-Match')}"`,
    };
  }

  /** A failed login locks its address out after a while, so each comes from another. */
  newAddress() {
    this.addresses += 1;
    return `127.9.${this.addresses >> 8}.${this.addresses & 255}`;
  }

  count(status) {
    const counts = this.sent.get(this.route) ?? { accepted: 0, refused: 0 };
    this.sent.set(this.route, counts);
    counts[status < 400 ? 'accepted' : 'refused'] += 1;
  }

  /** One request of a caller, canaries in its headers. What the server cut off while it was still being sent is {status: 0}. */
  async ask({ as, headers = {}, mayFail = false, ...request }) {
    const key = as ? { 'X-API-Key': this.callers[as] } : {};
    const answer = await send(this.server, { ca: this.ca, ...request, headers: { ...this.headers(), ...key, ...headers } }).catch((error) => {
      if (!/EPIPE|ECONNRESET|socket hang up/.test(error.message)) throw error;
      return { status: 0, headers: {}, text: '' };
    });
    if (answer.status >= 500 && !mayFail) throw new Error(`${this.route}: ${answer.status} ${answer.text.slice(0, 300)}`);
    if (answer.status) this.count(answer.status);
    this.found.push(...this.canaries.findInAnswer(answer, `an answer ${answer.status} of ${this.route}`));
    return answer;
  }

  /** The same, of one that must be answered. */
  async accepted(request) {
    const answer = await this.ask(request);
    if (answer.status < 200 || answer.status >= 300) throw new Error(`${this.route} was to be answered: ${answer.status} ${answer.text.slice(0, 600)}`);
    return answer;
  }

  /** The same, of one that must be refused. */
  async refused(request) {
    const answer = await this.ask(request);
    if (answer.status < 400) throw new Error(`${this.route} was to be refused: ${answer.status} ${answer.text.slice(0, 300)}`);
    return answer;
  }

  /** Whether a batch is answered; asked for without canaries, for as often as it takes. */
  async isDone(path) {
    const { json } = await send(this.server, { path, ca: this.ca, headers: { 'X-API-Key': this.callers.ann } });
    return json.state === 'done';
  }

  json(as, path, body, more = {}) {
    return { as, method: 'POST', path, body, ...more, headers: { 'Content-Type': 'application/json', ...more.headers } };
  }

  /** Bytes that need not be HTTP, on a connection of their own that ends with their answer or, with `cut`, in the middle of them. */
  raw(bytes, { cut = false, ...options } = {}) {
    const connect = this.server.url.startsWith('https') ? tls.connect : net.connect;
    return new Promise((resolve) => {
      const chunks = [];
      const socket = connect({ port: this.server.port, host: '127.0.0.1', ca: this.ca, rejectUnauthorized: false, ...options });
      socket.on(connect === tls.connect ? 'secureConnect' : 'connect', () => socket.write(bytes, () => cut && socket.destroy()));
      socket.setTimeout(RAW_WITHIN_MS, () => socket.destroy());
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        if (isWhole(Buffer.concat(chunks).toString('latin1'))) socket.destroy();   // over TLS a refusal closes only when the client does
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
        if (status) this.count(status);
        if (status >= 400) this.found.push(...this.canaries.find(text, `an answer ${status} to broken HTTP`));
        resolve(status);
      });
    });
  }

  /** What every route is sent, whatever it is for. */
  async everywhere(method, path, parameters, as) {
    const query = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    const type = method === 'POST' ? { 'Content-Type': 'application/json' } : {};
    const body = method === 'POST' ? { [this.token('name of a member')]: this.token('value of an unknown member') } : undefined;
    const ask = (more) => this.ask({ as, method, path, body, ...more, headers: { ...type, ...more.headers } });
    await ask({});
    for (const name of query) await ask({ path: `${path}?${name}=${this.token(`query ${name}`)}` });
    await ask({ path: `${path}?${this.token('name of a query parameter')}=${this.token('value of an unknown query parameter')}` });
    await ask({ path: `${path}/${this.token('path below')}` });
    await ask({ path: `/${this.token('path')}${path}` });
    await ask({ method: method === 'POST' ? 'DELETE' : 'PUT' });
    await ask({ headers: { 'X-Break-Glass': `${this.token('X-Break-Glass')} ${this.token('X-Break-Glass')}` } });
    const basic = Buffer.from(`${this.token('user')}:${this.token('password')}`).toString('base64');
    for (const headers of [{ 'X-API-Key': this.token('wrong X-API-Key') }, { Authorization: `Bearer ${this.token('wrong bearer')}` }, { Authorization: `Basic ${basic}` }])
      await ask({ as: undefined, localAddress: this.newAddress(), headers });
    await this.raw(`${this.token('method').toUpperCase()} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Api-Key: ${this.callers[as]}\r\n\r\n`);
  }

  /** What every route with a JSON body is sent beside that: bodies that cannot be read, and `example` with each part in turn replaced. */
  async brokenJson(path, as, example) {
    const refused = (body, headers) => this.refused(this.json(as, path, body, { headers }));
    await refused(`{"${this.token('name before the fault')}": "${this.token('value before the fault')}", `);
    await refused(JSON.stringify(this.token('a text for an object')));
    await refused(JSON.stringify([this.token('a list for an object')]));
    await refused(Buffer.concat([Buffer.from(`{"${this.token('name beside what is not UTF-8')}": "`), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]));
    await refused(this.token('the body').repeat(Math.ceil(TOO_LONG / 16)));
    await refused({}, { 'Content-Type': `text/${this.token('Content-Type')}` });
    await refused({}, { 'Content-Encoding': this.token('Content-Encoding') });
    await this.ask(this.json(as, path, example, { headers: { 'Content-Type': `application/json; charset=${this.token('charset')}` } }));
    const token = (place) => (/lab_results, .*name/.test(place) ? this.nameInPointer(`body ${place}`) : this.token(`body ${place}`));
    for (const body of mutants(example, token)) await this.ask(this.json(as, path, body));
  }
}

/** Whether an answer is there to its end. */
function isWhole(text) {
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text);
  return Boolean(length) && text.length >= text.indexOf('\r\n\r\n') + 4 + Number(length[1]);
}

/** `example` with each of its parts in turn replaced by a canary, an object or a list of one, and with an unknown member in each object. */
export function* mutants(example, token) {
  for (const steps of partsOf(example)) {
    const place = `/${steps.join('/')}`;
    const change = (value) => {
      const copy = structuredClone(example);
      const last = steps.at(-1);
      const parent = steps.slice(0, -1).reduce((part, step) => part[step], copy);
      parent[last] = typeof value === 'function' ? value(parent[last]) : value;
      return copy;
    };
    yield change(token(`${place} as a text`));
    yield change({ [token(`${place}, a name in it`)]: token(`${place}, a value in it`) });
    yield change([token(`${place} as a list`)]);
    yield change((before) => (typeof before === 'object' ? { ...before, [token(`${place}, unknown name`)]: token(`${place}, unknown value`) } : [[token(`${place}, twice a list`)]]));
  }
}

function* partsOf(value, steps = []) {
  if (steps.length) yield steps;
  if (value && typeof value === 'object') for (const name of Object.keys(value)) yield* partsOf(value[name], [...steps, name]);
}
