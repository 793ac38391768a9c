// The files of the repository: those tracked and those about to be.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { repository } from '../support/server.mjs';

const SOURCE = /\.(h|cc|js|mjs)$/;
const TEXT = /\.(h|cc|js|mjs|sh|css|html|md|yaml|yml|json|txt|in|cmake|example|case|text|toml)$|(^|\/)(run|CMakeLists\.txt|\.gitignore)$/;

export const paths = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: repository, encoding: 'utf8' })
  .split('\0').filter((name) => name !== '' && fs.existsSync(path.join(repository, name))).sort();

const read = (name) => {
  const content = fs.readFileSync(path.join(repository, name), 'utf8');
  return { name, content, lines: content.split('\n') };
};

/** Every text file: {name, content, lines}. */
export const texts = paths.filter((name) => TEXT.test(name)).map(read);

/** C++ and JavaScript. */
export const sources = texts.filter(({ name }) => SOURCE.test(name));

export const exists = (name) => fs.existsSync(path.join(repository, name));
export const sizeOf = (name) => fs.statSync(path.join(repository, name)).size;
