import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Watched, watchText } from '../../cli/text/watch.ts';
import { realClock } from '../../shared/clock.io.ts';
import { uplinkId } from '../../shared/ids.ts';
import { millis, unixMs } from '../../shared/units.ts';
import { type Internet, startInternet } from '../../sim/index.ts';
import { refusedInProcess } from './in-process.ts';
import { ONE_LINE, type Started, start } from './relight.ts';

const dir = mkdtempSync(join(tmpdir(), 'relight-watch-'));
const SITE = join(dir, 'site.json');
let internet: Internet;
let watching: Started | null = null;

beforeAll(async () => {
  internet = await startInternet({ seed: 5, clock: realClock });
  const at = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`;
  const { pools, dns, dnsZone, http, challengeHeader, gateway, anchors } = internet.at;
  const reachability = {
    pools: pools.map((pool) => ({ url: `stratum+tcp://${at(pool)}` })),
    resolvers: [at(dns)],
    dnsZone,
    http: [{ url: 'http://check.example/challenge', address: at(http), challengeHeader }],
    anchors: anchors.map((anchor) => ({ ...anchor, kind: 'foreign' })),
    uplinks: [{ name: 'isp-1', gateway: { address: gateway.host, tcpPort: gateway.port } }],
    icmpPerRound: 0,
    roundMs: 600,
    watchRoundMs: 400,
    probeTimeoutMs: 500,
    watchTimeoutMs: 300,
    subscribeSpacingMs: 200,
    holdMs: 1_000,
    lagUnknownMs: 60_000, // other tests make this machine late
  };
  const miners = [{ address: '10.0.0.1', model: 'Antminer S19j Pro 104T', family: 'antminer-stock' }];
  const site = { site: 'site-1', power: { feed: 'pdu-1', capW: 100_000, maxBooting: 2, miners }, reachability };
  writeFileSync(SITE, JSON.stringify(site));
});
afterEach(async () => {
  watching?.child.kill('SIGKILL');
  await watching?.ended;
  watching = null;
  await internet.set('up');
});
afterAll(async () => {
  await internet.stop();
  rmSync(dir, { recursive: true, force: true });
});

type Line = Readonly<{ state: string; label: string | null; meaning: string | null; kind: string; changed: boolean }>;
const linesOf = (out: string): Line[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('reach watch', () => {
  test('tells of every round as it comes: proof, hold, restored, and the cut; and ends with Ctrl-C', async () => {
    watching = start(['reach', 'watch', '--config', SITE, '--json']);
    await watching.saw(/"state":"RESTORED"/);
    await internet.set('down');
    await watching.saw(/"state":"DOWN"/);
    watching.child.kill('SIGINT');
    const { code, out, err } = await watching.ended;
    expect([code, err]).toEqual([0, '']);
    const lines = linesOf(out);
    const changes = lines.filter(({ changed }) => changed).map(({ state, label }) => [state, label].join('/'));
    expect(changes.slice(0, 2)).toEqual(['PARTIAL/HOLDING', 'RESTORED/']);
    expect(changes).toContain('DOWN/GATEWAY_ONLY');
    expect(new Set(lines.map(({ kind }) => kind))).toEqual(new Set(['full', 'watch']));
    expect(lines[0]?.meaning).toContain('a pool serves work');
  }, 60_000);

  test('tells where there is no terminal of changes alone, each in a line', async () => {
    watching = start(['reach', 'watch', '--config', SITE]);
    await watching.saw('RESTORED');
    watching.child.kill('SIGTERM');
    const { code, out, err } = await watching.ended;
    expect([code, err]).toEqual([0, '']);
    const lines = out.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d {2}isp-1 {2}[A-Z]/);
    expect(lines[0]).toContain('isp-1  PARTIAL/HOLDING  hold.remaining: a pool serves work');
    expect(lines.at(-1)).toContain('isp-1  RESTORED');
    const said = lines.map((line) => line.slice(10));
    expect(said.filter((line, i) => line === said[i - 1])).toEqual([]);
  }, 60_000);

  test('ends at once also while a round waits for what does not answer', async () => {
    await internet.cut({ pool: 'drop', anchors: 'drop', http: 'drop', dns: 'drop' });
    watching = start(['reach', 'watch', '--config', SITE, '--json']);
    await watching.saw(/"state":"DOWN"/);
    watching.child.kill('SIGINT');
    expect((await watching.ended).code).toBe(0);
  }, 60_000);

  test('needs a file, and one that is there', async () => {
    for (const args of [
      ['reach', 'watch'],
      ['reach', 'watch', '--config', 'none.yaml'],
    ]) {
      const { code, err } = await refusedInProcess(args);
      expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    }
  });
});

describe('the picture on a terminal', () => {
  const evidence = [
    { layer: 'tcp', target: 'a:443', is: 'up' },
    { layer: 'tcp', target: 'b:443', is: 'down' },
    { layer: 'job', target: 'stratum+tcp://p:3333', is: 'up' },
  ].map(({ layer, target, is }) => ({
    uplink: uplinkId('isp-1'),
    layer: layer as 'tcp',
    target,
    kind: 'foreign' as const,
    finding:
      is === 'up'
        ? ({ is, tookMs: millis(5) } as const)
        : ({ is: 'down', why: 'timeout', tookMs: millis(5_000) } as const),
  }));
  const watched: Watched = {
    verdict: {
      uplink: uplinkId('isp-1'),
      state: 'PARTIAL',
      label: 'HOLDING',
      whyNot: 'hold.remaining',
      lossAlarm: true,
      sinceMs: unixMs(100_000),
      holdRemainingMs: millis(200_000),
      evidence,
    },
    kind: 'full',
    wallMs: 190_000,
    changed: true,
  };

  test('shows the verdict, what is missing, what is left of the hold by now, and which of a layer fails', () => {
    const text = watchText({ site: 's', holdMs: 300_000, latest: [watched], changes: [watched], wallMs: 240_000 });
    expect(text.split('\n')).toEqual([
      's  00:04:00  Ctrl-C ends',
      '',
      'isp-1  PARTIAL/HOLDING since 2 min  lost, looked at 50 s ago',
      '  hold.remaining: a pool serves work; the hold that shows whether it stays is not over',
      '  hold ██████████░░░░░░░░░░ 3 min left of 5 min',
      '  tcp      1 of 2',
      '           b:443 down timeout',
      '  job      1 of 1',
      '',
      'changes',
      expect.stringMatching(/^00:03:10 {2}isp-1 {2}PARTIAL\/HOLDING/),
    ]);
  });

  test('says before the first round that there is none yet', () => {
    expect(watchText({ site: 's', holdMs: 1, latest: [], changes: [], wallMs: 0 })).toContain('under way');
  });
});
