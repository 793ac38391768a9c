// Rules about the house: who may include whom, and what has a test.
import path from 'node:path';

const FLOORS = {
  base: 0, clinical: 1, language: 2, reasoning: 2, neural: 2, models: 3, vault: 3, audit: 3, imaging: 4, cases: 4, decoder: 5, service: 5, evaluate: 6,
  http: 6, train: 6, app: 7,
};
// Neighbours on one floor that may know each other, each for a reason.
const NEIGHBOURS = new Set([
  'audit->vault',     // its checkpoints are signed with keys of the vault
  'train->evaluate',  // vignettes are written cases too
]);

const folderOf = (name) => {
  const parts = name.split('/');
  return parts[0] === 'src' ? parts[1] : ['app', 'decoder', 'evaluate', 'train'].includes(parts[0]) ? parts[0] : undefined;
};

function mayInclude(from, to) {
  return from === to || FLOORS[to] < FLOORS[from] || NEIGHBOURS.has(`${from}->${to}`);
}

/** Each `#include "folder/file.h"` of src/, app/, decoder/, evaluate/ and train/. */
function* includesOf({ name, lines }) {
  for (const [i, line] of lines.entries()) {
    const target = /^#include "([a-z_]+)\/([^"]+)"/.exec(line);
    if (target) yield { at: `${name}:${i + 1}`, from: folderOf(name), to: target[1], line };
  }
}

export function wrongIncludes(sources) {
  const faults = [];
  for (const source of sources) {
    const from = folderOf(source.name);
    if (from === undefined) continue;
    if (!(from in FLOORS)) faults.push(`${source.name}: the folder ${from} stands on no floor of tests/tidy/floor_rules.mjs`);
    for (const { at, to, line } of includesOf(source))
      if (to in FLOORS && !mayInclude(from, to)) faults.push(`${at}: ${line} points up: ${from} is floor ${FLOORS[from]}, ${to} is floor ${FLOORS[to]}`);
  }
  return faults;
}

/** Headers of src/ that no C++ test under tests/ names, be it by an include, a remark ("folder/file.h") or its own name (file_test.cc). */
export function untestedHeaders(sources) {
  const tests = sources.filter(({ name }) => name.startsWith('tests/') && name.endsWith('.cc'));
  const words = tests.map(({ content }) => content).join('\n');
  const isNamed = (header) => words.includes(header) || tests.some(({ name }) => name.endsWith(`/${header.replace(/\.h$/, '_test.cc')}`));
  return sources.filter(({ name }) => name.startsWith('src/') && name.endsWith('.h'))
    .map(({ name }) => name.slice('src/'.length))
    .filter((header) => !isNamed(header))
    .map((header) => `src/${header}: no test names it (tests/unit/${path.dirname(header)}/)`);
}
