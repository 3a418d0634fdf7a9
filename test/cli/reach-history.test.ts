import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type History, openHistory } from '../../agent/history/history.io.ts';
import { axisText, stripText } from '../../cli/text/strip.ts';
import { realClock } from '../../shared/clock.io.ts';
import { anEvidence, aRound, timeout, up } from '../agent/history/helpers.ts';
import { refusedInProcess } from './in-process.ts';
import { ONE_LINE, relight } from './relight.ts';

const dir = mkdtempSync(join(tmpdir(), 'relight-history-'));
const AGENT = join(dir, 'agent.json');
const SITE = join(dir, 'site.json');
const HOUR_MS = 3_600_000;
let history: History;

const write = (file: string, value: unknown): void => writeFileSync(file, JSON.stringify(value));

beforeAll(() => {
  write(SITE, {
    site: 'site-1',
    power: {
      feed: 'pdu-1',
      capW: 100_000,
      maxBooting: 2,
      miners: [{ address: '10.0.0.1', model: 'Antminer S19j Pro 104T', family: 'antminer-stock' }],
    },
    reachability: {
      pools: [{ url: 'stratum+tcp://pool.example:3333' }],
      uplinks: [{ name: 'isp-1' }, { name: 'isp-2' }],
    },
  });
  const agent = { agent: 'a1', controller: ['ws://127.0.0.1:7410/agent'], site: 'site.json' };
  write(AGENT, { ...agent, stateDir: 'state' });
  write(join(dir, 'new.json'), { ...agent, stateDir: 'nowhere' });
  mkdirSync(join(dir, 'state'));
  history = openHistory({ file: join(dir, 'state', 'history.db'), clock: realClock });
  const nowMs = Date.now();
  // Three hours: up, down, and up again, on one uplink; a name server that the agent could not ask.
  for (let agoMs = 3 * HOUR_MS; agoMs > 0; agoMs -= 10_000) {
    const cut = agoMs <= 2 * HOUR_MS && agoMs > HOUR_MS;
    const evidence = [
      anEvidence('job', 'stratum+tcp://pool.example:3333', cut ? timeout(5_000, 'no handshake') : up(40)),
      anEvidence('dns', '192.0.2.53:53', { is: 'unknown', why: 'ownFault', detail: 'EMFILE' }),
    ];
    history.saw(aRound(nowMs - agoMs, { evidence }));
  }
  const turn = { uplink: 'isp-1', whyNot: null, label: null };
  history.changed({ ...turn, atMs: nowMs - 2 * HOUR_MS, was: 'RESTORED', state: 'DOWN', whyNot: 'tcp.timeout' });
  history.changed({ ...turn, atMs: nowMs - HOUR_MS, was: 'DOWN', state: 'RESTORED' });
});
afterAll(() => {
  history.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('reach history', () => {
  test('shows each question over time and the changes, while the agent has the file open', async () => {
    const { code, out, err } = await relight(['reach', 'history', '--config', AGENT, '--since', '3h']);
    expect([code, err]).toEqual([0, '']);
    const job = out.split('\n').find((line) => line.startsWith('job')) ?? '';
    expect(job).toMatch(/▁{18,}▄?█{18,}▄?▁{18,}/);
    expect(job).toMatch(/66\.\d % up, 40 ms$/);
    expect(out).toMatch(/dns .*\?{50,}.*unknown/);
    expect(out).toMatch(/isp-1 +RESTORED +DOWN +tcp\.timeout/);
    // The strip begins at the cable.
    expect(out.indexOf('dns')).toBeLessThan(out.indexOf('job'));
  });

  test('writes runs of equal answers as JSON, of the time that is asked for', async () => {
    const { out } = await relight(['reach', 'history', '--config', AGENT, '--since', '90m', '--json']);
    const { questions, changes, lostRounds, agent } = JSON.parse(out) as Record<string, never[]>;
    expect([agent, lostRounds]).toEqual(['a1', 0]);
    const [dns, job] = (questions ?? []) as unknown as {
      layer: string;
      runs: { is: string; why: string; rounds: number }[];
    }[];
    expect([dns?.layer, dns?.runs.map(({ is, why }) => [is, why])]).toEqual(['dns', [['unknown', 'ownFault']]]);
    expect(job?.runs.map(({ is, why }) => [is, why])).toEqual([
      ['down', 'timeout'],
      ['up', null],
    ]);
    expect(changes).toMatchObject([{ was: 'DOWN', state: 'RESTORED' }]);
  });

  test('says where an uplink has no rounds', async () => {
    const { code, out } = await relight(['reach', 'history', '--config', AGENT, '--uplink', 'isp-2']);
    expect([code, out]).toEqual([0, expect.stringContaining('no round in the last')]);
  });

  test.each([
    ['an uplink that is none', [AGENT, '--uplink', 'isp-3'], 2, 'expected one of: isp-1, isp-2'],
    ['a time that is none', [AGENT, '--since', 'yesterday'], 2, '2h'],
    ['a site file', [SITE], 2, 'agent’s file'],
    ['an agent that never ran', [join(dir, 'new.json')], 1, 'no history there'],
  ] as const)('with %s ends with one line', async (_, [config, ...rest], exit, says) => {
    const { code, err } = await refusedInProcess(['reach', 'history', '--config', config, ...rest]);
    expect([code, err]).toEqual([exit, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
  });
});

describe('a strip', () => {
  const span = { fromMs: 0, toMs: 100, cells: 10 };

  test('puts what fails before what passes, and leaves blank what nobody looked at', () => {
    const seen = [
      { fromMs: -50, toMs: 19, is: 'up' },
      { fromMs: 25, toMs: 45, is: 'down' },
      { fromMs: 45, toMs: 55, is: 'up' },
      { fromMs: 70, toMs: 75, is: 'unknown' },
      { fromMs: 95, toMs: 400, is: 'up' },
    ] as const;
    expect(stripText(seen, span)).toBe('▁▁██▄▁ ? ▁');
  });

  test('has times under it, each where it begins', () => {
    expect(axisText({ fromMs: 0, toMs: 100, cells: 16 }, String)).toBe('│0  │25 │50 │75');
  });
});
