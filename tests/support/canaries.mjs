// Canaries: words that occur nowhere else, one for each place where a caller can put text, and the search for them in what a server leaves behind.
import fs from 'node:fs';
import path from 'node:path';
import { randomFrom } from './requests.mjs';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const PREFIX_CHARACTERS = 8;   // all of one run begin alike, so that one pass finds them, and also those that were cut
const TOKEN_CHARACTERS = 16;   // DICOM's shortest texts take 16
const AROUND = 24;             // characters shown beside a find

/** Of text in base64 that stands behind `shift` other bytes: the characters that no neighbour has a part in. */
function base64Core(text, shift) {
  const whole = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64url');
  return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + text.length) * 8) / 6));
}

// Letters and digits alone: nothing escapes them, so these are all the forms that they take in a file.
const FORMS = {
  raw: (text) => text, 'in upper case': (text) => text.toUpperCase(),
  hex: (text) => Buffer.from(text).toString('hex'), HEX: (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'base64': (text) => base64Core(text, 0), 'base64, second': (text) => base64Core(text, 1), 'base64, third': (text) => base64Core(text, 2),
  'UTF-16': (text) => Buffer.from(text, 'utf16le').toString('latin1'),
};

export class Canaries {
  constructor(seed) {
    this.random = randomFrom(seed);
    this.prefix = `q${this.letters(PREFIX_CHARACTERS - 1)}`;
    this.pattern = new RegExp(Object.values(FORMS).map((form) => form(this.prefix)).join('|'), 'g');
    this.places = new Map();   // of each token
    this.forms = new Map();    // of each form of a token, the token
    this.namesInPointers = new Set();
  }

  letters(count) {
    return Array.from({ length: count }, () => ALPHABET[Math.floor(this.random() * ALPHABET.length)]).join('');
  }

  /** A new token; `place` is what a find is reported as. */
  token(place) {
    const token = this.prefix + this.letters(TOKEN_CHARACTERS - PREFIX_CHARACTERS);
    this.places.set(token, place);
    for (const form of Object.values(FORMS)) this.forms.set(form(token), token);
    return token;
  }

  /** A token that is the name of a member which an error must point at, and may stand in that pointer; nowhere else. */
  nameInPointer(place) {
    const token = this.token(place);
    this.namesInPointers.add(token);
    return token;
  }

  get count() {
    return this.places.size;
  }

  /** What is found in text or bytes, one line each: what and where. */
  find(content, where) {
    const text = typeof content === 'string' ? content : content.toString('latin1');
    return [...text.matchAll(this.pattern)].map(({ 0: prefix, index }) => {
      const form = Object.keys(FORMS).find((name) => FORMS[name](this.prefix) === prefix);
      const token = this.forms.get(text.slice(index, index + FORMS[form]('x'.repeat(TOKEN_CHARACTERS)).length));
      const around = text.slice(Math.max(0, index - AROUND), index + 2 * AROUND).replace(/[^ -~]/g, '.');
      return `${where}, byte ${index}: ${this.places.get(token) ?? 'a part of a token'} (${form}): ${around}`;
    });
  }

  /** The same of all files of a folder and below; what vanishes meanwhile is not there. Names of files are searched too. */
  findBelow(folder) {
    const found = [];
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      found.push(...this.find(entry.name, `the name of ${full}`));
      if (entry.isDirectory()) found.push(...this.findBelow(full));
      else if (entry.isFile()) found.push(...this.find(readIfThere(full), full));
    }
    return found;
  }

  /** The same of an answer: what the server said about itself and, of a refusal, its body. What was asked for may hold the caller's own words. */
  findInAnswer({ status, headers, text, json }, where) {
    const said = this.find(JSON.stringify(headers), `the headers of ${where}`);
    return status < 400 ? said : [...said, ...this.find(json ? this.withoutPointers(json) : text, `the body of ${where}`)];
  }

  /** RFC 6901: a pointer says which member is wrong, so a member's name may stand in it, if the contract knows members by their names alone (lab codes). */
  withoutPointers(problem) {
    const errors = problem.errors?.map((error) => ({ ...error, pointer: error.pointer?.split('/').filter((name) => !this.namesInPointers.has(name)).join('/') }));
    return JSON.stringify({ ...problem, errors });
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file);
  } catch (problem) {
    if (problem.code === 'ENOENT') return '';
    throw problem;
  }
}
