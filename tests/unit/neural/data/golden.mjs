// Writes golden_vocabulary.txt and golden.json: texts and the pieces that somebody else's WordPiece makes of them, which
// word_piece_test.cc compares with ours. Not run by the tests; after a change here:
//   npm install --prefix <folder> @huggingface/transformers@4.3.1
//   node tests/unit/neural/data/golden.mjs <folder>/node_modules/@huggingface/transformers
//
// The rule is the one published with BERT (google-research/bert, tokenization.py). That package departs from it in three ways, so
// texts with any of these are left out here (isPublished() below) and are tested by hand in word_piece_test.cc:
//   - special tokens written in a text ("[SEP]") become special; by the rule they are punctuation and a word;
//   - private use characters (Co) are dropped; by the rule they are kept, as only Cc and Cf are control characters;
//   - Chinese characters beyond U+FFFF are not set apart (it looks at UTF-16 units); by the rule they are.
// Nor does any text hold characters newer than Unicode 14: what they are depends on the version of Unicode at hand.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TEXTS, VOCABULARY_WORDS, VOCABULARY_ENDINGS, OTHER_CHARACTERS } from './golden_texts.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const { BertTokenizer } = await import(pathToFileURL(path.resolve(process.argv[2], 'dist', 'transformers.node.mjs')));

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const ASCII = Array.from({ length: 94 }, (_, i) => String.fromCodePoint(33 + i));

function makeVocabulary() {
  const characters = [...ASCII, ...OTHER_CHARACTERS];
  const words = VOCABULARY_WORDS.flatMap((word) => [word, word[0].toUpperCase() + word.slice(1)]);
  const pieces = [...SPECIAL, '[unused0]', ...characters, ...characters.filter((c) => /[\p{L}\p{N}\p{M}]/u.test(c)).map((c) => `##${c}`), ...words,
    ...VOCABULARY_ENDINGS.map((ending) => `##${ending}`), '##'];
  return [...new Set(pieces)];
}

function makeTokenizer(vocabulary, lowercase) {
  const added = SPECIAL.map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }));
  const tokenizer = {
    version: '1.0', truncation: null, padding: null, added_tokens: added,
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' }, post_processor: null, decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])) },
  };
  return new BertTokenizer(tokenizer, { do_lower_case: lowercase, unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]', mask_token: '[MASK]' });
}

const isPublished = (text) => !SPECIAL.some((piece) => text.includes(piece)) && !/\p{Co}|\p{Cs}|[\u{20000}-\u{2fa1f}]/u.test(text);

const vocabulary = makeVocabulary();
const uncased = makeTokenizer(vocabulary, true);
const cased = makeTokenizer(vocabulary, false);
const texts = [...new Set(TEXTS)].filter(isPublished);
const lines = texts.map((text) => JSON.stringify({ text, uncased: uncased.tokenize(text).join(' '), cased: cased.tokenize(text).join(' ') }));
fs.writeFileSync(path.join(here, 'golden_vocabulary.txt'), `${vocabulary.join('\n')}\n`);
fs.writeFileSync(path.join(here, 'golden.json'), `[\n${lines.join(',\n')}\n]\n`);
console.log(`${vocabulary.length} pieces, ${texts.length} texts (${new Set(TEXTS).size - texts.length} left out)`);
