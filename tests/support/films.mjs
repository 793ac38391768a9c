// Sending films to a server.
import crypto from 'node:crypto';
import { send } from './http.mjs';

/** POST multipart/form-data: `file` is a Buffer, `fields` {name: text}. */
export function predict(server, file, { fields = {}, query = '', path = '/api/v1/images/predict', headers = {}, ...rest } = {}) {
  const boundary = `osler-test-${crypto.randomUUID()}`;
  const part = (name, content) => [Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="film"\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')];
  const body = Buffer.concat([...(file ? part('file', file) : []), ...Object.entries(fields).flatMap(([name, text]) => part(name, text)), Buffer.from(`--${boundary}--\r\n`)]);
  return send(server, { method: 'POST', path: path + query, body, headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}`, ...headers }, ...rest });
}
