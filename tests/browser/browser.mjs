// What the browser tests share: one Chromium, pages that watch what they load and log, and ways to act as a user does.
import { chromium } from 'playwright-core';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const WAIT_MS = 15_000;
const MOST_TABS = 120;

export const DESKTOP = { viewport: { width: 1440, height: 1000 } };
export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGUMENTS });
}

/** Opens `path` of the server. `page.seen` gathers {requests, complaints}: all addresses, all errors and warnings. */
export async function openPage(browser, server, { path = '/', ...options } = {}) {
  const context = await browser.newContext({ ...DESKTOP, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const seen = { requests: [], complaints: [] };
  context.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  await page.goto(server.url + path);
  page.seen = seen;
  return page;
}

/** Presses Tab until `selector` has the focus: proof that the keyboard gets there. */
export async function tabTo(page, selector) {
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${selector}`);
}

export async function typeChips(page, field, texts) {
  await page.focus(`#${field}-input`);
  for (const text of texts) {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  }
}

export const chipsOf = (page, field) => page.locator(`[data-chips="${field}"] .chip-text`).allTextContents();

/** The smallest case that is answered. */
export async function fillShortCase(page, { age = '40', symptoms = ['cough', 'fever'], severity = 'moderate' } = {}) {
  await page.fill('#age', age);
  await typeChips(page, 'symptoms', symptoms);
  await page.check(`[name=severity][value=${severity}]`);
}

export async function askForAnswer(page) {
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.url().endsWith('/api/v1/diagnose')),
    page.keyboard.press('Control+Enter'),
  ]);
  return request.postDataJSON();
}

/** Loads the example of the page and waits for its answer. */
export async function answerReferenceCase(page) {
  await page.click('#load-example');
  await askForAnswer(page);
  await page.waitForSelector('.urgency');
}

/** Waits until the next steps are those of the answer on the page. */
export const waitForSteps = (page) =>
  page.waitForFunction(() => document.querySelector('.next-steps')?.getAttribute('aria-busy') === 'false');
