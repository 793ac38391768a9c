// What the browser tests share: one Chromium, pages that watch what they load and log, and ways to act as a user does.
import { after, afterEach, before } from 'node:test';
import { chromium } from 'playwright-core';
import { startServer } from '../support/server.mjs';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const WAIT_MS = 15_000;
const MOST_TABS = 120;

export const DESKTOP = { viewport: { width: 1440, height: 1000 } };
export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGUMENTS });
}

/** {server, browser} for all tests of a file, there once they run; what a test opened is closed after it. */
export function usesBrowser() {
  const site = {};
  before(async () => {
    site.server = await startServer();
    site.browser = await launchBrowser();
  });
  afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
  after(async () => {
    await site.browser?.close();
    await site.server?.stop();
  });
  return site;
}

/** Opens `path` of the server, after `prepare(page)`. `page.seen` gathers {requests, complaints}: all addresses, all errors and warnings. */
export async function openPage({ browser, server }, { path = '/', prepare = () => {}, ...options } = {}) {
  const context = await browser.newContext({ ...DESKTOP, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const seen = { requests: [], complaints: [] };
  context.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  await prepare(page);
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

export const SMALLEST_CONTRAST = 4.5;   // WCAG 2.2 AA, text of ordinary size

/** Every visible text with its contrast against what is painted behind it: [{text, contrast}]. Runs in the page. */
export function contrasts() {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const linear = [red, green, blue].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const color = channels(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent.trim()).join(' ').trim();
    if (text === '' || !element.checkVisibility() || element.closest('.visually-hidden')) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))].sort((one, other) => other - one);
    found.push({ text, contrast: (light + 0.05) / (dark + 0.05) });
  }
  return found;
}

/** The page and those of its panes that scroll sideways. Runs in the page. */
export function widerThanTheirPlace() {
  return [document.documentElement, ...document.querySelectorAll('.pane')]
    .filter((element) => element.scrollWidth > element.clientWidth).map((element) => `${element.tagName} ${element.scrollWidth}`);
}
