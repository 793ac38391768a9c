// A vocabulary of a given size for models with random weights: laid out as bert-base-uncased's ([CLS] is 101), with the words of the
// repository's own knowledge, the commonest first, so that a case falls into about as many pieces as with a trained vocabulary. And the
// ids that everybody is timed on.
import fs from 'node:fs';
import path from 'node:path';
import { repository } from '../../tests/support/server.mjs';
import { readConfig } from './onnx_graph.mjs';

const SPECIAL_AT = { 0: '[PAD]', 100: '[UNK]', 101: '[CLS]', 102: '[SEP]', 103: '[MASK]' };
const SPECIALS = 104;
const STRIDE = 7919;
const SYLLABLES = ['ba', 'cor', 'den', 'fil', 'gen', 'hep', 'itis', 'kal', 'lum', 'mor', 'neph', 'osis', 'pul', 'ren', 'scler', 'tox', 'ur', 'vas'];

function* textsBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* textsBelow(full);
    else if (entry.isFile()) yield fs.readFileSync(full, 'utf8');
  }
}

function commonWords() {
  const counts = new Map();
  for (const text of textsBelow(path.join(repository, 'knowledge')))
    for (const [word] of text.toLowerCase().matchAll(/[a-z]{2,}/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
}

function* fillers() {
  for (const a of SYLLABLES) for (const b of SYLLABLES) yield `##${a}${b}`;
  for (const a of SYLLABLES) for (const b of SYLLABLES) for (const c of SYLLABLES) for (const d of SYLLABLES) yield a + b + c + d;
}

/** `size` distinct pieces, lower case. */
export function madeUpVocabulary(size) {
  const pieces = new Set(Array.from({ length: SPECIALS }, (_, i) => SPECIAL_AT[i] ?? `[unused${i}]`));
  const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter((one) => !/[A-Z]/.test(one));
  const add = (piece) => pieces.size < size && pieces.add(piece);
  for (const one of characters) add(one);
  for (const one of characters.filter((character) => /[a-z0-9]/.test(character))) add(`##${one}`);
  for (const word of commonWords()) add(word);
  for (const piece of fillers()) add(piece);
  if (pieces.size < size) throw new Error(`no more than ${pieces.size} pieces can be made`);
  return [...pieces];
}

/** [CLS], then 1 + (i * 7919) % (vocabulary - 1): the same in encoder_bench. */
export function timedIds(folder, length) {
  const vocabulary = readConfig(folder).vocab_size;
  const first = fs.readFileSync(path.join(folder, 'vocab.txt'), 'utf8').split(/\r?\n/).indexOf('[CLS]');
  return Array.from({ length }, (_, i) => (i === 0 && first >= 0 ? first : 1 + ((i * STRIDE) % (vocabulary - 1))));
}
