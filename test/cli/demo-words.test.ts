import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { waiting } from '../../cli/demo/progress.ts';
import { windowsIn } from '../../cli/demo/summary.ts';
import { aMiner, aView } from './controller.ts';
import { ONE_LINE, relight } from './relight.ts';

const at = (fromMs: number, toMs: number | null, label: string | null) => ({ fromMs, toMs, label });

test('the summary counts the flap of the story, not every change of what answered', () => {
  const windows = [
    at(1, 2, 'ONE_UPLINK'),
    at(10, 20, 'DNS_ONLY'),
    at(20, 22, 'ONE_UPLINK'),
    at(22, 26, 'HOLDING'),
    at(26, 27, 'ONE_UPLINK'),
    at(27, 28, 'DNS_FAULT'),
    at(40, 41, 'DNS_ONLY'),
    at(41, 42, 'ONE_UPLINK'),
    at(42, 55, 'HOLDING'),
  ];
  const one = { outage: 1, startedMs: 1, endedMs: null, cost: null, power: null };
  expect(windowsIn({ ...one, endedMs: 55, windows })).toBe(1);
  expect(windowsIn({ ...one, windows: windows.slice(0, 6) })).toBe(1);
  expect(windowsIn({ ...one, windows: windows.slice(0, 2) })).toBe(0);
});

test('right after the cut, miners that do not hash are not called nothing to do', () => {
  const connectivity = {
    ...aView().connectivity,
    state: 'RESTORED' as const,
    label: null,
    whyNot: null,
    holdRemainingMs: null,
  };
  const miners = [aMiner('10.1.1.1', 'hashing'), aMiner('10.1.1.2', 'down')];
  expect(waiting(aView({ connectivity, miners }))).toBe('1 do not hash while the connection counts as up');
  expect(waiting(aView({ connectivity, miners: miners.slice(0, 1) }))).toBe('nothing to do');
});

test('a demo without a place for its files says so in one line', async () => {
  const nowhere = join(tmpdir(), 'relight-nowhere');
  const { code, err } = await relight(['demo', '--fast', '--miners', '12'], { env: { TMPDIR: nowhere } });
  expect(code).toBe(1);
  expect(err.split('\n').filter((line) => line.startsWith('relight: '))).toEqual([
    expect.stringMatching(/temporary files cannot be written: .*Cure: set TMPDIR/),
  ]);
  expect(err.trimEnd().split('\n').at(-1)).toMatch(/^relight: /);
  expect(`${err.trimEnd().split('\n').at(-1)}\n`).toMatch(ONE_LINE);
}, 30_000);
