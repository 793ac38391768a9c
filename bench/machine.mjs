// What the figures were measured on.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const WORTH_NAMING = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'avx512_bf16', 'amx_tile', 'amx_int8', 'amx_bf16'];
const SYNCS = 100;
const ROUNDS = 5;

/** The machine by name: processor, what it can, memory, system. */
export function machine() {
  const flags = new Set((/^flags\s*:\s*(.*)$/m.exec(fs.readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').split(' '));
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1] ?? os.type();
  return {
    cpu: os.cpus()[0].model, cores: os.cpus().length, memoryGb: Math.round(os.totalmem() / 1e9), system,
    flags: WORTH_NAMING.filter((flag) => flags.has(flag)),
  };
}

/** The median of appending 4 KB and syncing it, on the disk that holds `folder`; the best of some rounds. */
export function fdatasyncMs(folder) {
  return Math.min(...Array.from({ length: ROUNDS }, () => medianSyncMs(path.join(folder, 'sync-probe'))));
}

function medianSyncMs(file) {
  const handle = fs.openSync(file, 'w');
  const block = Buffer.alloc(4096, 7);
  const times = [];
  for (let i = 0; i < SYNCS; ++i) {
    fs.writeSync(handle, block);
    const since = performance.now();
    fs.fdatasyncSync(handle);
    times.push(performance.now() - since);
  }
  fs.closeSync(handle);
  fs.rmSync(file);
  return times.sort((a, b) => a - b)[SYNCS / 2];
}
