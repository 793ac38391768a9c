// Widths, colours, labels, focus: what makes the page usable on a phone, at night, by keyboard and by screen reader.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PHONE, SMALLEST_CONTRAST, answerReferenceCase, askForAnswer, contrasts, fillShortCase, openPage, usesBrowser, waitForSteps, widerThanTheirPlace,
} from './browser.mjs';

const READING_CONTRAST = 7;      // AAA, for what is read at length
const SMALLEST_TARGET = 44;

const site = usesBrowser();
let page;

async function openAnswered(options) {
  page = await openPage(site, options);
  await page.click('#load-example');
  await page.fill('#narrative', 'Crushing chest pain. No fever. His father had a heart attack. Maybe leg swelling. Had a cough last year.');
  await askForAnswer(page);
  await page.waitForSelector('.urgency');
  await waitForSteps(page);
  await page.locator('.step-button').first().click();
  await page.waitForSelector('.next-said button');
  await waitForSteps(page);
  await page.locator('.story mark').first().click();
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
  await page.locator('.weighs-button').first().click();
  await page.locator('.weights').first().waitFor();
}

for (const colorScheme of ['light', 'dark']) {
  test(`every text is readable in the ${colorScheme} colours`, async () => {
    await openAnswered({ colorScheme });
    const found = await page.evaluate(contrasts);
    assert.ok(found.length > 80, `${found.length} texts`);
    assert.deepEqual(found.filter((entry) => entry.contrast < SMALLEST_CONTRAST), []);
    const read = found.filter((entry) => /acute myocardial|chest pain|troponin|Emergency/i.test(entry.text));
    assert.ok(read.length > 5);
    assert.deepEqual(read.filter((entry) => entry.contrast < READING_CONTRAST), []);
  });
}

test('errors are readable in both colours', async () => {
  for (const colorScheme of ['light', 'dark']) {
    page = await openPage(site, { colorScheme });
    await page.click('#diagnose');
    const found = await page.evaluate(contrasts);
    assert.deepEqual(found.filter((entry) => entry.contrast < SMALLEST_CONTRAST), []);
    if (colorScheme === 'light') await page.context().close();
  }
});

test('the system asks for dark and gets a dark page', async () => {
  const brightness = async (colorScheme) => {
    page = await openPage(site, { colorScheme });
    const color = await page.evaluate(() => getComputedStyle(document.querySelector('.pane')).backgroundColor);
    await page.context().close();
    return Math.max(...color.match(/\d+/g).map(Number));
  };
  assert.ok(await brightness('dark') < 60);
  assert.ok(await brightness('light') > 240);
});

for (const width of [320, 360, 600, 768, 1023, 1024, 1280, 1920]) {
  test(`nothing scrolls sideways at ${width} px`, async () => {
    await openAnswered({ viewport: { width, height: 800 } });
    assert.deepEqual(await page.evaluate(widerThanTheirPlace), []);
  });
}

test('wide screens show the case on the left and the answer on the right', async () => {
  await openAnswered();
  const [form, answer] = [await page.locator('#case-form').boundingBox(), await page.locator('#answer').boundingBox()];
  assert.ok(form.x + form.width <= answer.x);
  assert.ok(Math.abs(form.y - answer.y) < 2);
  const [whole, window] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
  assert.ok(whole <= window, 'the panes scroll, the page around them does not');
});

test('on a phone the answer comes into view and what is pressed is large enough for a thumb', async () => {
  page = await openPage(site, PHONE);
  const small = await page.evaluate((least) => [...document.querySelectorAll('.main-button, .quiet-button, .segments span, select, input[type=text], textarea, .chips')]
    .filter((element) => element.checkVisibility() && !element.closest('.chips .chip-input, .chips > input') && element.getBoundingClientRect().height < least)
    .filter((element) => !element.matches('.chip-input')).map((element) => element.outerHTML.slice(0, 80)), SMALLEST_TARGET);
  assert.deepEqual(small, []);
  await answerReferenceCase(page);
  await page.waitForFunction(() => document.querySelector('.urgency').getBoundingClientRect().top < innerHeight / 2);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'answer-title');
});

test('on a phone the answers to the next steps are large enough for a thumb and stay inside the page', async () => {
  await openAnswered({ ...PHONE, colorScheme: 'dark' });
  const buttons = await page.locator('.step-button').evaluateAll((all) => all.map((button) => button.getBoundingClientRect())
    .map(({ left, right, height }) => ({ left, right, height })));
  assert.ok(buttons.length >= 10, `${buttons.length} buttons`);
  assert.deepEqual(buttons.filter(({ left, right, height }) => left < 0 || right > 360 || height < SMALLEST_TARGET), []);
});

test('every control has a name', async () => {
  await openAnswered();
  await page.click('#add-lab');
  const nameless = await page.evaluate(() => [...document.querySelectorAll('input, select, textarea, button, a[href], [role=listbox], section, form, nav')]
    .filter((element) => {
      const labelledBy = (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean);
      if (labelledBy.some((id) => !document.getElementById(id))) return true;
      const label = element.labels?.[0]?.textContent ?? '';
      const own = element.matches('button, a') ? element.textContent : '';
      return [element.getAttribute('aria-label') ?? '', label, own, labelledBy.join('')].join('').trim() === '';
    })
    .filter((element) => !element.matches('section.case-summary'))
    .map((element) => element.outerHTML.slice(0, 120)));
  assert.deepEqual(nameless, []);
});

test('ids are unique and every reference from one element to another resolves', async () => {
  await openAnswered();
  const wrong = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    const repeated = ids.filter((id, position) => ids.indexOf(id) !== position);
    const dangling = ['aria-describedby', 'aria-controls', 'aria-labelledby', 'for'].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].flatMap((element) => element.getAttribute(name).split(' ')).filter((id) => !ids.includes(id)));
    return { repeated, dangling };
  });
  assert.deepEqual(wrong, { repeated: [], dangling: [] });
});

test('headings make an outline without gaps', async () => {
  await openAnswered();
  const levels = await page.evaluate(() => [...document.querySelectorAll('h1, h2, h3, h4, h5')].map((heading) => Number(heading.tagName[1])));
  assert.equal(levels[0], 1);
  const answer = await page.evaluate(() => [...document.querySelectorAll('#answer h2, #answer h3')].map((heading) => Number(heading.tagName[1])));
  answer.reduce((before, level) => {
    assert.ok(level <= before + 1);
    return level;
  });
});

test('Tab goes through the page in reading order and shows where it is', async () => {
  page = await openPage(site);
  const steps = [];
  for (let pressed = 0; pressed < 60; pressed += 1) {
    await page.keyboard.press('Tab');
    steps.push(await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      element.dataset.visited = String(document.querySelectorAll('[data-visited]').length);
      const shown = element.matches('.segments input') ? element.nextElementSibling : element.closest('.chips') ?? element;
      return { id: element.id || element.name || element.textContent, outline: parseFloat(getComputedStyle(shown).outlineWidth) };
    }));
    if (steps.at(-1) === null || steps.at(-1).id === 'diagnose') break;
  }
  const ids = steps.filter(Boolean).map((step) => step.id);
  for (const wanted of ['age', 'sex', 'symptoms-input', 'severity', 'narrative', 'temperature_c', 'add-lab', 'diagnose']) assert.ok(ids.includes(wanted), `${wanted} in ${ids}`);
  assert.deepEqual(steps.filter((step) => step && step.outline < 2), []);
  const inOrder = await page.evaluate(() => [...document.querySelectorAll('[data-visited]')].map((element) => Number(element.dataset.visited)));
  assert.deepEqual(inOrder, [...inOrder].sort((one, other) => one - other));
  assert.equal(await page.locator('[tabindex]:not([tabindex="-1"]):not([tabindex="0"])').count(), 0);
});

test('the bars carry their value as text and the threshold stands at 65 %', async () => {
  await openAnswered();
  const entries = await page.locator('.conditions .condition').evaluateAll((all) => all.map((entry) => {
    const bar = entry.querySelector('.bar').getBoundingClientRect();
    return {
      said: entry.querySelector('.confidence').textContent,
      filled: (100 * entry.querySelector('.bar-fill').getBoundingClientRect().width) / bar.width,
      threshold: (100 * (entry.querySelector('.bar-threshold').getBoundingClientRect().left + 1 - bar.left)) / bar.width,
    };
  }));
  assert.ok(entries.length >= 10);
  for (const { said, filled, threshold } of entries) {
    assert.match(said, /^[<>]?\d+ %$/);
    assert.ok(Math.abs(filled - parseInt(said.replace(/[<>]/, ''), 10)) <= 1, `${said} drawn as ${filled}`);
    assert.ok(Math.abs(threshold - 65) < 0.5, `threshold drawn at ${threshold}`);
  }
});

test('nothing moves for those who asked for less motion', async () => {
  page = await openPage(site, { reducedMotion: 'reduce' });
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.busy-mark')).animationName), 'none');
});

test('on paper there is the answer with its case, without the form', async () => {
  page = await openPage(site);
  await fillShortCase(page, { symptoms: ['dry cough'] });
  await askForAnswer(page);
  await page.waitForSelector('.urgency');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#case-form').isVisible(), false);
  assert.match(await page.locator('.case-summary').innerText(), /Age 40[\s\S]*dry cough/);
  assert.equal(await page.locator('.urgency').isVisible(), true);
  assert.ok((await page.pdf()).length > 10_000);
});
