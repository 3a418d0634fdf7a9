import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { Exchange } from './captures.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('root', 'root'));
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), closeAll()]));

async function pages(given: Pages, family = 'antminer-stock', realm = 'antMiner Configuration') {
  device = await pageDevice({ family, digest: 'root', realm, pages: given });
  return (await miners.read(device.target)).snapshot;
}
async function rpc(replies: Readonly<Record<string, unknown>>) {
  const exchanges: Exchange[] = Object.entries(replies).map(([command, response]) => ({
    ...{ transport: 'cgminer-tcp', request: { command }, response },
  }));
  const replayed = await replay({ family: 'antminer-stock', exchanges });
  const { snapshot } = await miners.read(replayed.target);
  await replayed.close();
  return snapshot;
}
const statsPage = (type: string, body: object): Pages => ({
  'GET /cgi-bin/stats.cgi': {
    says: {
      INFO: { type },
      STATS: [{ elapsed: 5_000, chain: [{ index: 0, rate_real: 100, asic_num: 9 }], ...body }],
    },
  },
});
const rpcStats = (type: string, body: object) => ({ stats: { STATS: [{ Type: type }, { Elapsed: 5_000, ...body }] } });

describe('rates that are not counted in TH/s keep a unit of their own', () => {
  test.each([
    ['Antminer L7', 'MH/s', 'Scrypt', { hashrateGhs: 9.5, hashrateAvgGhs: 9.4, hashrateNominalGhs: 9.6 }, 0.1],
    [
      'Antminer E9 Pro',
      'MH/s',
      'EtHash',
      { hashrateMhs: 9_500, hashrateAvgMhs: 9_400, hashrateNominalMhs: 9_600 },
      100,
    ],
    ['Antminer K7', 'GH/s', 'Eaglesong', { hashrateMhs: 9.5e6, hashrateAvgMhs: 9.4e6, hashrateNominalMhs: 9.6e6 }, 1e5],
    ['Antminer X5', 'KH/s', 'RandomX', { hashrateMhs: 9.5, hashrateAvgMhs: 9.4, hashrateNominalMhs: 9.6 }, 0.1],
    ['Antminer Z15', 'kSol/s', 'Equihash', { hashrateKsols: 9_500, hashrateAvgKsols: 9_400 }, 100],
  ])('%s in %s', async (type, rate_unit, algorithm, rates, board) => {
    const body = { rate_unit, rate_5s: 9_500, rate_30m: 9_400, rate_avg: 9_000, rate_ideal: 9_600 };
    const chain = [
      { index: 0, rate_real: 9_000 },
      { index: 1, rate_real: 100 },
    ];
    const snapshot = await pages(statsPage(type, { ...body, chain }));
    expect(snapshot).toMatchObject({ algorithm, miningState: 'hashing', hashrateThs: null, ...rates });
    expect(snapshot?.hashrateNominalThs).toBeNull();
    expect(Object.values(snapshot?.boards[1] ?? {})).toContain(board);
    expect(snapshot?.boards[1]?.hashrateThs).toBeNull();
  });

  test.each([
    ['an L3, whose GHS are MH/s', 'Antminer L3+', { 'GHS 5s': '504.1', 'GHS av': 502.9 }, { hashrateGhs: 0.5041 }],
    ['an L7, whose GHS are GH/s', 'Antminer L7', { 'GHS 5s': 9.41, 'GHS av': 9.39 }, { hashrateGhs: 9.41 }],
    ['an L7 by its name', 'Antminer L7', { 'MHS 5s': 9_410, 'MHS av': 9_390 }, { hashrateGhs: 9.41 }],
    ['a D3, whose GHS are MH/s', 'Antminer D3', { 'GHS 5s': '19300', 'GHS av': 19_100 }, { hashrateMhs: 19_300 }],
    ['a D9, whose GHS are GH/s', 'Antminer D9', { 'GHS 5s': 1_770, 'GHS av': 1_760 }, { hashrateMhs: 1_770_000 }],
  ])('of %s', async (_, type, body, rates) => {
    expect(await rpc(rpcStats(type, body))).toMatchObject({ hashrateThs: null, miningState: 'hashing', ...rates });
  });

  test('an L3 at rest has a rate of 0, and no nominal one', async () => {
    const snapshot = await rpc(rpcStats('Antminer L3+', { 'GHS 5s': '0.00', 'GHS av': 0, total_rateideal: 0 }));
    expect(snapshot).toMatchObject({ hashrateGhs: 0, hashrateAvgGhs: 0, hashrateNominalGhs: null });
  });

  test('SHA-256 by a name in MH/s is in TH/s all the same', async () => {
    const snapshot = await rpc(rpcStats('Antminer S9', { 'MHS 5s': 13_500_000, 'MHS av': '13400000' }));
    expect(snapshot).toMatchObject({ hashrateThs: 13.5, hashrateAvgThs: 13.4 });
    expect(snapshot).not.toHaveProperty('algorithm');
  });
});

describe('statistics of port 4028', () => {
  test('give the temperatures of both ways of the air', async () => {
    const body = {
      'GHS 5s': 1,
      ...{ chain_acn1: 9, temp_in_pcb_1: '30-31', temp_out_pcb_1: '50-52' },
      ...{ temp_in_chip_1: '40-41', temp_out_chip_1: '60-63' },
    };
    const snapshot = await rpc(rpcStats('Antminer S21', body));
    expect(snapshot?.boards).toMatchObject([{ boardTempC: 52, chipTempC: 63 }]);
  });

  test.each([
    ['of the whole', { total_power: 1_345, chain_power1: 454 }, 1_345],
    ['of its boards, where that is all', { chain_power1: 454, chain_power2: '437.5' }, 891.5],
    ['not at all, where they are 0', { watt: 0, chain_power1: 0 }, null],
  ])('give the watts %s', async (_, body, powerW) => {
    expect((await rpc(rpcStats('Antminer S19', { 'GHS 5s': 1, ...body })))?.powerW).toBe(powerW);
  });
});

describe('old firmware whose port 4028 is shut', () => {
  const INFO = {
    'GET /cgi-bin/get_system_info.cgi': { says: { minertype: 'Antminer S9', macaddr: '00:0A:35:00:00:01' } },
  };

  test('is read through its own pages', async () => {
    const old = rpcStats('Antminer S9', {
      'GHS 5s': '13500.1',
      'GHS av': 13_400,
      chain_acn6: 63,
      fan3: 4_000,
      fan_num: 1,
    });
    const snapshot = await pages({
      ...INFO,
      'GET /cgi-bin/miner_stats.cgi': { says: old.stats },
      'GET /cgi-bin/miner_pools.cgi': { says: { POOLS: [{ POOL: 0, URL: 'stratum+tcp://a:1', Status: 'Alive' }] } },
      'POST /cgi-bin/blink.cgi': { says: { isBlinking: true } },
    });
    expect(snapshot).toMatchObject({
      ...{ model: 'Antminer S9', mac: '00:0a:35:00:00:01', hashrateThs: 13.5001, uptimeS: 5_000, locating: true },
      pools: [{ url: 'stratum+tcp://a:1', state: 'alive' }],
    });
    expect(snapshot?.boards).toMatchObject([{ index: 5, chips: 63 }]);
  });

  const STATUS = {
    summary: { elapsed: '2011', ghs5s: '13500.5', ghsav: '13400' },
    pools: [{ index: '0', url: 'stratum+tcp://a:1', user: 'x', status: 'Alive', priority: '0', accepted: '566' }],
    devs: [
      { index: '6', chain_acn: '63', freq: '650', fan: '4000', temp: '60', temp2: '80', chain_acs: ' oo' },
      { index: '7', chain_acn: '63', freq: '650', fan: '4000', temp: '61', temp2: '82', chain_acs: ' ox' },
    ],
  };

  test('is read through its status page, which names no model, and so no unit', async () => {
    const snapshot = await pages({ ...INFO, 'GET /cgi-bin/get_miner_status.cgi': { says: STATUS } });
    expect(snapshot).toMatchObject({
      ...{ miningState: 'hashing', uptimeS: 2_011, hashrateThs: null },
      pools: [{ url: 'stratum+tcp://a:1', accepted: 566, active: true }],
      boards: [
        { index: 5, chips: 63, boardTempC: 60, chipTempC: 80, state: 'ok' },
        { index: 6, chips: 63, boardTempC: 61, chipTempC: 82, state: '1 chips dead' },
      ],
    });
  });

  // As a Blackminer F2 has it, which cuts the reply of its API at the wrong places.
  test('of a make of one algorithm has a rate there, and values that stand in each other', async () => {
    const freq =
      '560,fan_num=2,fan1=4730,fan2=4720,temp1=72,chipTemp1=[92.77, 89.82],temp2=63,chain_acn1=6,chain_acn2=6,chain_rate1=4.0371,chain_rate2=3.0922,chain_rate3=|';
    const devs = [
      { index: '1', chain_acn: '6', freq, fan: '4730', temp: '72,chipTemp1=[92.77, 89.82]', chain_acs: ' oooooo' },
      { index: '2', chain_acn: '6', freq, fan: freq, temp: '63', chain_acs: ' oooooo' },
    ];
    const status = { summary: { elapsed: '1d 2h', ghs5s: '7.1293', ghsav: '6.6368' }, pools: [], devs };
    const snapshot = await pages(
      { 'GET /cgi-bin/get_miner_status.cgi': { says: status } },
      'volcminer',
      'blackMiner Configuration',
    );
    expect(snapshot).toMatchObject({ hashrateGhs: 7.1293, hashrateAvgGhs: 6.6368, uptimeS: null });
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual([4_730, 4_720]);
    expect(snapshot?.boards).toMatchObject([
      { hashrateGhs: 4.0371, chips: 6, boardTempC: 72 },
      { hashrateGhs: 3.0922, chips: 6, boardTempC: 63 },
    ]);
  });
});
