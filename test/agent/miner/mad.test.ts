import { describe, expect, test } from '@jest/globals';
import { asStatusPage } from '../../../agent/miner/antminer-stock/status-page.ts';
import { boards as avalonBoards } from '../../../agent/miner/avalon/boards.ts';
import { asModules, modulesOf } from '../../../agent/miner/avalon/module.ts';
import { boardOf } from '../../../agent/miner/boards.ts';
import { boards as braiinsBoards } from '../../../agent/miner/braiins/rpc.ts';
import { boards as epicBoards } from '../../../agent/miner/epic/read.ts';
import type { Json } from '../../../agent/miner/json.ts';
import { luxos } from '../../../agent/miner/luxos/driver.ts';
import { inlet } from '../../../agent/miner/luxos/read.ts';
import { temperatures } from '../../../agent/miner/normalise.ts';
import { parseReply } from '../../../agent/miner/parse.ts';
import type { Found } from '../../../agent/miner/resolve.ts';
import { snapshotOf } from '../../../agent/miner/snapshot.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';

/** As much as the agent takes of one reply. */
const SIZE = 1_000_000;
/** Each takes less than a second; what grows with the square of its length takes minutes. */
const LIMIT_MS = 8_000;
/** Of the processor, so that a machine with other work says nothing. */
const spentMs = (): number => process.cpuUsage().user / 1_000;

const run = (sign: string, size = SIZE): string => sign.repeat(Math.floor(size / sign.length));
const list = (count: number, one: (at: number) => Json): Json[] => Array.from({ length: count }, (_, at) => one(at));
const keys = (count: number, name: string, value: Json): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, value]));
const modules = (stats: Json): Json => asModules({ STATS: [stats] });

const snapshot = (found: Found): MinerSnapshot =>
  snapshotOf({
    driver: luxos,
    ip: '10.0.0.1',
    facts: { found, processDown: false, authFailed: false },
    missing: [],
    readAt: '2022-01-11T00:00:00Z',
    latencyMs: 1,
  });
const numbered = (count: number, sign: 1 | -1) =>
  Array.from({ length: count }, (_, at) => boardOf({ index: sign * at }));

describe('a device that has gone mad holds nobody up with a megabyte of', () => {
  const mad: readonly (readonly [what: string, read: () => unknown])[] = [
    ['spaces before a stray sign', () => parseReply(`{"a":${run(' ')}x`)],
    ['line ends before a stray sign', () => parseReply(`{"a":${run('\n')}x}`)],
    ['end marks before a stray sign', () => parseReply(`{"a":1${run('\0')}x\0`)],
    ['spaces in the plain-text dialect', () => parseReply(`STATUS=S,a=${run(' ')}x|`)],
    [
      'brackets and commas in a list of errors',
      () => parseReply(`{"error_code":${run('[', SIZE / 2)}${run(',', SIZE / 2)}`),
    ],
    ['digits for temperatures', () => temperatures(`${run('1')}x`)],
    ['one word for a module', () => modules({ 'MM ID0': run('a') })],
    ['items of a module that never close', () => modules({ 'MM ID0': run('a[') })],
    ['boards of a module that never close', () => modules({ 'MM ID0:HBinfo': run("'HB0':{") })],
    ['modules', () => modules(Object.fromEntries(Array.from({ length: SIZE / 16 }, (_, at) => [`MM ID${at}`, ''])))],
    ['numbers for the rates of a module', () => avalonBoards(modules({ 'MM ID0': `MGHS[${run('1 ')}]` }))],
    ['lists of an old page that never close', () => asStatusPage({ summary: {}, devs: [{ a: run(',a=[') }] })],
    [
      'boards of an ePIC that are listed twice',
      () =>
        epicBoards({
          HBStatus: list(SIZE / 24, (at) => ({ Index: at })),
          HBs: list(SIZE / 24, (at) => ({ Index: at })),
        }),
    ],
    [
      'boards of a BOSminer beside temperatures of none of them',
      () => braiinsBoards({ DEVS: list(SIZE / 24, (at) => ({ ID: at })), TEMPS: list(SIZE / 24, () => ({ ID: -1 })) }),
    ],
    [
      'labels for sensors of a LuxOS',
      () => inlet({ METADATA: [keys(SIZE / 40, 'k', 'inlet')], TEMPS: [keys(SIZE / 40, 't', 1)] }),
    ],
    [
      'boards on two pages that do not match',
      () => snapshot({ boards: numbered(SIZE / 8, 1), boardDetails: numbered(SIZE / 8, -1) }),
    ],
  ];
  test.each(mad)(
    '%s',
    (_, read) => {
      const startedMs = spentMs();
      read();
      expect(spentMs() - startedMs).toBeLessThan(LIMIT_MS);
    },
    60_000,
  );
});

test('a list that nests without end, and breaks off, is an unreadable reply and no more', () => {
  for (let at = 0; at < 3; at++) expect(parseReply(`${'[1,'.repeat(20_000)}1x`)).toMatchObject({ ok: false });
});

test('of a controller with more modules than there are, the first are read', () => {
  const reply = modules(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`MM ID${at}`, `GHSspd[${at}]`])));
  expect(modulesOf(reply)).toHaveLength(64);
});

test('what a device calls itself can be shown: without control codes, and without half a sign', () => {
  const url = `stratum+tcp://pool.example:3333/${'u'.repeat(300)}`;
  const { model, pools, errors } = snapshot({
    model: `a\u001b[2Jb\ud83d`,
    pools: [{ index: -1, url: `${url}\u0007`, worker: 'w', state: 'alive', active: true, accepted: 1, rejected: 0 }],
    errors: [{ code: '1\u0000', message: 'x\u0007' }],
  });
  expect(model).toBe('a [2Jb\ufffd');
  expect(pools).toMatchObject([{ index: 0, url: `${url} ` }]);
  expect(errors).toEqual([{ code: '1 ', message: 'x ' }]);
});
