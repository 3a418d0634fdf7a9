import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

/** Debian's; null where there is none, and that is said loudly. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync) ?? null;
if (CHROMIUM === null && process.env.RELIGHT_NEED_BROWSER)
  throw new Error('no chromium, and here it may not be missing');
if (CHROMIUM === null) console.warn('SKIPPED: no chromium at /usr/bin/chromium, the page is not tested in a browser');

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Browser = Readonly<{ page: Page; faults: string[]; requests: string[]; close(): Promise<void> }>;

/** A browser with nothing in it. `faults` is what pages complained of, `requests` all that they asked for. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  const dir = mkdtempSync(join(tmpdir(), 'relight-chromium-'));
  const context = await chromium.launchPersistentContext(dir, {
    executablePath,
    args: FLAGS,
    viewport: { width: 1_280, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const faults: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  const close = async (): Promise<void> => {
    await context.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { page, faults, requests, close };
}
