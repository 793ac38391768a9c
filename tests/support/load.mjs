// Clients that ask again and again, and note what was acknowledged: for tests that break things meanwhile.
import http from 'node:http';
import https from 'node:https';
import { diagnose } from './http.mjs';
import { requestWith } from './requests.mjs';

const symptoms = ['cough', 'fever', 'headache', 'chest pain', 'back pain', 'dysuria', 'vertigo', 'fatigue', 'rash', 'nausea'];

/**
 * Starts `clients` that each keep one connection and send one request after the other to servers() (asked before each request; several are taken in
 * turn). Returns {acknowledged: Set of request ids, statuses: Map, broken: number of connections that broke, stop()}; stop() waits for what is in flight.
 *   headers, ca          as for send()
 *   retries              a request whose connection broke is sent again to the next server
 */
export function startLoad(servers, random, { clients = 6, headers = {}, ca, body = () => oneCase(random), pauseMs = 0 } = {}) {
  const load = { acknowledged: new Set(), statuses: new Map(), broken: 0, answered: [], stopped: false };
  const one = async (number) => {
    const agents = new Map();
    for (let turn = number; !load.stopped; ++turn) {
      const all = servers();
      const server = all[turn % all.length];
      if (!agents.has(server.url)) agents.set(server.url, new (server.url.startsWith('https') ? https : http).Agent({ keepAlive: true, maxSockets: 1 }));
      try {
        const answer = await diagnose(server, body(), { headers, ca, agent: agents.get(server.url) });
        load.statuses.set(answer.status, (load.statuses.get(answer.status) ?? 0) + 1);
        if (answer.status === 200) load.acknowledged.add(answer.json.request_id);
        else load.lastRefusal = answer.text;
        if (answer.status !== 200) await wait(20);
      } catch (problem) {
        if (problem.code === 'ERR_ASSERTION') throw problem;
        load.broken += 1;
        load.lastProblem = problem;
        await wait(20);
      }
      if (pauseMs) await wait(pauseMs);
    }
    for (const agent of agents.values()) agent.destroy();
  };
  const running = Array.from({ length: clients }, (_, number) => one(number));
  load.stop = async () => {
    load.stopped = true;
    await Promise.all(running);
    return load;
  };
  /** Resolves once `count` more requests are acknowledged; rejects after `withinMs`. */
  load.more = async (count, withinMs = 30_000) => {
    const goal = load.acknowledged.size + count;
    const end = Date.now() + withinMs;
    while (load.acknowledged.size < goal) {
      if (Date.now() > end) throw new Error(`only ${load.acknowledged.size} of ${goal} requests were acknowledged; statuses ${JSON.stringify([...load.statuses])}; ${load.lastRefusal ?? load.lastProblem ?? ''}`);
      await wait(10);
    }
  };
  return load;
}

/** A small case of its own. */
export function oneCase(random) {
  const pick = () => symptoms[Math.floor(random() * symptoms.length)];
  return requestWith({ age: Math.floor(random() * 90), symptoms: [...new Set([pick(), pick()])] });
}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
