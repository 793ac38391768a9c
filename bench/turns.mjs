// Contestants of a benchmark taking turns: each a program that prints one line of JSON with best_ms.
import { execFileSync } from 'node:child_process';

/** A child on the core (or 'none'), its last line of JSON; undefined, with the reason on stderr, if it fails or prints no best_ms. */
export function measure(command, { core, timeoutSeconds }) {
  const [program, ...rest] = core === 'none' ? command : ['taskset', '-c', core, ...command];
  try {
    const output = execFileSync(program, rest, { encoding: 'utf8', timeout: timeoutSeconds * 1000, stdio: ['ignore', 'pipe', 'pipe'] });
    const line = JSON.parse(output.trim().split('\n').at(-1));
    if (line.best_ms > 0) return line;
    throw new Error('prints no best_ms');
  } catch (problem) {
    console.error(`left out: ${command.slice(0, 2).join(' ')} ...: ${String(problem.stderr || problem.message).trim().split('\n')[0]}`);
    return undefined;
  }
}

/** The best line (least `figure`) of all rounds by name, of [{name, command}]; the order turns round with every round. */
export function rounds(list, count, limits, figure = 'best_ms') {
  const best = new Map();
  let present = list;
  for (let round = 0; round < count; ++round) {
    for (const one of round % 2 === 0 ? present : [...present].reverse()) {
      const line = measure(one.command, limits);
      if (!line) present = present.filter((other) => other !== one);
      else if (!(best.get(one.name)?.[figure] <= line[figure])) best.set(one.name, line);
    }
  }
  return best;
}

export const largestDifference = (a, b) => (a && b && a.length === b.length ? a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0) : undefined);
