import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('root', 'root'));
afterAll(() => Promise.all([miners.close(), closeAll()]));

/** The families that only captures are known of. */
const RARE = ['baikal', 'blackminer', 'dayun', 'futurebit', 'hyperbit', 'ibelink', 'spondoolies', 'strongu'] as const;
const captures = capturesOf('antminer-aftermarket', ...RARE);
/** Its process is down, and its port says nothing at all. */
const SAYS_NOTHING = 'baikal-not-hashing';
const readable = captures.filter(({ name }) => name !== SAYS_NOTHING);
const having = captures.length > 0 ? describe : describe.skip;

async function snapshotOf(capture: Capture): Promise<MinerSnapshot> {
  const { snapshot, unreadable, detail } = await readCapture(miners, capture, capture.family);
  if (snapshot === null) throw new Error(`${capture.name}: ${unreadable} ${detail}`);
  return snapshot;
}
const of = (family: string, at = 0): Promise<MinerSnapshot> => {
  const capture = readable.filter((one) => one.family === family)[at];
  if (capture === undefined) throw new Error(`no capture of ${family}`);
  return snapshotOf(capture);
};

/** In H/s: what the snapshot counts in each of its units. */
const rates = (one: MinerSnapshot, which: '' | 'Avg'): number => {
  const given = [
    [one[`hashrate${which}Ths`], 1e12],
    [one[`hashrate${which}Ghs`], 1e9],
    [one[`hashrate${which}Mhs`], 1e6],
  ] as const;
  const [rate, factor] = given.find(([value]) => typeof value === 'number') ?? [null, 1];
  return Math.round((rate ?? -1) * factor);
};

having('captures of rare families', () => {
  test.each(readable)('$family/$name gives a snapshot that holds to its schema', async (capture) => {
    const snapshot = await snapshotOf(capture);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
    expect([snapshot.family, snapshot.miningState]).toEqual([capture.family, 'hashing']);
  });

  test.each(readable)('$family/$name is what foreman read', async (capture) => {
    const snapshot = await snapshotOf(capture);
    const asic = capture.expected?.asics?.[0] as unknown as Readonly<
      Record<string, number> & { fans_rpm?: number[]; temps_c?: number[] }
    >;
    // Foreman takes the average of the SP36 and of the F2's page, which the snapshot keeps apart from the rate of now.
    const isAverage = capture.family === 'spondoolies' || capture.name === 'blackminer-f2';
    expect(rates(snapshot, isAverage ? 'Avg' : '')).toBe(asic.hashrate_hs);
    if (asic.boards !== undefined) expect(snapshot.boards).toHaveLength(asic.boards);
    expect(snapshot.fans.map(({ rpm }) => rpm)).toEqual(asic.fans_rpm ?? []);
    // Foreman counts whole degrees. Of the Zig it adds the core's, of the SP36 lists each sensor and the supply's.
    const temps = snapshot.boards.map(({ boardTempC }) => boardTempC).filter((temp) => temp !== null);
    const expected: Readonly<Record<string, readonly number[]>> = { dayun: [26, 22, 20, 18], spondoolies: [66, 65] };
    const own = expected[capture.family] ?? (asic.temps_c ?? []).slice(0, snapshot.boards.length);
    expect(temps.map(Math.floor)).toEqual(own);
  });

  test.each(readable)('the pools of $family/$name are what foreman read', async (capture) => {
    const snapshot = await snapshotOf(capture);
    // A firmware maker's own pool is not the operator's.
    const pools = capture.expected?.pools?.filter(({ host_port }) => host_port !== 'devfee') ?? [];
    expect(
      snapshot.pools.map(({ url, worker, state, accepted, rejected }) => [url, worker, state, accepted, rejected]),
    ).toEqual(
      pools.map(({ host_port, worker, up, accepted_shares, rejected_shares }) => [
        ...[`stratum+tcp://${host_port}`, worker ?? null, up ? 'alive' : 'dead', accepted_shares, rejected_shares],
      ]),
    );
  });

  // The page of the F2 has no name, and the S9 calls itself by that of VNish.
  const named = readable.filter(({ name }) => name !== 'blackminer-f2');
  test.each(named)('$family/$name is known by its own answers as far as they tell', async (capture) => {
    const { snapshot } = await readCapture(miners, capture, null);
    expect(snapshot?.family).toBe(capture.family === 'antminer-aftermarket' ? 'vnish' : capture.family);
  });

  test('a Baikal whose port says nothing is not made up', async () => {
    const capture = captures.find(({ name }) => name === SAYS_NOTHING);
    if (capture === undefined) throw new Error('no capture');
    const { snapshot, unreadable } = await readCapture(miners, capture, 'baikal');
    expect([snapshot, unreadable]).toEqual([null, 'garbage']);
  });

  test.each([
    ['baikal', 0, { algorithm: 'qubit', uptimeS: 742, firmwareVersion: 'sgminer 5.6.6-l' }],
    ['blackminer', 0, { algorithm: 'tellor', model: 'Blackminer F1', uptimeS: 780, hashrateThs: null }],
    ['blackminer', 1, { algorithm: 'tellor', hashrateMhs: 7_129.3, uptimeS: 2_011 }],
    ['dayun', 0, { algorithm: 'lyra2rev2', uptimeS: 60_664_275 }],
    ['futurebit', 0, { algorithm: 'Scrypt', model: 'Moonlander 2', hashrateAvgGhs: 0.003245 }],
    ['hyperbit', 0, { algorithm: 'Scrypt', hashrateAvgGhs: 0.52958, hashrateAvgThs: null }],
    ['ibelink', 0, { algorithm: 'Eaglesong', model: 'BM-N1Max', mac: '10:01:29:1b:02:06', uptimeS: 20_576 }],
    ['spondoolies', 0, { algorithm: 'X11', model: 'SP36', powerW: 4_320, hashrateMhs: 377_763.37 }],
    ['strongu', 0, { algorithm: 'Blake2b-Sia', uptimeS: 12_350, hashrateAvgMhs: 6_171_606.17 }],
    ['antminer-aftermarket', 0, { model: 'Antminer S9', powerW: 1_485, hashrateNominalThs: 12.9276 }],
  ] as const)('a %s (%i) tells what else it knows', async (family, at, expected) => {
    const snapshot = await of(family, at);
    expect(snapshot).toMatchObject(expected);
  });

  test('boards have their chips, serials and rates where these are told', async () => {
    const [ibelink, spondoolies, dayun] = await Promise.all([of('ibelink'), of('spondoolies'), of('dayun')]);
    expect(ibelink.boards[0]).toMatchObject({ chips: 144, serial: '00233591022042311', hashrateMhs: 3_731_149.63 });
    expect(spondoolies.boards[1]).toMatchObject({ chips: 75, chipTempC: 93, hashrateMhs: 269_410 });
    expect(dayun.boards[0]).toMatchObject({ chips: 24, hashrateMhs: 2_236, hashrateThs: null });
  });
});
