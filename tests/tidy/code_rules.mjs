// Rules about lines of code.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const isCpp = (name) => /\.(h|cc)$/.test(name);
const isOwn = (name) => name.startsWith('tests/tidy');
const indentOf = (line) => line.length - line.trimStart().length;

const NOT_A_FUNCTION = /^\s*(namespace|class|struct|enum|union|extern|if|else|for|while|switch|do|try|catch|return|case|default|\})\b/;
const CPP_FUNCTION = /\)[^;=]*\{$/;
const JS_FUNCTION = /(\bfunction\b.*|=>\s*|^\s*(async\s+|static\s+|\*)*[#\w]+\([^=]*\)\s*)\{$/;

/** Functions whose body has more than `most` lines. By the indentation of the brace that closes them. */
export function longFunctions(sources, most) {
  const faults = [];
  for (const { name, lines } of sources) {
    lines.forEach((line, start) => {
      const text = line.trimEnd();
      if (!(isCpp(name) ? CPP_FUNCTION : JS_FUNCTION).test(text) || NOT_A_FUNCTION.test(text)) return;
      const indent = indentOf(line);
      const length = lines.slice(start + 1).findIndex((later) => indentOf(later) <= indent && later.trimStart().startsWith('}'));
      if (length > most) faults.push(`${name}:${start + 1}: a function of ${length} lines`);
    });
  }
  return faults;
}

export function longFiles(sources, most) {
  return sources.filter(({ lines }) => lines.length > most).map(({ name, lines }) => `${name}: ${lines.length} lines`);
}

export function reasonlessTodos(texts) {
  return eachLine(texts.filter(({ name }) => !isOwn(name)), (line) => /\b(TODO|FIXME|XXX|HACK)\b(?!\([^)]+\): \S)/.test(line)
    && 'write it as TODO(why or which issue): what');
}

/** Pattern, where it is allowed, what to do instead. Comments do not count. */
const BANNED = [
  [/(?<![\w:>.])(std::)?f?printf\s*\(/, /^(app|bench|train|evaluate)\/|^src\/base\/check\.cc$/, 'log through Logger, or print in app/'],
  [/\bstd::c(out|err|log)\b/, /^(app|train|bench|tests)\//, 'only the command line prints'],
  [/\bstd::regex\b|#include <regex>/, /^$/, 'RE2, or a few lines of code'],
  [/(?<!(unique|shared)_ptr<[^;]*)(?<!operator )\bnew\s+[A-Z_a-z:]+[\s({[]/, /^tests\/fault\/fault_vfs\.cc$/, 'std::make_unique, or straight into a std::unique_ptr'],
  [/(?<!= )(?<!operator )\bdelete\b\s*(\[\])?\s*[a-z_(*]/, /^tests\/fault\/fault_vfs\.cc$/, 'let an owner do it'],
  [/\b(strcpy|strcat|sprintf|gets|atoi|atof|system|popen)\s*\(/, /^(tests|bench)\//, 'it cannot fail safely'],
  [/\bsleep_for\b|\busleep\s*\(|(?<!\w)sleep\s*\(/, /^bench\//, 'wait for the thing itself'],
];

export function bannedCalls(sources) {
  const faults = [];
  for (const { name, lines } of sources) {
    if (!isCpp(name)) continue;
    lines.forEach((line, i) => {
      const text = withoutTexts(line);
      for (const [pattern, allowed, instead] of BANNED)
        if (pattern.test(text) && !allowed.test(name)) faults.push(`${name}:${i + 1}: ${line.trim()}  (${instead})`);
    });
  }
  return faults.concat(debugPrints(sources));
}

/** console.log belongs to commands and tests, not to the page. */
function debugPrints(sources) {
  return eachLine(sources.filter(({ name }) => name.startsWith('web/')), (line) => /\bconsole\.(log|debug)\b|\bdebugger\b/.test(line) && 'no debugging left behind');
}

function withoutTexts(line) {
  return line.replace(/"(\\.|[^"\\])*"/g, '""').replace(/\/\/.*$/, '').replace(/^\s*\*.*$/, '');
}

/** Uses of LogText::safe that are not in log_text.allowed: someone must say that no caller's word gets there. */
export function unknownLogTexts(sources) {
  const allowed = new Set(fs.readFileSync(fileURLToPath(new URL('log_text.allowed', import.meta.url)), 'utf8').split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('  ')[0].trim()));
  const faults = [];
  for (const { name, lines } of sources) {
    if (!isCpp(name) || name.startsWith('tests/') || name === 'src/base/log.h') continue;
    lines.forEach((line, i) => {
      for (const [, start] of line.matchAll(/LogText::safe\((.*)/g)) {
        const use = `${name} ${argumentOf(start)}`;
        if (!allowed.has(use)) faults.push(`${name}:${i + 1}: add "${use}  <why it holds nothing of a caller>" to tests/tidy/log_text.allowed`);
      }
    });
  }
  return faults;
}

/** The text up to the parenthesis that closes the call. */
function argumentOf(text) {
  let depth = 1;
  for (let i = 0; i < text.length; ++i) {
    depth += text[i] === '(' ? 1 : text[i] === ')' ? -1 : 0;
    if (depth === 0) return text.slice(0, i);
  }
  return text;
}

/** `fault(line)` gives a text for a line that is wrong. */
function eachLine(files, fault) {
  const faults = [];
  for (const { name, lines } of files)
    lines.forEach((line, i) => {
      const what = fault(line);
      if (what) faults.push(`${name}:${i + 1}: ${line.trim()}  (${what})`);
    });
  return faults;
}
