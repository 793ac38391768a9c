// Load from wrk with a script written for the run: it goes through the bodies in turn and reports figures as JSON.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const CLOCK_TICKS = 100;  // Linux on every architecture of Debian

/** A Lua string that holds any text: long brackets of a level that does not occur in it. */
function luaText(text) {
  let level = '=';
  while (text.includes(`]${level}]`)) level += '=';
  return `[${level}[${text}]${level}]`;
}

const script = ({ method, path: target, bodies, headers = {} }) => `
local bodies = {${bodies.map(luaText).join(',\n')}}
local next_body = 0
wrk.method = "${method}"
wrk.headers["Content-Type"] = "application/json"
${Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = ${luaText(value)}`).join('\n')}
function request()
  next_body = next_body % #bodies + 1
  return wrk.format(nil, "${target}", nil, bodies[next_body] ~= "" and bodies[next_body] or nil)
end
function done(summary, latency, requests)
  io.write(string.format('\\nfigures {"requests":%d,"notOk":%d,"broken":%d,"seconds":%.6f,"p50Ms":%.4f,"p90Ms":%.4f,"p99Ms":%.4f,"maxMs":%.4f}\\n',
    summary.requests, summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
`;

function cpuSeconds(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

/** One run: {perSecond (200s only), p50Ms, p90Ms, p99Ms, maxMs, notOk, broken, wrkCpu (share of a core), serverCpuMs (a request)}. */
export async function load(server, { connections, seconds, folder, ...target }) {
  const file = path.join(folder, 'load.lua');
  fs.writeFileSync(file, script(target));
  const before = cpuSeconds(server.pid);
  const output = await new Promise((resolve, reject) => {
    const command = `TIMEFORMAT='wrk-cpu %U %S'; time wrk -t1 -c${connections} -d${seconds}s --timeout 10s -s "$1" "$2"`;
    execFile('bash', ['-c', command, 'bash', file, server.url], { maxBuffer: 1 << 24 },
      (problem, stdout, stderr) => (problem ? reject(new Error(`wrk failed: ${stderr}${stdout}`)) : resolve(stdout + stderr)));
  });
  const serverSeconds = cpuSeconds(server.pid) - before;
  const figures = JSON.parse(/^figures (.*)$/m.exec(output)[1]);
  const [, user, system] = /wrk-cpu ([\d.]+) ([\d.]+)/.exec(output);
  const ok = figures.requests - figures.notOk;
  return {
    ...figures, connections, perSecond: ok / figures.seconds, wrkCpu: (Number(user) + Number(system)) / figures.seconds,
    serverCpuMs: (serverSeconds * 1000) / Math.max(1, figures.requests),
  };
}
