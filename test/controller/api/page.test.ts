import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { preparePage } from '../../../controller/api/page.io.ts';
import { type Log, silentLog } from '../../../shared/log.ts';

let web: string;
let dist: string;
beforeEach(() => {
  web = mkdtempSync(join(tmpdir(), 'relight-web-'));
  dist = join(web, 'dist');
  writeFileSync(join(web, 'main.tsx'), 'export {};');
});
afterEach(() => rmSync(web, { recursive: true }));

const buildScript = (text: string): void => writeFileSync(join(web, 'build.ts'), text);
const COUNTS_ITS_RUNS = `
import { appendFileSync, writeFileSync } from 'node:fs';
appendFileSync(new URL('./runs', import.meta.url), 'x');
writeFileSync(process.argv[2] + '/index.html', 'built');`;
const runs = (): number => (existsSync(join(web, 'runs')) ? readFileSync(join(web, 'runs'), 'utf8').length : 0);

describe('the page, when the controller starts', () => {
  test('is built when missing, left when fresh, and built again when a source is newer', async () => {
    buildScript(COUNTS_ITS_RUNS);
    await preparePage(dist, silentLog);
    await preparePage(dist, silentLog);
    expect([runs(), readFileSync(join(dist, 'index.html'), 'utf8')]).toEqual([1, 'built']);
    const later = Date.now() / 1_000 + 60;
    utimesSync(join(web, 'main.tsx'), later, later);
    await preparePage(dist, silentLog);
    expect(runs()).toBe(2);
  });

  test('is taken as it is where there are no sources', async () => {
    await preparePage(dist, silentLog);
    expect(existsSync(dist)).toBe(true);
  });

  test('that cannot be built is a warning, not an end', async () => {
    buildScript('throw new Error("no such package: esbuild");');
    const warned: object[] = [];
    const log: Log = { ...silentLog, warn: (fields) => void warned.push(fields) };
    await preparePage(dist, log);
    expect(warned).toEqual([{ pageDir: dist, why: expect.stringContaining('no such package') }]);
  });
});
