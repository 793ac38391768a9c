// The same model for @huggingface/transformers: the folder it wants (tokenizer.json made of vocab.txt, the graphs under onnx/), its
// tokenizer, and its way from a text to logits.
import fs from 'node:fs';
import path from 'node:path';
import { AutoModelForSequenceClassification, AutoTokenizer, env } from '@huggingface/transformers';
import { onnxFile, sessionOptions } from './session.mjs';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const FILES = { fp32: 'model.onnx', int8: 'model_quantized.onnx' };
const TYPES = { fp32: 'fp32', int8: 'q8' };

export const transformersVersion = env.version;

const vocabularyOf = (folder) => fs.readFileSync(path.join(folder, 'vocab.txt'), 'utf8').replace(/\r?\n$/, '').split(/\r?\n/);

/** As Osler decides: what tokenizer_config.json says, else whether the vocabulary has no capitals. */
function isLowerCase(folder, vocabulary) {
  const file = path.join(folder, 'tokenizer_config.json');
  const told = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).do_lower_case : undefined;
  return told ?? !vocabulary.some((piece) => !piece.startsWith('[') && /[A-Z]/.test(piece));
}

function tokenizerFiles(folder) {
  const vocabulary = vocabularyOf(folder);
  const lowercase = isLowerCase(folder, vocabulary);
  const ids = Object.fromEntries(vocabulary.map((piece, id) => [piece, id]));
  const known = SPECIAL.filter((piece) => piece in ids);
  const one = (id) => ({ SpecialToken: { id, type_id: 0 } });
  const tokenizer = {
    version: '1.0', truncation: null, padding: null,
    added_tokens: known.map((content) => ({ id: ids[content], content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing', single: [one('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, one('[SEP]')], pair: [],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [ids[id]], tokens: [id] }])),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: ids },
  };
  const config = {
    tokenizer_class: 'BertTokenizer', do_lower_case: lowercase, unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]',
    mask_token: '[MASK]', model_max_length: JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')).max_position_embeddings,
  };
  return { 'tokenizer.json': tokenizer, 'tokenizer_config.json': config };
}

/** Writes config and tokenizer as transformers wants them into a folder of `out`, and returns it. */
function prepareFolder(folder, name, out) {
  const made = path.resolve(out, name);
  fs.mkdirSync(path.join(made, 'onnx'), { recursive: true });
  for (const [file, value] of Object.entries(tokenizerFiles(folder))) fs.writeFileSync(path.join(made, file), JSON.stringify(value));
  fs.copyFileSync(path.join(folder, 'config.json'), path.join(made, 'config.json'));
  return made;
}

/** Where transformers looks for a precision stands a link to the graph of `variant`. */
function linkGraph(folder, variant, out, made) {
  const graph = path.join(made, 'onnx', FILES[variant.split('-')[0]]);
  fs.rmSync(graph, { force: true });
  fs.symlinkSync(path.resolve(onnxFile(folder, variant, out)), graph);
}

async function tokenizerAt(made) {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = path.dirname(made);
  return AutoTokenizer.from_pretrained(path.basename(made), { local_files_only: true });
}

const idsOf = (tokenizer, text, length) => Array.from(tokenizer(text, { truncation: true, max_length: length }).input_ids.data, Number);

/** A function from a text to at most `length` ids. */
export async function openTokenizer(folder, out, length) {
  const tokenizer = await tokenizerAt(prepareFolder(folder, 'tokenizer', out));
  return (text) => idsOf(tokenizer, text, length);
}

/** {tokenize(text): ids, logits(text): Promise<Float32Array>} on one thread, the graph being that of `variant`. */
export async function openTransformers(folder, variant, out) {
  const made = prepareFolder(folder, `transformers-${variant}`, out);
  linkGraph(folder, variant, out, made);
  const tokenizer = await tokenizerAt(made);
  const options = { local_files_only: true, device: 'cpu', dtype: TYPES[variant.split('-')[0]], session_options: sessionOptions() };
  const model = await AutoModelForSequenceClassification.from_pretrained(path.basename(made), options);
  return {
    tokenize: (text) => idsOf(tokenizer, text),
    logits: async (text) => (await model(tokenizer(text, { truncation: true }))).logits.data,
  };
}

/** A text of whole words of the vocabulary that makes exactly `length` ids, [CLS] and [SEP] among them. */
export function timedText(folder, length) {
  const words = vocabularyOf(folder).filter((piece) => /^[a-z]{3,}$/.test(piece));
  return Array.from({ length: length - 2 }, (_, i) => words[(i * 37) % words.length]).join(' ');
}
