import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { fine, type LuxMiner, type LuxOptions, luxMiner, no, READS } from './luxos.ts';
import { minersWith } from './page-device.ts';

const miners = minersWith(noCredentials);
let device: LuxMiner | null = null;
afterEach(() => device?.close());
afterAll(() => miners.close());

async function order(given: MinerOrder, options: LuxOptions = {}) {
  device = await luxMiner(options);
  return { answer: await miners.act(device.target, given), device };
}
const sent = { result: 'sent', detail: null };

describe('a LuxOS', () => {
  const simple = [
    [{ action: 'restart' }, 'resetminer sid1'],
    [{ action: 'reboot' }, 'rebootdevice sid1'],
    [{ action: 'sleep' }, 'curtail sid1,sleep'],
    [{ action: 'wake' }, 'curtail sid1,wakeup'],
    [{ action: 'locate', on: true }, 'ledset sid1,red,blink'],
    [{ action: 'locate', on: false }, 'ledset sid1,red,auto'],
  ] as const;
  test.each(simple)('takes %j in a session that is given back', async (given, command) => {
    const { answer, device } = await order(given);
    expect(answer).toEqual(sent);
    expect([device.heard, device.taken()]).toEqual([['logon', command, 'logoff sid1'], false]);
  });

  test('whose session another holds is left to that one', async () => {
    const { answer, device } = await order({ action: 'sleep' }, { busy: true });
    expect([answer.result, answer.detail]).toEqual(['refused', expect.stringContaining('another session is active')]);
    expect([device.heard, device.taken()]).toEqual([['logon'], true]);
  });

  test('that says no gets its session back', async () => {
    const { answer, device } = await order({ action: 'sleep' }, { says: { curtail: no(336, 'Already curtailed') } });
    expect(answer).toEqual({ result: 'refused', detail: 'Already curtailed (code 336)' });
    expect([device.heard.length, device.taken()]).toEqual([3, false]);
  });

  test('that closes the line gets its session back, and the order is not repeated', async () => {
    const { answer, device } = await order({ action: 'reboot' }, { says: { rebootdevice: null } });
    expect(answer.result).toBe('no_reply');
    expect(device.heard).toEqual(['logon', 'rebootdevice sid1', 'logoff sid1']);
  });

  test('that does not know a command', async () => {
    const { answer } = await order({ action: 'restart' }, { says: { resetminer: no(14, 'Invalid command') } });
    expect(answer.result).toBe('unsupported');
  });

  test('whose session ended under our hands is logged on to once more, and no oftener', async () => {
    const stale = (count: number) => (count === 1 ? no(401, 'Session expired') : undefined);
    const once = await order({ action: 'wake' }, { says: { curtail: (_, count) => stale(count) } });
    expect(once.answer).toEqual(sent);
    expect(once.device.heard).toEqual([
      ...['logon', 'curtail sid1,wakeup', 'logoff sid1', 'logon', 'curtail sid2,wakeup', 'logoff sid2'],
    ]);
    await once.device.close();
    const always = await order({ action: 'wake' }, { says: { curtail: no(401, 'Session expired') } });
    expect([always.answer.result, always.device.heard.length]).toEqual(['refused', 6]);
  });

  test.each([
    [null, 'refused'],
    [fine('SESSION', [{}]), 'refused'],
  ])('that answers a logon with %j is ordered nothing', async (logon, result) => {
    const { answer, device } = await order({ action: 'sleep' }, { says: { logon } });
    expect([answer.result, device.heard]).toEqual([result, ['logon']]);
  });
});

describe("a LuxOS's power limit is a profile", () => {
  const limit = (powerW: number, options: LuxOptions = {}) => order({ action: 'powerLimit', powerW }, options);

  test.each([
    [3_399, '600MHz', 'on that already'],
    [3_400, '650MHz', 'profile 650MHz of 3400 W'],
    [3_049, '550MHz', 'profile 550MHz of 2700 W'],
    [9_000, '650MHz', 'not yet tuned'],
  ])('for %i W: the highest that is not above it', async (powerW, profile, detail) => {
    const { answer, device } = await limit(powerW);
    expect([answer.result, answer.detail]).toEqual(['sent', expect.stringContaining(detail)]);
    expect(device.heard).toEqual(profile === '600MHz' ? [] : ['logon', `profileset sid1,${profile}`, 'logoff sid1']);
  });

  test('below the lowest is refused', async () => {
    const { answer, device } = await limit(2_699);
    expect(answer).toEqual({ result: 'refused', detail: 'its lowest profile is 2700 W' });
    expect(device.heard).toEqual([]);
  });

  test.each([null, no(99, 'busy'), fine('PROFILES', [])])('is not set after a list of %j', async (profiles) => {
    const { answer, device } = await limit(3_000, { says: { profiles } });
    expect([answer.result, device.heard]).toEqual(['refused', []]);
  });

  test('says so where its thermal management may leave it again', async () => {
    const { answer } = await limit(3_000, {
      says: { atm: fine('ATM', [{ Enabled: true, MaxProfile: '650MHz', MinProfile: '' }]) },
    });
    expect(answer.detail).toBe('profile 550MHz of 2700 W; its thermal management may go up to 650MHz');
  });
});

describe("a LuxOS's pools", () => {
  const old = [0, 1, 2].map((n) => ({ url: `old${n}:3333`, user: `u${n}` }));
  const wanted = [0, 1].map((n) => ({ url: `new${n}:3333`, worker: `w${n}`, password: 'x' }));
  const now = [0, 1].map((n) => ({ url: `new${n}:3333`, user: `w${n}` }));
  const pools = (options: LuxOptions = {}, given = wanted) =>
    order({ action: 'pools', pools: given }, { pools: old, ...options });

  test('are added, worked at, and only then are the old ones removed', async () => {
    const { answer, device } = await pools();
    expect(answer).toEqual(sent);
    expect(device.heard).toEqual([
      ...['addpool new0:3333,w0,x', 'addpool new1:3333,w1,x', 'switchpool 3'],
      ...['removepool 2', 'removepool 1', 'removepool 0'],
    ]);
    expect(device.pools()).toEqual(now);
  });

  test('that cannot be added are taken back, and the old ones stay', async () => {
    const { answer, device } = await pools({
      says: { addpool: (_, count) => (count === 2 ? no(52, 'Invalid addpool details') : undefined) },
    });
    expect(answer).toEqual({
      result: 'refused',
      detail: 'Invalid addpool details (code 52); its pools are as before',
    });
    expect(device.pools()).toEqual(old);
  });

  test('that it does not switch to are taken back', async () => {
    const { answer, device } = await pools({ says: { switchpool: no(8, 'Invalid pool id') } });
    expect([answer.result, device.pools()]).toEqual(['refused', old]);
  });

  test('of which an old one cannot be removed are told', async () => {
    const { answer, device } = await pools({
      says: { removepool: (id) => (id === '1' ? no(67, 'Cannot remove active pool') : undefined) },
    });
    expect(answer).toEqual({
      result: 'sent',
      detail: 'the new pools are in, but an old one stays: pool 1: Cannot remove active pool (code 67)',
    });
    expect(device.pools()).toEqual([old[1], ...now]);
  });

  test('that changed places are not removed', async () => {
    let asked = 0;
    const entries = (list: readonly (typeof old)[number][]) =>
      fine(
        'POOLS',
        list.map(({ url, user }, POOL) => ({ POOL, URL: url, User: user })),
      );
    // The first is the reading that every order has before it.
    const { answer, device } = await pools({
      says: { pools: () => (++asked <= 2 ? entries(old) : entries([...now, ...old])) },
    });
    expect([answer.result, answer.detail]).toEqual(['refused', expect.stringContaining('changed places')]);
    expect(device.heard.filter((one) => one.startsWith('removepool'))).toEqual([]);
  });

  test.each([null, no(99, 'busy'), fine('OTHER', []), fine('POOLS', [{ URL: 'a', User: 'b' }])])(
    'are not written after a list of %j',
    async (list) => {
      const { answer, device } = await pools({ says: { pools: list } });
      expect([answer.result, device.heard]).toEqual(['refused', []]);
    },
  );

  test.each([{ worker: 'a,b' }, { url: 'a|b' }, { password: 'a\\b' }])('with %j cannot be written', async (odd) => {
    const { answer, device } = await pools({}, [{ url: 'new:1', worker: 'w', password: 'x', ...odd }]);
    expect([answer.result, device.heard]).toEqual(['refused', []]);
  });
});

describe('a LuxOS is read', () => {
  const read = async (says: NonNullable<LuxOptions['says']> = {}) => {
    device = await luxMiner({ says, pools: [{ url: 'pool:1', user: 'w' }] });
    const { snapshot } = await miners.read(device.target);
    if (snapshot === null) throw new Error('not read');
    return snapshot;
  };

  test('in full, without a session', async () => {
    const { boards, fans, pools, ...plain } = await read();
    expect(plain).toMatchObject({
      ...{ family: 'luxos', mac: '02:11:22:33:44:55', serial: 'SN1', hostname: 'lux-rig', controlBoard: 'amlogic' },
      ...{ model: 'Antminer S19j Pro', firmwareVersion: '2024.9.1.1', apiVersion: '3.7', uptimeS: 3_600 },
      ...{ miningState: 'hashing', hashrateThs: 101.5005, hashrateAvgThs: 100.25, hashrateNominalThs: 102 },
      // It knows no joined commands here, so the watts of its profile stay unknown.
      ...{ powerW: 3_050, powerLimitW: null, inletTempC: 40, outletTempC: 63, locating: false },
      errors: [{ code: '7', message: 'fan 1: fan lost' }],
    });
    expect(plain.partial).toBeUndefined();
    expect(boards.map((b) => [b.index, b.hashrateThs, b.boardTempC, b.chipTempC, b.serial, b.state])).toEqual([
      [0, 33.8, 61, null, 'B0', 'Alive'],
      [1, 33.800001, 62, null, 'B1', 'Alive'],
      [2, 33.800002, 63, null, 'B2', 'switched off'],
    ]);
    expect(fans).toEqual([
      { index: 0, rpm: 5_400 },
      { index: 1, rpm: 0 },
    ]);
    expect(pools.map(({ url, worker, state }) => [url, worker, state])).toEqual([['pool:1', 'w', 'alive']]);
    expect(device?.heard).toEqual([]);
  });

  test('with the watts of its profile, where commands can be joined', async () => {
    const joined = { config: [READS.config], profiles: [READS.profiles], id: 1 };
    expect((await read({ 'config+profiles': joined })).powerLimitW).toBe(3_050);
  });

  const config = (more: object) => ({ config: fine('CONFIG', [{ CurtailMode: 'None', ...more }]) });
  const ramping = { devs: fine('DEVS', [{ ASC: 0, 'MHS 5s': 1e6, IsRamping: true }]) };
  test.each([
    ['hashing', config({}), false],
    ['sleeping', config({ CurtailMode: 'Sleep' }), false],
    ['starting', ramping, false],
    ['hashing', config({ RedLed: 'blink' }), true],
  ] as const)('as %s', async (state, says, locating) => {
    const { miningState, locating: lit } = await read(says);
    expect([miningState, lit ?? false]).toEqual([state, locating]);
  });

  test('with the statistics of an Antminer, where the boards are not listed', async () => {
    const absent = no(14, 'Invalid command');
    const body = {
      ...{ STATS: 0, ID: 'BC50', Elapsed: 900, 'GHS 5s': 96_000, 'GHS av': 95_000, total_rateideal: 104_000 },
      ...{ chain_acn1: 126, chain_rate1: '32000.5', temp_pcb1: '45-46-47-48', temp_chip1: '60-61-62-63' },
      ...{ fan_num: 1, fan1: 5_000 },
    };
    const snapshot = await read({
      ...{ devs: absent, summary: absent, temps: absent, fans: absent },
      stats: fine('STATS', [{ Type: 'Antminer S19' }, body]),
    });
    expect(snapshot).toMatchObject({
      ...{
        uptimeS: 900,
        hashrateThs: 96,
        hashrateAvgThs: 95,
        hashrateNominalThs: 104,
        fans: [{ index: 0, rpm: 5_000 }],
      },
      boards: [{ index: 0, hashrateThs: 32.0005, chips: 126, boardTempC: 48, chipTempC: 63 }],
    });
  });
});
