// Rules about the repository as a whole.
import path from 'node:path';
import { exists, paths, sizeOf, texts as allTexts } from './files.mjs';

const MEGABYTE = 1_000_000;

export function largeFiles() {
  return paths.filter((name) => !name.startsWith('models/') && sizeOf(name) > MEGABYTE).map((name) => `${name}: ${sizeOf(name)} bytes`);
}

const dotted = (...parts) => new RegExp(parts.join('\\.'), 'i');
// Put together from pieces, so that this file does not hold what it looks for.
const FOREIGN = [
  [dotted('registry', 'npmjs', 'org'), 'a registry'], [dotted('registry', 'yarnpkg', 'com'), 'a registry'], [dotted('npmmirror', 'com'), 'a registry'],
  [dotted('deb', 'debian', 'org'), 'an archive'], [dotted('files', 'pythonhosted', 'org'), 'a registry'], [dotted('proxy', 'golang', 'org'), 'a registry'],
  [new RegExp(`(^|[\\s"'\`=(:])/(${['work', 'root'].join('|')})/`), 'a path of one machine'],
];

export function foreignNames(texts) {
  const faults = [];
  for (const { name, lines } of texts)
    lines.forEach((line, i) => {
      for (const [pattern, what] of FOREIGN) if (pattern.test(line)) faults.push(`${name}:${i + 1}: ${what}: ${line.trim().slice(0, 120)}`);
    });
  return faults;
}

const contentOf = (name) => allTexts.find((file) => file.name === name)?.content ?? '';

/** Words after ./run that ./run's case statement takes. */
export function runCommands() {
  const found = [...contentOf('run').matchAll(/^ {2}([a-z]+)\)/gm)].map(([, name]) => name);
  return new Set(found);
}

/** Words that name a command of osler, from app/main.cc. */
export function oslerCommands() {
  return new Set([...contentOf('app/main.cc').matchAll(/(?:command\([^,]+,|add_subcommand\()\s*"([a-z]+)"/g)].map(([, name]) => name));
}

/** Lines of the fenced sh blocks of a document, each with its line number; continued lines joined, remarks cut off. */
export function* commandsOf({ name, lines }) {
  let inside = false;
  let joined = '';
  for (const [i, line] of lines.entries()) {
    if (/^\s*```/.test(line)) {
      inside = !inside && /^\s*```(sh|bash|shell)\s*$/.test(line);
      continue;
    }
    if (!inside) continue;
    if (line.trimEnd().endsWith('\\')) {
      joined += `${line.trimEnd().slice(0, -1)} `;
      continue;
    }
    const text = (joined + line).replace(/(^|\s)#.*$/, '').trim();
    joined = '';
    if (text !== '') yield { at: `${name}:${i + 1}`, text };
  }
}

export function unknownCommands(texts) {
  const known = { run: runCommands(), osler: oslerCommands() };
  const faults = [];
  for (const document of texts.filter(({ name }) => name.endsWith('.md')))
    for (const { at, text } of commandsOf(document)) {
      for (const [, word] of text.matchAll(/(?:^|[\s;&|])\.\/run\s+([a-z]+)/g)) if (!known.run.has(word)) faults.push(`${at}: ./run ${word} does not exist`);
      for (const [, word] of text.matchAll(/(?:^|[\s/])osler\s+([a-z]+)/g)) if (!known.osler.has(word)) faults.push(`${at}: osler ${word} does not exist`);
      for (const [, file] of text.matchAll(/(?:^|\s)(?:node|bash|sh)\s+([\w./-]+\.(?:mjs|js|sh))/g)) if (!exists(file)) faults.push(`${at}: ${file} does not exist`);
    }
  return faults;
}

/** Relative links of Markdown documents that lead nowhere. */
export function brokenLinks(texts) {
  const faults = [];
  for (const { name, lines } of texts.filter((file) => file.name.endsWith('.md')))
    lines.forEach((line, i) => {
      for (const [, target] of line.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g))
        if (!exists(path.join(path.dirname(name), target))) faults.push(`${name}:${i + 1}: ${target} does not exist`);
    });
  return faults;
}
