// The work of Osler's encoder as a Node server does it: POST /api/v1/diagnose takes Osler's request, puts it into words, tokenises with
// @huggingface/transformers, runs ONNX Runtime, and answers the ten most probable labels as JSON. It keeps no record, syncs nothing,
// checks little and has no network of findings: what it leaves out is to its advantage in a comparison.
//
//   node bench/encoder/node_server.mjs MODEL_DIR [--port 0] [--workers 1] [--threads 1] [--variant int8-multihead] [--length 512]
import cluster from 'node:cluster';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../../tests/support/server.mjs';
import { feedsOf, onnxFile, openSession, sessionOptions } from './session.mjs';
import { openTokenizer } from './transformers_model.mjs';

const SHOWN = 10;
const MOST_BYTES = 1 << 20;

const { values: options, positionals: [folder] } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' }, workers: { type: 'string', default: '1' }, threads: { type: 'string', default: '1' },
    variant: { type: 'string', default: 'int8-multihead' }, length: { type: 'string', default: '512' }, out: { type: 'string' },
  },
});
if (!folder) throw new Error('usage: node_server.mjs MODEL_DIR [--port N] [--workers N] [--threads N] [--variant NAME] [--length N]');
const out = options.out ?? path.join(repository, 'build/bench/encoder/onnx', path.basename(path.resolve(folder)));

/** The case in short sentences, in the order of src/language/case_text.cc; it has no knowledge base, so labs go by code and value. */
function textOf(request) {
  const listed = (items, before = '') => (items ?? []).map((item) => before + item);
  const measured = Object.entries({ ...request.vitals, ...request.lab_results }).map(([name, value]) => `${name} ${value}`);
  return [
    `${request.age} years old`, request.sex, request.severity, ...listed(request.symptoms), request.onset && `${request.onset} onset`,
    request.duration_days && `for ${request.duration_days} days`, ...listed(request.absent_findings, 'no '), ...measured,
    ...listed(request.preexisting_conditions, 'history of '), ...listed(request.family_history, 'family history of '), request.narrative,
  ].filter(Boolean).join(' . ');
}

async function openModel() {
  const labels = JSON.parse(fs.readFileSync(path.join(folder, 'labels.json'), 'utf8'));
  const tokenize = await openTokenizer(folder, out, Number(options.length));
  const session = await openSession(onnxFile(folder, options.variant, out), sessionOptions({ threads: Number(options.threads) }));
  return async (request) => {
    const ids = tokenize(textOf(request));
    const { logits } = await session.run(feedsOf([ids]), ['logits']);
    const diagnoses = Array.from(logits.data, (logit, i) => ({ ...labels[i], confidence: 1 / (1 + Math.exp(-logit)) }));
    return { tokens: ids.length, diagnoses: diagnoses.sort((a, b) => b.confidence - a.confidence).slice(0, SHOWN) };
  };
}

async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MOST_BYTES) throw new Error('the body is too large');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

async function answer(model, request, response) {
  const send = (status, value) => {
    const text = JSON.stringify(value);
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  };
  if (request.method === 'GET' && request.url === '/health/live') return send(200, { status: 'live' });
  if (request.method !== 'POST' || request.url !== '/api/v1/diagnose') return send(404, { error: 'not found' });
  try {
    return send(200, await model(await bodyOf(request)));
  } catch (problem) {
    return send(400, { error: problem.message });
  }
}

async function work(ready) {
  const model = await openModel();
  const server = http.createServer((request, response) => void answer(model, request, response));
  server.listen(Number(options.port), '127.0.0.1', () => ready(server.address().port));
}

function lead(workers) {
  onnxFile(folder, options.variant, out);  // once, not in each worker
  let started = 0;
  for (let i = 0; i < workers; ++i) cluster.fork();
  cluster.on('message', (_, port) => {
    started += 1;
    if (started === workers) console.log(`listening on http://127.0.0.1:${port}`);
  });
  cluster.on('exit', () => process.exit(1));
  process.on('SIGTERM', () => process.exit(0));  // the workers end with their channel to us
}

const workers = Number(options.workers);
if (cluster.isPrimary && workers > 1) lead(workers);
else await work((port) => (cluster.isPrimary ? console.log(`listening on http://127.0.0.1:${port}`) : process.send(port)));
