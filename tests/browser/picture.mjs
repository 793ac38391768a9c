// Takes the README's picture of the page, from the real server: node tests/browser/picture.mjs
import fs from 'node:fs';
import path from 'node:path';
import { repository, startServer } from '../support/server.mjs';
import { answerReferenceCase, launchBrowser, openPage } from './browser.mjs';

const target = path.join(repository, 'docs/images/page.png');
const server = await startServer();
const browser = await launchBrowser();
try {
  const page = await openPage({ browser, server }, { viewport: { width: 1440, height: 1180 } });
  await answerReferenceCase(page);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  await page.screenshot({ path: target });
  process.stdout.write(`${target}: ${fs.statSync(target).size} bytes\n`);
} finally {
  await browser.close();
  await server.stop();
}
