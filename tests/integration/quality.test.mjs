// What the shipped knowledge, reader and model reach on what was written for measuring them. A figure that falls below its line here
// is a regression; docs/evaluation.md says what each set is worth.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repository, runOsler } from '../support/server.mjs';

const WITHIN_MS = 10 * 60_000;  // thousands of cases, in every precision

async function evaluated(what, name, ...more) {
  const { code, stdout, stderr } = await runOsler(['evaluate', what, path.join(repository, name), '--json', ...more], { timeoutMs: WITHIN_MS });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function atLeast(figures, lines) {
  for (const [name, line] of Object.entries(lines)) assert.ok(figures[name] >= line, `${name}: ${figures[name]}, at least ${line}`);
}

test('labelled sentences: findings, polarity, time, doubt and subject', async () => {
  const text = await evaluated('text', 'tests/text/annotated');
  assert.ok(text.sentences >= 600);
  atLeast({ precision: text.findings.precision, recall: text.findings.recall }, { precision: 0.8, recall: 0.72 });
  for (const polarity of ['present', 'absent']) atLeast(text[polarity], { precision: 0.97, recall: 0.97 });
  atLeast(text.uncertain, { precision: 0.85, recall: 0.85 });
});

test('a file of labelled sentences that no wording was taken from', async () => {
  const text = await evaluated('text', 'tests/text/annotated/abdomen_pelvis.text');
  atLeast({ precision: text.findings.precision, recall: text.findings.recall }, { precision: 0.7, recall: 0.6 });
  atLeast({ recall: text['in general'].recall }, { recall: 0.64 });
});

test('the requests of the second readers', async () => {
  const { all } = await evaluated('cases', 'tests/vignettes/second_reading');
  assert.ok(all.cases > 1800);
  atLeast({ first: all.top1[0], three: all.top3[0] }, { first: 0.9, three: 0.95 });
  assert.ok(all.triage.emergencies_sent_lower <= 0.04 * all.triage.emergencies, JSON.stringify(all.triage));
});

test('the encoder in every precision, and beside the network', async () => {
  const models = await evaluated('models', 'tests/vignettes/second_reading');
  const { fp32, ...others } = models.precisions;
  for (const [name, { alone, both, difference }] of Object.entries(others)) {
    for (const [way, shares] of Object.entries({ alone, both })) {
      assert.ok(Math.abs(shares.first[0] - fp32[way].first[0]) <= 0.005, `${name} ${way}: first ${shares.first[0]}, in fp32 ${fp32[way].first[0]}`);
      assert.ok(difference[way].first < 0.01, `${name} ${way}: confidences differ by ${difference[way].first} on average`);
    }
  }
  atLeast({ encoder: models.all.encoder.first[0], both: models.all.both.first[0] }, { encoder: 0.7, both: 0.95 });
});

test('what an explanation says is removed first lowers the confidence most', async () => {
  const { shap, lime } = await evaluated('explanations', 'tests/vignettes/second_reading', '--cases', '12');
  for (const [name, { gain }] of Object.entries({ shap, lime })) atLeast({ [name]: gain.removed[0], [`${name}, added`]: gain.added[0] }, { [name]: 0.2, [`${name}, added`]: 0.15 });
});

const report = '../shared/data/text/dev-vignettes/report.jsonl';
const skip = fs.existsSync(path.join(repository, report)) ? false : `the vignettes are not on this machine (${report})`;

test('the vignettes that nothing was fitted on (totals only)', { skip }, async () => {
  const { all } = await evaluated('cases', report, '--aggregates');
  atLeast({ known: all.coverage[0], first: all.top1[0], three: all.top3[0], five: all.top5[0] }, { known: 0.97, first: 0.7, three: 0.88, five: 0.92 });
});
