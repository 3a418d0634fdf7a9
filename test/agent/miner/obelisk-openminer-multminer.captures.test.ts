import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, type Page, type Pages, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('admin', 'secret'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('obelisk', 'openminer', 'multminer');

const hostOf = (url: string): string => url.replace('stratum+tcp://', '');
const asicOf = (capture: Capture) => {
  const [asic] = capture.expected?.asics ?? [];
  if (asic === undefined) throw new Error('nothing to compare');
  return asic;
};

(captures.length > 0 ? describe : describe.skip)('captures of families that are only read', () => {
  test.each(captures)(
    '$family/$name is known by its pages and gives a snapshot that holds to its schema',
    async (one) => {
      for (const family of [null, one.family]) {
        const { snapshot, unreadable } = await readCapture(miners, one, family);
        expect([unreadable, snapshot?.family]).toEqual([null, one.family]);
        expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
        expect(JSON.stringify(snapshot)).not.toContain('NaN');
        expect(snapshot).not.toHaveProperty('partial');
        expect(snapshot?.miningState).toBe('hashing');
      }
    },
  );

  test.each(captures)('$family/$name has the pools that foreman read', async (one) => {
    const { snapshot } = await readCapture(miners, one, one.family);
    expect(
      snapshot?.pools.map(({ url, worker, state, accepted, rejected }) => [
        hostOf(url),
        worker,
        state,
        accepted,
        rejected,
      ]),
    ).toEqual(
      one.expected?.pools?.map(({ host_port, worker, up, accepted_shares, rejected_shares }) => [
        ...[host_port, worker, up ? 'alive' : 'dead', accepted_shares, rejected_shares],
      ]),
    );
    expect(snapshot?.pools.map(({ active }) => active)).toEqual(snapshot?.pools.map((_, at) => at === 0));
  });

  const read = async (family: string) => {
    const capture = captures.find((one) => one.family === family);
    if (capture === undefined) throw new Error(`no capture of ${family}`);
    const { snapshot } = await readCapture(miners, capture, family);
    return { snapshot, asic: asicOf(capture) };
  };

  test('an Obelisk SC1 is what foreman read', async () => {
    const { snapshot, asic } = await read('obelisk');
    // Foreman writes every rate in TH/s.
    expect(snapshot).toMatchObject({
      algorithm: 'Blake2b-Sia',
      hashrateThs: null,
      hashrateMhs: asic.hashrate_ths * 1e6,
    });
    expect(snapshot).toMatchObject({ model: 'SC1', mac: '80:00:27:2e:bc:69', uptimeS: null });
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual(asic.fans_rpm);
    expect(snapshot?.boards.flatMap(({ boardTempC, chipTempC }) => [boardTempC, chipTempC])).toEqual(asic.temps_c);
    expect(snapshot?.boards.map(({ hashrateMhs }) => hashrateMhs)).toEqual([3.5, 3.5]);
  });

  test('a Bitfury B8 is what foreman read', async () => {
    const { snapshot, asic } = await read('openminer');
    expect(snapshot).toMatchObject({
      ...{ hashrateThs: asic.hashrate_ths, hashrateAvgThs: 48.3954, powerW: 5_421.2, uptimeS: 4_029 },
      ...{ mac: '16:bf:01:7f:aa:28', hostname: '777', firmwareVersion: '1.3.7', inletTempC: 35, outletTempC: 36 },
    });
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual(asic.fans_rpm);
    expect(snapshot?.boards).toHaveLength(asic.boards);
    // Foreman lists both sensors of a board; a board here has its hotter one.
    const each = snapshot?.boards.map((_, at) => Math.max(...(asic.temps_c ?? []).slice(at * 2, at * 2 + 2)));
    expect(snapshot?.boards.map(({ boardTempC }) => boardTempC)).toEqual(each);
    expect(snapshot?.boards[0]).toMatchObject({ index: 0, hashrateThs: 8.0428, chips: 96, state: 'on' });
  });

  test('a MultMiner M1 is what its own banner says', async () => {
    const { snapshot, asic } = await read('multminer');
    // Foreman adds up the mean of each board's chips, of which there are 8: that is an eighth of the banner's 129.93.
    expect(asic.hashrate_ths * 1e3 * 8).toBeCloseTo(129.18, 6);
    expect(snapshot).toMatchObject({
      algorithm: 'trb',
      hashrateThs: null,
      hashrateMhs: 129_930,
      powerW: 845,
      fans: [],
    });
    // Slot 0 is empty.
    expect(snapshot?.boards).toMatchObject([
      { index: 1, hashrateMhs: 42_120, chips: 8, boardTempC: 56.75, chipTempC: 85.51 },
      { index: 2, hashrateMhs: 43_880, chipTempC: 86.01 },
      { index: 3, hashrateMhs: 43_880, chipTempC: 80.59 },
    ]);
    // Foreman lists the chips' sensors, without their fraction.
    const hottest = snapshot?.boards.map((_, at) => Math.max(...(asic.temps_c ?? []).slice(at * 8, at * 8 + 8)));
    expect(snapshot?.boards.map(({ chipTempC }) => Math.floor(chipTempC ?? 0))).toEqual(hottest);
  });
});

const reads = async (family: string, pages: Pages) => {
  const device = await pageDevice({ family, pages });
  const readings = [await miners.read(device.target), await miners.read(device.target)];
  await device.close();
  return { snapshot: readings[0]?.snapshot, unreadable: readings.map((one) => one.unreadable), heard: device.heard };
};

describe('an Obelisk', () => {
  const DASHBOARD: Page = {
    says: {
      hashboardStatus: [{ mhsAvg: '500.5', boardTemp: 0, chipTemp: 0 }],
      poolStatus: [{ url: 'a:1', status: 'Dead' }, { url: 'b:1', status: 'Alive' }, { url: '' }],
      systemInfo: [
        { name: 'Fan 2 Speed', value: '5000 RPM' },
        { name: 'Free Memory', value: 7 },
      ],
    },
  };
  const INFO: Page = { says: { vendor: 'Obelisk', model: 'DCR1', macAddress: '80-00-27-2E-BC-69' } };

  test('is read with the cookie of its login', async () => {
    const { snapshot, heard } = await reads('obelisk', {
      'POST /api/login': { says: '', cookie: 'sessionid=one; Path=/' },
      'GET /api/status/dashboard': ({ cookie }) => (cookie === 'sessionid=one' ? DASHBOARD : { status: 401, says: '' }),
      'GET /api/info': INFO,
    });
    expect(snapshot).toMatchObject({
      ...{ model: 'DCR1', algorithm: 'Blake256R14', hashrateMhs: 500.5, mac: '80:00:27:2e:bc:69' },
      fans: [{ index: 1, rpm: 5_000 }],
      boards: [{ boardTempC: null, chipTempC: null }],
      pools: [
        { state: 'dead', active: false },
        { state: 'alive', active: true },
      ],
    });
    expect(heard[0]).toMatchObject({ asked: 'POST /api/login', body: { username: 'admin', password: 'secret' } });
  });

  test.each([
    ['401', { status: 401, says: '' }],
    ['no cookie', { says: '' }],
  ])('that answers our password with %s is asked no more', async (_, page) => {
    const { unreadable, heard } = await reads('obelisk', { 'POST /api/login': page, 'GET /api/info': INFO });
    expect(unreadable).toEqual(['auth_failed', 'auth_failed']);
    expect(heard.filter(({ asked }) => asked === 'POST /api/login')).toHaveLength(1);
  });

  test('whose model is not known counts for no algorithm that is', async () => {
    const { snapshot } = await reads('obelisk', { 'GET /api/status/dashboard': DASHBOARD });
    expect(snapshot).toMatchObject({ algorithm: 'unknown', model: null, hashrateMhs: 500.5, hashrateThs: null });
  });
});

describe('an Openminer', () => {
  const STATISTICS: Page = {
    says: {
      master: { upTime: 5, intervals: { 30: { bySol: '0.0' } } },
      pool: { host: 'p', intervals: { 30: { inService: 0 } } },
    },
  };

  test('is read with the token of its login', async () => {
    const { snapshot, heard } = await reads('openminer', {
      'POST /api/login': { says: { token: 'key' } },
      'GET /api/om/miner/stat/agg': ({ authorization }) =>
        authorization === 'Bearer key' ? STATISTICS : { status: 401, says: '' },
    });
    expect(snapshot).toMatchObject({
      ...{ miningState: 'starting', hashrateThs: 0, powerW: null, boards: [], fans: [] },
      pools: [{ url: 'stratum+tcp://p', state: 'dead', active: true, accepted: null }],
    });
    expect(heard[0]).toMatchObject({ asked: 'POST /api/login', body: { email: 'admin', password: 'secret' } });
  });

  test('that gives no token is asked no more', async () => {
    const { unreadable, heard } = await reads('openminer', {
      'POST /api/login': { status: 401, says: { error: 'no' } },
    });
    expect(unreadable).toEqual(['auth_failed', 'auth_failed']);
    expect(heard).toHaveLength(1);
  });
});

describe('a MultMiner', () => {
  test('without its banner is the sum of its boards', async () => {
    const board = (watts: number, ghs: number) => ({ ol: 1, cn: 8, tphr: [watts, 50, 51, ghs], cs: [] });
    const says = {
      bd: [board(300, 40.5), { ol: 0, tphr: [0, 0, 0, 0] }, board(310, 41)],
      ms: [['closed', '', 'x', '0', '0', '1', '-o1 p:1'], 0],
      isalarm: 1,
    };
    const { snapshot } = await reads('multminer', { 'GET /gst.csp?a=a': { says } });
    expect(snapshot).toMatchObject({
      ...{ hashrateMhs: 81_500, powerW: 610, algorithm: 'unknown', miningState: 'hashing' },
      boards: [{ index: 0 }, { index: 2, chipTempC: null }],
      pools: [{ url: 'p:1', state: 'dead', active: false }],
      errors: [{ code: 'isalarm' }],
    });
  });
});
