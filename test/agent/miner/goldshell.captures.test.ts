import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, type Pages, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('admin', '123456789'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('goldshell');

(captures.length > 0 ? describe : describe.skip)('captures of Goldshell', () => {
  test.each(captures)('$name is known by its page and gives a snapshot that holds to its schema', async (one) => {
    for (const family of [null, one.family]) {
      const { snapshot, unreadable } = await readCapture(miners, one, family);
      expect([unreadable, snapshot?.family]).toEqual([null, 'goldshell']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
      expect(snapshot).not.toHaveProperty('partial');
    }
  });

  test.each(captures)('$name is what foreman read', async (one) => {
    const { snapshot } = await readCapture(miners, one, 'goldshell');
    const [asic] = one.expected?.asics ?? [];
    if (asic === undefined || snapshot === null) throw new Error('nothing to compare');
    // Foreman writes every rate in TH/s; the captures lack the page with the model, so what is hashed is not known.
    expect(snapshot).toMatchObject({ algorithm: 'unknown', hashrateThs: null, miningState: 'hashing' });
    expect(snapshot.hashrateMhs).toBeCloseTo(asic.hashrate_ths * 1e6, 3);
    expect(snapshot.boards).toHaveLength(asic.boards);
    expect(snapshot.fans.map(({ rpm }) => rpm)).toEqual(asic.fans_rpm);
    // Foreman lists every sensor without its fraction; a board here has its hottest.
    expect(snapshot.boards.map(({ boardTempC }) => Math.floor(boardTempC ?? 0))).toEqual(hottestOf(one));
    const [first, second] = snapshot.pools;
    const wanted = one.expected?.pools ?? [];
    expect(snapshot.pools.map(({ url, worker }) => [url.replace('stratum+tcp://', ''), worker])).toEqual(
      wanted.map(({ host_port, worker }) => [host_port, worker]),
    );
    expect([first?.accepted, first?.rejected]).toEqual([wanted[0]?.accepted_shares, wanted[0]?.rejected_shares]);
    // Foreman calls every pool alive whose URL is well formed; the device only says which it uses.
    expect(snapshot.pools.map(({ state, active }) => [state, active])).toEqual([
      ['alive', true],
      ['unknown', false],
    ]);
    expect(second?.accepted).toBeNull();
  });

  test.each([
    [
      'LT5',
      'Scrypt',
      { hashrateGhs: 2.115553, hashrateAvgGhs: 1.913814, hashrateThs: null },
      { hashrateGhs: 0.546357 },
    ],
    ['KD5', 'Blake2s', { hashrateMhs: 2_115.553, hashrateThs: null }, { hashrateMhs: 546.357 }],
    ['KA-BOX', 'kHeavyHash', { hashrateThs: 0.002116, hashrateAvgThs: 0.001914 }, { hashrateThs: 0.000546 }],
  ])('a rate is in the unit of what a %s hashes', async (model, algorithm, rates, board) => {
    const capture = captures.find(({ name }) => name === 'lt5');
    const status = {
      transport: 'http',
      request: { method: 'GET', path: '/mcb/status' },
      response: { model: `Goldshell-${model}` },
    };
    const device = await replay({ family: 'goldshell', exchanges: [...(capture?.exchanges ?? []), status] });
    const { snapshot } = await miners.read(device.target);
    await device.close();
    expect(snapshot).toMatchObject({ model, algorithm, miningState: 'hashing', ...rates });
    expect(snapshot?.boards[0]).toMatchObject(board);
    expect(Object.keys(snapshot ?? {}).filter((key) => /^hashrate(Avg)?[MG]hs$/.test(key))).toHaveLength(
      algorithm === 'kHeavyHash' ? 0 : 2,
    );
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
  });
});

/** Foreman's list has the same number of sensors of every board. */
function hottestOf({ expected }: Capture): readonly number[] {
  const { boards = 1, temps_c = [] } = expected?.asics?.[0] ?? {};
  const each = temps_c.length / boards;
  return Array.from({ length: boards }, (_, at) => Math.max(...temps_c.slice(at * each, (at + 1) * each)));
}

const BOARD = {
  id: 0,
  hashrate: 1_000,
  av_hashrate: 900,
  time: 4_000,
  fanspeed: '2700 rpm / 0 rpm',
  temp: '60.0 °C / 70.5 °C',
};
const plans = [{ level: 0 }, { level: 1 }, { level: 3 }];
const SETTING = { name: 'AABBCC001122', version: '2.0.1', select: 0, powerplans: plans };

describe('a Goldshell', () => {
  const reads = async (pages: Pages, family: string | null = 'goldshell') => {
    const device = await pageDevice({ family, pages });
    const reading = await miners.read(device.target);
    await device.close();
    return { ...reading, heard: device.heard };
  };
  const PAGES: Pages = {
    'GET /user/login?username=admin&password=123456789&cipher=false': { says: { 'JWT Token': 'key' } },
    'POST /mcb/cgminer': { says: { status: 2, data: [BOARD] } },
    'GET /mcb/setting': { says: SETTING },
    'GET /mcb/status': { says: { model: 'Goldshell-HS5', firmware: '2.2.3', hardware: 'GM1' } },
    'GET /mcb/pools': { says: [] },
  };

  test('is read in a session, for which the one before is given up', async () => {
    const { snapshot, heard } = await reads(PAGES);
    expect(snapshot).toMatchObject({
      ...{ model: 'HS5', firmwareVersion: '2.2.3', controlBoard: 'GM1', mac: 'aa:bb:cc:00:11:22', uptimeS: 4_000 },
      fans: [
        { index: 0, rpm: 2_700 },
        { index: 1, rpm: 0 },
      ],
      boards: [{ boardTempC: 70.5 }],
    });
    expect(heard.slice(0, 3).map(({ asked }) => asked)).toEqual([
      'GET /user/logout',
      'GET /user/login?username=admin&password=123456789&cipher=false',
      'POST /mcb/cgminer',
    ]);
    expect(heard[2]).toMatchObject({ authorization: 'Bearer key', body: 'cgminercmd=devs' });
    expect(heard.filter(({ asked }) => asked.includes('/user/'))).toHaveLength(2);
  });

  test('whose session runs out is logged into once more', async () => {
    let logins = 0;
    const { snapshot, heard } = await reads({
      ...PAGES,
      'GET /user/login?username=admin&password=123456789&cipher=false': () => ({
        says: { 'JWT Token': `key ${++logins}` },
      }),
      'GET /mcb/pools': ({ authorization }) =>
        authorization === 'Bearer key 1' ? { status: 401, says: '' } : { says: [] },
    });
    expect([snapshot?.miningState, logins]).toEqual(['hashing', 2]);
    expect(heard.at(-1)?.authorization).toBe('Bearer key 2');
  });

  test('that gives no token has another password, which is tried once', async () => {
    const none = {
      ...PAGES,
      'GET /user/login?username=admin&password=123456789&cipher=false': { says: { msg: 'no' } },
    };
    const device = await pageDevice({ family: 'goldshell', pages: none });
    for (const _ of [1, 2]) expect((await miners.read(device.target)).unreadable).toBe('auth_failed');
    await device.close();
    expect(device.heard.filter(({ asked }) => asked.startsWith('GET /user/login'))).toHaveLength(1);
    expect(device.heard).toHaveLength(2);
  });

  test.each([
    [0, 'hashing'],
    [2, 'sleeping'],
    ['2', 'sleeping'],
  ])('whose power plan is %j is %s', async (select, state) => {
    const { snapshot } = await reads({ ...PAGES, 'GET /mcb/setting': { says: { ...SETTING, select } } });
    expect(snapshot?.miningState).toBe(state);
  });

  test('answers also as the sheet has it, with its parameter in the URL', async () => {
    const { 'POST /mcb/cgminer': page, ...others } = PAGES;
    const { snapshot } = await reads({ ...others, 'GET /mcb/cgminer?cgminercmd=devs': page ?? null });
    expect(snapshot).toMatchObject({ hashrateMhs: 1_000, uptimeS: 4_000, boards: [{ boardTempC: 70.5 }] });
  });

  test('that is older has its boards and pools on port 4028', async () => {
    const devs = {
      DEVS: [{ ASC: 0, 'MHS 20s': 500, 'MHS av': 480, 'tstemp-1': 61, 'tstemp-2': 66, fanspeed: 2_100, Accepted: 3 }],
    };
    const pools = {
      POOLS: [{ POOL: 0, URL: 'stratum+tcp://p.example:1', User: 'x', Status: 'Alive', Accepted: 9, Rejected: 1 }],
    };
    const exchanges = [
      { transport: 'cgminer-tcp', request: { command: 'devs' }, response: devs },
      { transport: 'cgminer-tcp', request: { command: 'pools' }, response: pools },
      {
        ...{ transport: 'cgminer-tcp', request: { command: 'devdetails' } },
        response: { DEVDETAILS: [{ ID: 0, 'chips-nr': 46 }] },
      },
      { transport: 'http', request: { method: 'GET', path: '/mcb/status' }, response: { model: 'HS1' } },
    ];
    const device = await replay({ family: 'goldshell', exchanges });
    const { snapshot } = await miners.read(device.target);
    await device.close();
    expect(snapshot).toMatchObject({
      ...{ model: 'HS1', hashrateMhs: 500, hashrateAvgMhs: 480, fans: [{ index: 0, rpm: 2_100 }] },
      boards: [{ index: 0, boardTempC: 66, chips: 46 }],
      // What the page of pools counts itself stands.
      pools: [{ url: 'stratum+tcp://p.example:1', active: true, accepted: 9, rejected: 1 }],
    });
  });

  test('of which pages fail loses those alone, and names them', async () => {
    const { snapshot } = await reads({ ...PAGES, 'GET /mcb/setting': { status: 500, says: '' } });
    expect(snapshot).toMatchObject({ hashrateMhs: 1_000, mac: null, partial: [{ read: 'setting' }] });
  });

  test('is known by the page for people', async () => {
    const page = { says: '<html><title>cloud-box</title></html>' };
    expect((await reads({ ...PAGES, 'GET /': page }, null)).snapshot?.family).toBe('goldshell');
  });
});
