import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Api, createApi } from '../../../controller/api/api.io.ts';
import { silentLog } from '../../../shared/log.ts';
import type { RestartView, SiteView } from '../../../shared/view.ts';
import { type TestPort, testPort } from '../api/port.ts';
import { aView } from '../api/view.ts';
import { type Browser, CHROMIUM, openBrowser } from './browser.ts';

const PAGE_DIR = fileURLToPath(new URL('../../../controller/web/dist', import.meta.url));
const view = aView(240);
const restart = view.restart as RestartView;

(CHROMIUM === null ? describe.skip : describe)('the page', () => {
  let browser: Browser;
  let page: Page;
  let port: TestPort;
  let api: Api;

  beforeAll(async () => {
    browser = await openBrowser(CHROMIUM ?? '');
    page = browser.page;
    page.setDefaultTimeout(10_000);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    port = testPort(view);
    api = await start({ host: '127.0.0.1', port: 0 });
    browser.faults.length = 0;
    browser.requests.length = 0;
    await page.setViewportSize({ width: 1_280, height: 900 });
    await page.goto(url());
    await page.waitForSelector('.glance');
  });
  afterEach(async () => {
    await page.goto('about:blank');
    await api.close();
  });

  const start = (listen: Api['at']): Promise<Api> => createApi({ port, listen, log: silentLog, pageDir: PAGE_DIR });
  const url = (): string => `http://127.0.0.1:${api.at.port}/`;
  const text = async (selector: string): Promise<string> =>
    // biome-ignore lint/performance/useDomNodeTextContent: what a person reads, with the spaces that the layout makes
    (await page.locator(selector).first().innerText()).replaceAll('\u202f', ' ').replace(/\s+/g, ' ');
  const tell = (change: Partial<Omit<SiteView, 'miners'>>): void =>
    port.tell({ kind: 'change', view: change, miners: [] });
  const tile = (name: string): string => `.tile:has(h2:text-is("${name}"))`;

  test('tells at a glance whether it is back, comes back, and is safe', async () => {
    expect(await text(tile('Internet'))).toBe('Internet restored for 9 min 00 s');
    expect(await text(tile('Restart'))).toBe('Restart running wave 2: waits for slots at pdu-1b');
    expect(await text(tile('Hashing'))).toMatch(/^Hashing 139 of 240 14.8 PH\/s · 27 booting$/);
    expect(await text(tile('For people'))).toBe('For people 5 miners 4 tickets · 1 set aside');
    expect(await page.locator('.power tbody tr').count()).toBe(view.feeds.length);
    expect(await page.locator('.waves tbody tr:not(.reason)').count()).toBe(4);
    expect(await text('.votes')).toContain('2 of 2 known uplinks up, 2 needed, 1 not known');
  });

  test('asks for nothing from elsewhere, and complains of nothing', async () => {
    expect(browser.requests.filter((asked) => !asked.startsWith(url()) && !asked.startsWith('data:'))).toEqual([]);
    expect(browser.faults).toEqual([]);
  });

  test('follows the controller without being loaded again', async () => {
    tell({
      connectivity: {
        ...view.connectivity,
        state: 'PARTIAL',
        label: 'HOLDING',
        whyNot: 'hold.remaining',
        holdRemainingMs: 141_000,
      },
    });
    await page.waitForSelector('.hold');
    expect(await text('.hold')).toBe('It must stay for 2 min 21 s more');
    expect(await text('.connectivity .why')).toBe('not restored because hold.remaining');
    const miners = view.miners.slice(0, 40).map((miner) => ({ ...miner, look: 'down' as const }));
    port.tell({ kind: 'change', view: {}, miners });
    const down = 40 + view.miners.slice(40).filter(({ look }) => look === 'down').length;
    await page.waitForSelector(`.looks button:has-text("down ${down}")`);
  });

  test('says in an outage what is held back and why, what it costs, and whether a restart fits', async () => {
    const [last] = view.outages;
    if (last === undefined) throw new Error('the view has an outage');
    expect(await text('.outage')).toContain('at least 324 EH not computed (90 PH/s for an hour), 57.4 kWh');
    expect(await text('.outage .power')).toContain('before the internet');
    tell({
      suppressed: { why: 'quorum.1of3', sinceMs: view.nowMs - 120_000 },
      outage: { ...last, endedMs: null },
      connectivity: { ...view.connectivity, state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'quorum.1of3' },
    });
    await page.waitForSelector('.outage .suppressed');
    expect(await text('.outage .suppressed')).toBe(
      'No miner is pushed, whoever asks, for 2 min 00 s: not restored because quorum.1of3. Orders wait.',
    );
    expect(await text('.connectivity .why')).toBe('not restored because quorum.1of3: 1 of 3 uplinks serve work');
    expect(await page.locator('.outage .forecast dd').allInnerTexts()).toEqual([
      expect.stringMatching(/^a window has been open for .* the longest/),
      expect.stringMatching(/it probably fits; 5 of 6 windows/),
    ]);
  });

  test('colours each miner, and tells of the one under the pointer or the cursor', async () => {
    const canvas = page.locator('.cells canvas');
    const cellPx = Number(await canvas.getAttribute('data-cell-px'));
    const first = view.miners[0]?.miner ?? '';
    await canvas.hover({ position: { x: cellPx / 2, y: 15 + cellPx / 2 } });
    await page.waitForSelector(`.detail code:text-is("${first}")`);
    await page.mouse.move(0, 0);
    await page.focus('.cells');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector(`.detail code:text-is("${view.miners[1]?.miner}")`);
    const colors = await page.evaluate<number>(`{
      const drawn = document.querySelector('canvas[data-cell-px]');
      const { data } = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height);
      new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size;
    }`);
    expect(colors).toBeGreaterThan(10);
  });

  test('tells what is the matter with a miner, on what grounds, and what it calls for', async () => {
    const [first] = view.miners as [SiteView['miners'][0]];
    const health = { condition: 'too_hot', evidence: ['too hot: cooling first (P:1)'], rung: 'wait' } as const;
    await page.focus('.cells');
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector(`.detail code:text-is("${first.miner}")`);
    expect(await page.locator('.detail .health').count()).toBe(0);
    port.tell({ kind: 'change', view: {}, miners: [{ ...first, health, healthSinceMs: view.nowMs - 61_000 }] });
    await page.waitForSelector('.detail .health');
    expect(await text('.detail .health')).toBe(
      'too hot for 1 min 01 s: wait, never restart too hot: cooling first (P:1)',
    );
  });

  test('posts an act with who and why, only after both are given, and says what came of it', async () => {
    await page.click('.acts .pause');
    await page.click('dialog .do');
    expect(port.acts).toEqual([]);
    await page.fill('dialog input[name=actor]', 'ann');
    await page.fill('dialog textarea', 'transformer 1 hums');
    port.answerWith({ ok: false, code: 'PAUSED_ALREADY', reason: 'a person has paused it already' });
    await page.click('dialog .do');
    await page.waitForSelector('dialog .caution');
    expect(await text('dialog .caution')).toBe('Not done: a person has paused it already');
    port.answerWith({ ok: true, restart: 'r-1' });
    await page.click('dialog .do');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(port.acts.at(-1)).toEqual({ act: 'pause', actor: 'ann', reason: 'transformer 1 hums' });
  });

  test('asks twice before it aborts, and offers what makes sense in each state', async () => {
    await page.click('.acts .abort');
    await page.fill('dialog textarea', 'wrong plan');
    expect(await page.locator('dialog .do').isDisabled()).toBe(true);
    await page.check('dialog input[type=checkbox]');
    await page.fill('dialog input[name=actor]', 'ann');
    await page.click('dialog .do');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(port.acts).toEqual([{ act: 'abort', actor: 'ann', reason: 'wrong plan' }]);
    tell({ restart: { ...restart, state: 'HALTED', haltReason: 'pdu-1c: 5 of 20 failed' } });
    await page.waitForSelector('.acts .resume');
    expect(await text('.halt')).toBe('pdu-1c: 5 of 20 failed');
  });

  test('never pretends to be live: says so when the stream ends, and takes it up again', async () => {
    tell({ nowMs: view.nowMs + 1_000 });
    await page.waitForSelector('.stream:text-is("live")');
    const { at } = api;
    await api.close();
    await page.waitForSelector('.banner.lost');
    expect(await text('.banner.lost')).toContain('What you see is how it was at 03:14:06');
    expect(await page.locator('main.stale').count()).toBe(1);
    port.show({ ...view, nowMs: view.nowMs + 60_000 });
    api = await start(at);
    await page.waitForSelector('.banner.lost', { state: 'detached', timeout: 15_000 });
    expect(await text('.top time')).toBe('03:15:05');
  });

  test('says what is degraded', async () => {
    const [a1, a2] = view.agents as [SiteView['agents'][0], SiteView['agents'][0]];
    tell({ degraded: ['the store cannot be written'], agents: [a1, { ...a2, linked: false }] });
    await page.waitForSelector('.banner.degraded');
    expect(await text('.banner.degraded')).toContain('agent a2 is not linked: nothing is known of its 120 miners');
  });

  test.each([390, 768])('fits %i pixels without scrolling sideways', async (width) => {
    await page.setViewportSize({ width, height: 844 });
    await page.waitForFunction(`window.innerWidth === ${width}`);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  test('takes text for text: a name with markup in it stays a name', async () => {
    tell({ restart: { ...restart, waitingFor: '<img src=x onerror=alert(1)>' } });
    await page.waitForSelector('text=waits for <img src=x');
    expect(await page.locator('img').count()).toBe(0);
  });
});
