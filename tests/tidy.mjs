// The tidy test: what a machine can check of how we write, so that people need not. Each fault names file and line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as code from './tidy/code_rules.mjs';
import * as floors from './tidy/floor_rules.mjs';
import * as tree from './tidy/tree_rules.mjs';
import { sources, texts } from './tidy/files.mjs';

const MOST_LINES_OF_A_FUNCTION = 70;
const MANY_LINES_OF_A_FILE = 400;
const MOST_LINES_OF_A_FILE = 500;

function assertNone(faults) {
  assert.equal(faults.length, 0, `\n${faults.join('\n')}`);
}

test('there are files to look at', () => assert.ok(sources.length > 50 && texts.length > sources.length));

test(`no function is longer than ${MOST_LINES_OF_A_FUNCTION} lines`, () => assertNone(code.longFunctions(sources, MOST_LINES_OF_A_FUNCTION)));

test(`no source file is longer than ${MOST_LINES_OF_A_FILE} lines`, () => {
  for (const fault of code.longFiles(sources, MANY_LINES_OF_A_FILE).slice(0, 5)) console.log(`note: ${fault}`);
  assertNone(code.longFiles(sources, MOST_LINES_OF_A_FILE));
});

test('includes point down the floors of the house', () => assertNone(floors.wrongIncludes(sources)));

test('every header of src/ is mentioned by a test', () => assertNone(floors.untestedHeaders(sources)));

test('every TODO says why', () => assertNone(code.reasonlessTodos(texts)));

test('no banned call', () => assertNone(code.bannedCalls(sources)));

test('only ids and configuration reach the log', () => assertNone(code.unknownLogTexts(sources)));

test('no file over 1 MB outside models/', () => assertNone(tree.largeFiles()));

test('no host of a package registry and no path of one machine', () => assertNone(tree.foreignNames(texts)));

test('every command in the documents exists', () => assertNone(tree.unknownCommands(texts)));

test('every file the documents link to exists', () => assertNone(tree.brokenLinks(texts)));
