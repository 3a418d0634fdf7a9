import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { meaningOf } from '../../cli/text/why.ts';
import { LAYERS } from '../../shared/finding.ts';
import type { SiteView } from '../../shared/view.ts';
import { aView, contractServer, json } from './controller.ts';
import { refusedInProcess } from './in-process.ts';
import { ONE_LINE, relight } from './relight.ts';

const dir = mkdtempSync(join(tmpdir(), 'relight-reach-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, value: unknown): string => {
  const file = join(dir, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
};
const series = (name: string, medium: string) => ({
  name,
  medium,
  region: 'somewhere',
  events: [
    { t_utc: '2022-01-05T10:30:00Z', state: 'down', what: 'cut' },
    { t_utc: '2022-01-05T12:00:00Z', state: 'up' },
  ],
});
const FILE = write('outages.json', [series('a', 'internet'), series('b', 'internet'), series('grid', 'power')]);

type Document = Readonly<{ series: readonly { name: string; transitions: readonly { state: string }[] }[] }>;
const replayed = async (...args: readonly string[]): Promise<Document> => {
  const { code, out, err } = await relight(['reach', 'replay', FILE, '--json', ...args]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Document;
};

describe('reach replay', () => {
  test('tells of every internet series when a farm would have been restarted', async () => {
    const document = await replayed('--up-success', '1');
    expect(document.series.map(({ name }) => name)).toEqual(['a', 'b']);
    for (const { transitions } of document.series) {
      expect(transitions.map(({ state }) => state)).toEqual(['DOWN', 'HOLDING', 'RESTORED']);
      expect(transitions.at(-1)).toEqual({
        tUtc: expect.stringMatching(/^2022-01-05T12:05:\d\d\.\d{3}Z$/),
        state: 'RESTORED',
        label: null,
        why: null,
      });
    }
  });

  test('plays one series as it does among others, and the same with the same seed', async () => {
    const [all, one] = [await replayed('--seed', '7'), await replayed('--seed', '7', '--series', 'b')];
    expect(one.series).toEqual(all.series.filter(({ name }) => name === 'b'));
    expect((await replayed('--series', 'grid')).series.map(({ name }) => name)).toEqual(['grid']);
  });

  test.each([
    ['no such file', ['nowhere.json'], 'nowhere.json: cannot be read'],
    ['no such series', [FILE, '--series', 'c'], 'expected one of: a, b, grid'],
    ['a chance that is none', [FILE, '--up-success', '1.2'], 'from 0 to 1'],
    ['a chance that is no number', [FILE, '--down-success', 'half'], 'from 0 to 1'],
    ['a state that is none', [write('bad.json', [{ name: 'a', events: [{ t_utc: '2022', state: 'on' }] }])], 'events'],
  ] as const)('with %s ends with 2 and one line', async (_, args, says) => {
    const { code, err } = await refusedInProcess(['reach', 'replay', ...args]);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
  });
});

describe('reach score', () => {
  test('weighs how often a restoration comes too soon against how long one waits, and says of what', async () => {
    const { code, out } = await relight(['reach', 'score', '--seeds', '1..40', '--hold-ms', '60000', '--json']);
    expect(code).toBe(0);
    const document = JSON.parse(out) as Record<string, number>;
    expect(document).toMatchObject({ corpus: 'frontier', seeds: { from: 1, to: 40 }, outages: 40, holdMs: 60_000 });
    expect(document.pHarmful).toBeGreaterThan(0);
    expect(document.p95DelayMs).toBeGreaterThanOrEqual(document.p50DelayMs ?? Infinity);
  });

  test('draws a curve beside that of the reference, in a file of its own', async () => {
    const file = join(dir, 'curve.svg');
    const { code, out } = await relight(['reach', 'score', '--seeds', '1..20', '--curve', file, '--json']);
    expect(code).toBe(0);
    const { ours, frontier } = JSON.parse(out) as Record<string, readonly { holdMs: number; p95DelayMs: number }[]>;
    expect(ours?.map(({ holdMs }) => holdMs)).toEqual(frontier?.map(({ holdMs }) => holdMs));
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/^<svg [^>]*viewBox[\s\S]*<\/svg>\n$/);
    expect(svg.match(/<circle /g)).toHaveLength(5);
    expect(svg.match(/<polyline /g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });

  test.each([
    ['a curve that cannot be written', ['--seeds', '1..1', '--curve', join(dir, 'none', 'curve.svg')], '--curve'],
    ['two kinds of holds', ['--hold-ms', '1', '--curve', join(dir, 'curve.svg')], '--hold-ms'],
    ['seeds that run backwards', ['--seeds', '9..1'], '1..2000'],
    ['a corpus that nobody has', ['--corpus', 'moon'], 'frontier'],
  ])('with %s ends with 2 and one line', async (_, args, says) => {
    const { code, err } = await refusedInProcess(['reach', 'score', ...args]);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
  });
});

describe('reach scenarios', () => {
  test('plays a row and says how often it was right, and how long the restoration took', async () => {
    const file = join(dir, 'table.md');
    const asked = ['reach', 'scenarios', '--row', 'all-up', '--seeds', '3..5', '--table', file, '--json'];
    const { code, out } = await relight(asked);
    expect(code).toBe(0);
    const { seeds, passed, rows } = JSON.parse(out) as Record<string, unknown>;
    expect([seeds, passed]).toEqual([{ from: 3, to: 5 }, true]);
    expect(rows).toMatchObject([{ row: 1, name: 'all-up', seeds: 3, rightPct: 100, falseRestored: 0, wrong: [] }]);
    expect(readFileSync(file, 'utf8')).toContain('| 1 | `all-up` | nothing | RESTORED – – | 3 | 100 | 0 |');
  });

  test('names a seed that plays what was wrong', async () => {
    // Of the rounds of so bad a line some few are always named otherwise.
    const played = async (seeds: string): Promise<string> =>
      (await relight(['reach', 'scenarios', '--row', 'loss-80', '--seeds', seeds])).out;
    const [, said = '', seed = ''] = /\d+ × ([^(]+) \(seed (\d+)\)/.exec(await played('1..10')) ?? [];
    expect(said).toMatch(/^(?:PARTIAL|DOWN) /);
    expect(await played(`${seed}..${seed}`)).toContain(`1 × ${said} (seed ${seed})`);
  });

  test.each([
    ['a row that is none', ['--row', '62'], 'rows 1 to 61'],
    [
      'a table that cannot be written',
      ['--row', '1', '--seeds', '1..1', '--table', join(dir, 'no', 't.md')],
      '--table',
    ],
    ['seeds that run backwards', ['--seeds', '9..1'], '1..2000'],
  ])('with %s ends with 2 and one line', async (_, args, says) => {
    const { code, err } = await refusedInProcess(['reach', 'scenarios', ...args]);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
  });
});

describe('reach explain', () => {
  let close: (() => Promise<void>) | null = null;
  afterEach(async () => {
    await close?.();
    close = null;
  });

  const connectivity: SiteView['connectivity'] = {
    state: 'PARTIAL',
    label: 'DOMESTIC_ONLY',
    whyNot: 'tcp.foreignTimeout',
    sinceMs: 700_000,
    holdRemainingMs: null,
    votes: { configured: 1, known: 1, up: 0, needed: 1 },
    uplinks: [
      {
        uplink: 'isp-1',
        agent: 'a1',
        state: 'PARTIAL',
        label: 'DOMESTIC_ONLY',
        whyNot: 'tcp.foreignTimeout',
        ageMs: 4_000,
        evidence: [{ layer: 'tcp', target: 'anchor.example:443', is: 'down', why: 'timeout', tookMs: 5_000 }],
      },
    ],
  };

  test('says what each uplink lacks, what that means, and where to look', async () => {
    const server = await contractServer({ '/api/v1/site': json(200, aView({ connectivity })) });
    close = server.close;
    const { code, out } = await relight(['reach', 'explain', '--controller', server.url]);
    expect(code).toBe(0);
    expect(out).toContain('small  PARTIAL/DOMESTIC_ONLY since 5 min');
    expect(out).toContain('0 of 1 known uplinks are restored, 1 are needed');
    expect(out).toContain('isp-1 by a1, 4 s ago  PARTIAL/DOMESTIC_ONLY');
    expect(out).toContain('tcp.foreignTimeout: hosts in the country are reached, none abroad');
    expect(out).toMatch(/tcp\s+anchor\.example:443\s+down\s+5000\s+timeout/);

    const { out: text } = await relight(['reach', 'explain', '--controller', server.url, '--json']);
    expect(JSON.parse(text)).toMatchObject({
      site: 'small',
      ...connectivity,
      meaning: expect.stringMatching(/abroad/),
    });
  });

  test('has words for whatever a layer can lack', () => {
    // A ping that fails is never what is missing, nor is a time server.
    const missing = LAYERS.filter((layer) => layer !== 'icmp' && layer !== 'ntp');
    for (const layer of [...missing, 'link', 'hold', 'self', 'quorum']) {
      expect([layer, meaningOf(`${layer}.somethingNew`)]).toEqual([layer, expect.any(String)]);
    }
    expect(meaningOf(null)).toBeNull();
  });
});

test('reach alone needs a configuration, and says so', async () => {
  const { code, err } = await refusedInProcess(['reach']);
  expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
  expect(err).toContain('--config');
});
