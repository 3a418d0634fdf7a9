import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { ascset } from '../../../agent/miner/avalon/write.ts';
import type { Link } from '../../../agent/miner/link.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minersWith, password } from './page-device.ts';
import { closeAll } from './replay.ts';
import { type RpcDevice, rpcDevice, type Said } from './rpc-device.ts';

const miners = minersWith(password('root', 'root'));
const without = minersWith({ of: () => null });
let device: RpcDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), without.close(), closeAll()]));

const NOW_S = 168; // a clock that was never set: capture 10xx
const STATUS = [{ STATUS: 'S', When: NOW_S, Code: 22, Msg: 'CGMiner versions' }];
const says = (letter: string, Code: number, Msg: string) => ({ STATUS: [{ STATUS: letter, When: NOW_S, Code, Msg }] });
const OK = says('S', 119, 'ASC 0 set OK');
const INFO = says('I', 118, 'ASC 0 set info: success softoff:173');
const UNKNOWN = says('E', 120, 'ASC 0 set failed: Unknown option: it');
const version = (PROD: string) => ({ STATUS, VERSION: [{ PROD, MODEL: PROD.split(' ')[1], MAC: 'b4a2eb3f2348' }] });
const POOLS = { STATUS, POOLS: [0, 1, 2].map((POOL) => ({ POOL, URL: `old${POOL}:1`, User: 'x', Status: 'Alive' })) };

type Answers = Readonly<Record<string, Said>>;
async function order(given: MinerOrder, answers: Answers, of: { prod?: string; miners?: typeof miners } = {}) {
  device = await rpcDevice('avalon', {
    version: version(of.prod ?? 'AvalonMiner 1346-116'),
    summary: { STATUS, SUMMARY: [{ Elapsed: 9_000, 'MHS av': 1e8, 'MHS 30s': 1e8 }] },
    estats: { STATUS, STATS: [{ 'MM ID0': 'SYSTEMSTATU[Work: In Work, Hash Board: 3 ] SoftOFF[0] GHSspd[100000]' }] },
    pools: POOLS,
    ...answers,
  });
  const answer = await (of.miners ?? miners).act(device.target, given);
  return { answer, device, writes: writesTo(device) };
}
const writesTo = ({ heard }: RpcDevice): string[] =>
  heard.filter((one) => /^(ascset|restart|setpool|softo)/.test(one) && one !== 'ascset|0,hashpower');

describe('an Avalon', () => {
  const plain: readonly (readonly [MinerOrder, string, Said, string])[] = [
    [{ action: 'restart' }, 'restart', { STATUS: 'RESTART' }, 'sent'],
    [{ action: 'restart' }, 'restart', null, 'no_reply'],
    // By its own clock, whatever ours says; both ways of saying yes count.
    [{ action: 'sleep' }, 'ascset|0,softoff,1:173', INFO, 'sent'],
    [{ action: 'sleep' }, 'ascset|0,softoff,1:173', OK, 'sent'],
    [{ action: 'sleep' }, 'ascset|0,softoff,1:173', null, 'no_reply'],
    [{ action: 'sleep' }, 'ascset|0,softoff,1:173', 'STATUS=S,When=1,Code=119,Msg=ASC 0 set OK,Description=x|', 'sent'],
    [{ action: 'sleep' }, 'ascset|0,softoff,1:173', says('E', 45, "Access denied to 'ascset' command"), 'refused'],
    [{ action: 'wake' }, 'ascset|0,softon,1:173', OK, 'sent'],
    // The line that closes is a yes here, and so it is for a reboot.
    [{ action: 'wake' }, 'ascset|0,softon,1:173', null, 'sent'],
    [{ action: 'reboot' }, 'ascset|0,reboot,0', null, 'sent'],
    [{ action: 'reboot' }, 'ascset|0,reboot,0', OK, 'sent'],
    [{ action: 'reboot' }, 'ascset|0,reboot,0', says('E', 45, 'Access denied'), 'refused'],
    [{ action: 'locate', on: true }, 'ascset|0,led,1-1', OK, 'sent'],
    [{ action: 'locate', on: false }, 'ascset|0,led,1-0', OK, 'sent'],
    [{ action: 'locate', on: true }, 'ascset|0,led,1-1', UNKNOWN, 'unsupported'],
    [{ action: 'locate', on: true }, 'ascset|0,led,1-1', says('E', 45, 'Access denied'), 'refused'],
  ];
  test.each(plain)(
    'that is ordered %j is told %s, and when it answers %j that is %s',
    async (given, write, said, result) => {
      const { answer, writes } = await order(given, { [write]: said, 'ascset|0,hashpower,0': UNKNOWN });
      expect(answer.result).toBe(result);
      expect(writes).toEqual([write]);
    },
  );

  test('that goes silent at a reboot has had it; at any other order nobody knows', async () => {
    const silent = { ok: false, sent: true, why: 'silent', detail: 'no answer' } as const;
    const link = { say: async () => silent } as unknown as Link;
    expect((await ascset(link, 'reboot,0', 'dies')).result).toBe('sent');
    expect((await ascset(link, 'softon,1:173', 'closed')).result).toBe('no_reply');
    expect((await ascset(link, 'led,1-1')).result).toBe('no_reply');
  });

  test('that counts its modules from 0 is found there', async () => {
    const wrong = says('E', 120, 'ASC 0 set failed: Invalid module 1');
    const answers = { 'ascset|0,led,1-1': wrong, 'ascset|0,led,0-1': OK };
    const { answer, writes } = await order({ action: 'locate', on: true }, answers);
    expect([answer.result, writes]).toEqual(['sent', Object.keys(answers)]);
  });

  test.each([null, 'no version', { VERSION: [{ PROD: 'Avalon Q' }] }])(
    'is not put to sleep after a clock of %j',
    async (said) => {
      const { answer, writes } = await order({ action: 'sleep' }, { version: said });
      expect([answer.result, writes]).toEqual(['refused', []]);
    },
  );

  test('of the A10 is put to sleep by its hash power, and woken by a reboot', async () => {
    const known = { 'ascset|0,softoff,1:173': UNKNOWN, 'ascset|0,softon,1:173': UNKNOWN, 'ascset|0,hashpower,0': OK };
    const asleep = await order({ action: 'sleep' }, known);
    expect([asleep.answer.result, asleep.writes.at(-1)]).toEqual(['sent', 'ascset|0,hashpower,0']);
    await asleep.device.close();
    const query = { 'ascset|0,hashpower': says('I', 118, 'ASC 0 set info: PS[0 1196 4 0 0 1284]') };
    const woken = await order({ action: 'wake' }, { ...known, ...query, 'ascset|0,reboot,0': null });
    expect([woken.answer.result, woken.writes.at(-1)]).toEqual(['sent', 'ascset|0,reboot,0']);
  });

  test('that has neither is not rebooted to wake it', async () => {
    const answers = { 'ascset|0,softon,1:173': UNKNOWN, 'ascset|0,hashpower': UNKNOWN };
    const { answer, writes } = await order({ action: 'wake' }, answers);
    expect([answer.result, writes]).toEqual(['unsupported', ['ascset|0,softon,1:173']]);
  });
});

describe('pools of an Avalon', () => {
  const pool = (name: string) => ({ url: `stratum+tcp://${name}:1`, worker: `w.${name}`, password: 'p' });
  const set = (at: number, name: string): string =>
    `ascset|0,setpool,root,root,${at},stratum+tcp://${name}:1,w.${name},p`;
  const given: MinerOrder = { action: 'pools', pools: [pool('a'), pool('b')] };

  test('are written one place at a time, with none of the old ones left, and taken up by a reboot', async () => {
    const expected = [set(0, 'a'), set(1, 'b'), set(2, 'a')];
    const answers = Object.fromEntries(expected.map((write) => [write, OK]));
    const { answer, writes } = await order(given, { ...answers, 'ascset|0,reboot,0': null });
    expect([answer.result, writes]).toEqual(['sent', [...expected, 'ascset|0,reboot,0']]);
  });

  test('of an A10 have no place, and are one', async () => {
    const prod = { prod: 'AvalonMiner 1066' };
    const write = 'ascset|0,setpool,root,root,stratum+tcp://a:1,w.a,p';
    const answers = { [write]: OK, 'ascset|0,reboot,0': null };
    const one = await order({ action: 'pools', pools: [pool('a')] }, answers, prod);
    expect([one.answer.result, one.writes]).toEqual(['sent', [write, 'ascset|0,reboot,0']]);
    await one.device.close();
    const two = await order(given, answers, prod);
    expect([two.answer.result, two.writes]).toEqual(['refused', []]);
  });

  test('are a command of their own where it is no option', async () => {
    const own = [set(0, 'a'), set(1, 'b'), set(2, 'a')].map((write) => write.replace('ascset|0,setpool,', 'setpool|'));
    const answers = Object.fromEntries(own.map((write) => [write, OK]));
    const unknown = { [set(0, 'a')]: UNKNOWN, [set(1, 'b')]: UNKNOWN, [set(2, 'a')]: UNKNOWN };
    const { answer, writes } = await order(given, { ...answers, ...unknown, 'ascset|0,reboot,0': null });
    expect([answer.result, writes.filter((write) => write.startsWith('setpool'))]).toEqual(['sent', own]);
  });

  test('with a wrong password are auth_failed, and not tried again', async () => {
    const wrong = says('E', 120, 'ASC 0 set failed: Auth Failed! password invalid!');
    const { answer, device } = await order(given, { [set(0, 'a')]: wrong });
    expect(answer.result).toBe('auth_failed');
    expect((await miners.act(device.target, given)).result).toBe('auth_failed');
    expect(writesTo(device)).toEqual([set(0, 'a')]);
    // It is the web page's password: nothing else wants one.
    expect((await miners.read(device.target)).unreadable).toBeNull();
  });

  test('without a password are auth_failed', async () => {
    const { answer, writes } = await order(given, {}, { miners: without });
    expect([answer.result, writes]).toEqual(['auth_failed', []]);
  });

  const comma = { action: 'pools', pools: [{ ...pool('a'), password: 'd=1,x' }] } as const;
  test.each([
    ['its pools could not be read', given, { pools: null }],
    ['its version could not be read', given, { version: null }],
    ['a value would be two', comma, {}],
    ['there are none', { action: 'pools', pools: [] } as const, {}],
  ])('are not written where %s', async (_, asked, answers: Answers) => {
    const { answer, writes } = await order(asked, answers);
    expect([answer.result, writes]).toEqual(['refused', []]);
  });

  test('stop at the first place that is refused', async () => {
    const no = says('E', 120, 'ASC 0 set failed: Invalid setpool');
    const { answer, writes } = await order(given, { [set(0, 'a')]: OK, [set(1, 'b')]: no });
    expect([answer.result, answer.detail?.startsWith('pool 1: '), writes.length]).toEqual(['refused', true, 2]);
  });
});
