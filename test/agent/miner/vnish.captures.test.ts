import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('', 'admin'));
afterAll(() => Promise.all([miners.close(), closeAll()]));

const captures = [
  ...capturesOf('vnish'),
  // The maker of the S9's label calls it NiceHash; its banner, and so its protocol, is VNish 3.8.6.
  ...capturesOf('antminer-aftermarket').filter(({ name }) => name.startsWith('antminer-s9-nicehash')),
];
const named = (part: string) => {
  const found = captures.find(({ name }) => name.startsWith(part));
  if (found === undefined) throw new Error(`no capture ${part}`);
  return found;
};
const given = captures.length > 0;
const read = async (part: string): Promise<MinerSnapshot> => {
  const { snapshot, unreadable, detail } = await readCapture(miners, named(part), 'vnish');
  if (snapshot === null) throw new Error(`${unreadable} ${detail}`);
  return snapshot;
};

(given ? describe : describe.skip)('captures of VNish', () => {
  test.each(captures)(
    '$name is known by its own answers and gives a snapshot that holds to its schema',
    async (one) => {
      const { snapshot, unreadable } = await readCapture(miners, one, null);
      expect([unreadable, snapshot?.family]).toEqual([null, 'vnish']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
    },
  );

  test('an S21 Pro in tuning is read in full', async () => {
    const { latencyMs: _, readAt: __, fans, boards, pools, ...plain } = await read('s21-pro');
    expect(plain).toMatchObject({
      mac: '02:95:23:b3:e0:79',
      // "N/A" is no serial.
      serial: null,
      hostname: 'Antminer',
      model: 'Antminer S21 Pro',
      firmwareVersion: '1.2.7',
      // 174 TH/s at 89 % of nominal: yet the sheet's 18.5 calls auto-tuning a start, which no deadline may fail.
      miningState: 'starting',
      uptimeS: 4_423,
      deviceUptimeS: 6_900,
      hashrateThs: 173.87094,
      hashrateAvgThs: 174.37475,
      hashrateNominalThs: 196.51717,
      powerW: 2_583,
      // The preset that runs; the switcher has gone down from the 3160 of the settings.
      powerLimitW: 2_800,
      // The device says 14.812924, of its average.
      efficiencyJPerTh: 14.855847,
      errors: [],
      locating: null,
      controlBoard: 'aml',
    });
    expect(plain).not.toHaveProperty('algorithm');
    // The capture has no /status.
    expect(plain.partial).toBeUndefined();
    expect(fans.map(({ index, rpm }) => [index, rpm])).toEqual([
      [0, 5_880],
      [1, 5_880],
      [2, 5_940],
      [3, 5_940],
    ]);
    expect(boards).toEqual(
      [
        [60.79719, 50, 65],
        [57.766645, 49, 64],
        [55.3071, 49, 64],
      ].map(([hashrateThs, boardTempC, chipTempC], index) => ({
        ...{ index, hashrateThs, boardTempC, chipTempC, chips: 65, chipsExpected: null, serial: null, state: 'mining' },
      })),
    );
    // The third is the developers'.
    expect(
      pools.map(({ url, worker, state, active, accepted, rejected }) => [
        ...[url, worker, state, active, accepted, rejected],
      ]),
    ).toEqual([
      ['stratum.braiins.com:3333', 'account1', 'alive', true, 1_599, 9],
      ['stratum.braiins.com:3333', 'account2', 'alive', false, 0, 0],
    ]);
  });

  test('an S19 that failed says why, and invents no rate, temperature or power', async () => {
    expect(await read('s19-xilinx')).toMatchObject({
      miningState: 'error',
      errors: [{ code: '1002', message: 'Failed to parse miner configuration' }],
      model: 'Antminer S19',
      mac: 'fe:07:26:3c:be:1b',
      deviceUptimeS: 360,
      uptimeS: null,
      hashrateThs: 0,
      hashrateNominalThs: null,
      powerW: null,
      powerLimitW: null,
      efficiencyJPerTh: null,
      fans: [],
      boards: [],
      pools: [],
      locating: false,
    });
  });

  test('an S9 of firmware 3.8.6, which only has port 4028, is what foreman read', async () => {
    const capture = named('antminer-s9');
    const snapshot = await read('antminer-s9');
    const asic = capture.expected?.asics?.[0];
    expect(snapshot.hashrateThs).toBe(asic?.hashrate_ths);
    expect(snapshot.boards).toHaveLength(asic?.boards ?? -1);
    expect(snapshot.fans.map(({ rpm }) => rpm)).toEqual(asic?.fans_rpm);
    expect([
      ...snapshot.boards.map(({ boardTempC }) => boardTempC),
      ...snapshot.boards.map((b) => b.chipTempC),
    ]).toEqual(asic?.temps_c);
    // Foreman lists the developers' pool too.
    expect(
      snapshot.pools.map(({ url, worker, state }) => [url.replace(/^.*\/\//, ''), worker, state === 'alive']),
    ).toEqual(
      capture.expected?.pools
        ?.filter(({ host_port }) => host_port !== 'devfee')
        .map(({ host_port, worker, up }) => [host_port, worker, up]),
    );
    expect(snapshot).toMatchObject({
      model: 'Antminer S9',
      firmwareVersion: '3.8.6',
      miningState: 'hashing',
      uptimeS: 3_617,
      hashrateNominalThs: 12.9276,
    });
  });
});

describe('VNish', () => {
  const miner = (more: object = {}) => ({ miner_type: 'Antminer S19 (Vnish 1.3.4)', hr_realtime: 95_000, ...more });
  const reads = async (pages: Parameters<typeof pageDevice>[0]['pages']) => {
    const device = await pageDevice({ family: 'vnish', pages });
    const reading = await miners.read(device.target);
    await device.close();
    return { ...reading, heard: device.heard };
  };

  test("that kept Bitmain's page, and whose port 4028 is shut, is known by its own", async () => {
    const page = 'GET /api/v1/info';
    const says = { fw_name: 'Vnish', fw_version: '1.2.6', miner: 'Antminer S19' };
    const device = await pageDevice({ family: null, digest: 'another', open: [page], pages: { [page]: { says } } });
    expect((await miners.read(device.target)).snapshot?.family).toBe('vnish');
    await device.close();
  });

  const words = [
    ['mining', 'hashing'],
    ['initializing', 'starting'],
    ['starting', 'starting'],
    ['auto-tuning', 'starting'],
    ['restarting', 'starting'],
    ['shutting-down', 'stopped'],
    ['stopped', 'stopped'],
    ['failure', 'error'],
    // A word that nobody has seen yet: figures decide.
    ['dancing', 'hashing'],
  ];
  test.each(words)('that says %s is %s', async (word, state) => {
    const { snapshot } = await reads({
      'GET /api/v1/status': { says: { miner_state: word } },
      'GET /api/v1/summary': { says: { miner: miner() } },
    });
    expect(snapshot?.miningState).toBe(state);
  });

  test('whose summary wants a session is read in one, opened once', async () => {
    const { snapshot, heard } = await reads({
      'GET /api/v1/status': { says: { miner_state: 'mining' } },
      'POST /api/v1/unlock': { says: { token: 'key' } },
      'GET /api/v1/summary': ({ authorization }) =>
        authorization === 'Bearer key' ? { says: { miner: miner() } } : { status: 401, says: {} },
    });
    expect([snapshot?.hashrateThs, snapshot?.model]).toEqual([95, 'Antminer S19']);
    expect(heard.filter(({ asked }) => asked.endsWith('/unlock')).map(({ body }) => body)).toEqual([{ pw: 'admin' }]);
  });

  test.each([403, 429])('that answers unlock with %i refuses the password, which is not sent again', async (status) => {
    const device = await pageDevice({
      family: 'vnish',
      pages: {
        'GET /api/v1/status': { says: { miner_state: 'mining' } },
        'GET /api/v1/summary': { status: 401, says: {} },
        'POST /api/v1/unlock': { status, says: { unlock_timeout: 60 } },
      },
    });
    for (const _ of [1, 2, 3]) {
      const { unreadable, snapshot } = await miners.read(device.target);
      expect([unreadable, snapshot?.miningState, snapshot?.errors[0]?.code]).toEqual([
        'auth_failed',
        'unknown',
        'auth_failed',
      ]);
    }
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('auth_failed');
    expect(device.writes()).toEqual(['POST /api/v1/unlock']);
    await device.close();
  });

  test('of which one page is missing loses that page alone', async () => {
    const { snapshot } = await reads({
      'GET /api/v1/summary': { says: { miner: miner({ power_consumption: '3250' }) } },
    });
    expect([snapshot?.hashrateThs, snapshot?.powerW, snapshot?.mac]).toEqual([95, 3_250, null]);
  });

  test('of an older build gives its rate in TH/s, and a fan that is lost stands still', async () => {
    const { snapshot } = await reads({
      'GET /api/v1/summary': {
        says: {
          miner: {
            ...{ miner_type: 'Antminer S19 (Vnish 1.1.0)', instant_hashrate: '95.5', average_hashrate: 94 },
            cooling: { fans: [{ id: 0, rpm: 1_200, status: 'lost' }] },
          },
        },
      },
    });
    expect([snapshot?.hashrateThs, snapshot?.hashrateAvgThs, snapshot?.fans]).toEqual([
      95.5,
      94,
      [{ index: 0, rpm: 0 }],
    ]);
  });

  test("has pools of its developers, which are not the operator's, whatever they are called", async () => {
    const [own, theirs] = ['pool.example:3333', 'fee.example:3333'];
    const { snapshot } = await reads({
      'GET /api/v1/summary': {
        says: {
          miner: miner({
            pools: [
              { id: 0, url: own, pool_type: 'UserPool', status: 'working' },
              { id: 1, url: theirs, pool_type: 'DevFee', status: 'active' },
              { id: 2, url: 'DevFee', status: 'active' },
              { id: 3, url: 'b.example:1', status: 'offline' },
            ],
          }),
        },
      },
    });
    // While it mines for them, the operator's is still the one that it mines for.
    expect(snapshot?.pools.map(({ index, url, state, active }) => [index, url, state, active])).toEqual([
      [0, own, 'alive', true],
      [1, 'b.example:1', 'dead', false],
    ]);
    const POOLS = [
      { URL: own, Type: 0, Status: 'Alive' },
      { URL: theirs, Type: 1, Status: 'Alive' },
    ];
    const exchanges = [{ transport: 'cgminer-tcp', request: { command: 'pools' }, response: { POOLS } }];
    const device = await replay({ family: 'vnish', exchanges });
    const { snapshot: old } = await miners.read(device.target);
    await device.close();
    expect(old?.pools.map(({ url }) => url)).toEqual([own]);
  });

  const uptimes = [
    ['0:06', 360],
    ['1:55', 6_900],
    ['3 days, 2:05', 266_700],
    ['1 day, 0:00:07', 86_407],
    ['soon', undefined],
  ] as const;
  test.each(uptimes)('writes an uptime as %s', async (uptime, deviceUptimeS) => {
    const { snapshot } = await reads({ 'GET /api/v1/info': { says: { fw_version: '1.2.6', system: { uptime } } } });
    expect(snapshot?.deviceUptimeS).toBe(deviceUptimeS);
  });
});
