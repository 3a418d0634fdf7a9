import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, type Rehearsal, rehearse, stopFarms } from './farm.ts';
import { request, rest, rpcOf, say } from './raw.ts';

afterEach(stopFarms);

const start = (faults: readonly FaultKind[] = ['none']): Promise<Rehearsal> =>
  rehearse({ model: 'Antminer S19 XP 141T', family: 'epic', faults });

const get = async (place: Place, path: string): Promise<unknown> => (await rest(place, { path, port: 'rpc' })).json;

const post = (place: Place, path: string, param: unknown, password = 'letmein') =>
  rest(place, { path, port: 'rpc', method: 'POST', json: { param, password } });

const OK = { status: 200, json: { result: true, error: null } };
const NO = { status: 200, json: { result: false, error: expect.any(String) } };

async function stateOf(place: Place): Promise<string | undefined> {
  const { Status } = (await get(place, '/summary')) as { Status: Record<string, string> };
  return Status['Operating State'];
}

describe('the reads', () => {
  test('are HTTP where others have their RPC, and a raw command gets 400', async () => {
    const { place } = await start();
    expect(await get(place, '/capabilities')).toMatchObject({
      Model: 'AntMiner S19 XP',
      'Default Hashrate': 104,
      'Performance Estimator': { 'Chip Count': 110 },
    });
    expect((await say(rpcOf(place), '{"command":"version"}')).text).toMatch(/^HTTP\/1\.1 400 /);
    expect((await request(place, { path: '/' })).body).toContain('Miner Web Dashboard');
    expect(await rest(place, { path: '/nonsense', port: 'rpc' })).toMatchObject({ status: 404 });
  });

  test('show a miner at work, rates in MH/s', async () => {
    const { place } = await start();
    const summary = (await get(place, '/summary')) as { HBs: { Hashrate: number[] }[] };
    expect(summary).toMatchObject({
      Software: 'PowerPlay-BMS v1.5.13',
      Status: { 'Operating State': 'Mining', 'Last Error': null },
      'Fans Rpm': { 'Fans Speed 4': expect.any(Number), 'Fans Speed 5': null },
      Stratum: { IsPoolConnected: true },
      Misc: { 'Locate Miner State': false },
    });
    const rates = summary.HBs.map(({ Hashrate }) => Hashrate[0] ?? 0);
    expect(rates).toHaveLength(3);
    expect(rates.reduce((sum, rate) => sum + rate)).toBeGreaterThan(100e6);
    expect(await get(place, '/network')).toMatchObject({ dhcp: { mac_address: expect.stringMatching(/^02:/) } });
    expect(await get(place, '/temps')).toHaveLength(3);
  });

  test('show heat, a lost board, a pool that is away and a process that has ended', async () => {
    const hot = await start(['hot-inlet']);
    outage(hot);
    expect(await get(hot.place, '/summary')).toMatchObject({
      Status: { 'Operating State': 'Idling', 'Last Error': 'Shutdown temperature reached' },
    });
    const short = await start(['dead-board']);
    outage(short);
    short.pass(70_000);
    expect(await get(short.place, '/summary')).toMatchObject({
      HBs: [{ Index: 0 }, { Index: 1 }],
      HBStatus: [{}, {}, { Detected: false }],
    });
    const away = await start();
    outage(away, false);
    expect(await get(away.place, '/summary')).toMatchObject({
      Status: { 'Operating State': 'Idling' },
      Stratum: { IsPoolConnected: false, 'Current Pool': null },
    });
    const gone = await start(['process-down']);
    outage(gone);
    expect(await get(gone.place, '/summary')).toMatchObject({ Status: { 'Last Error': 'Mining process has ended' } });
  });
});

describe('an order', () => {
  test('stops and starts it', async () => {
    const farm = await start();
    expect(await post(farm.place, '/miner', 'Stop')).toMatchObject(OK);
    expect([farm.state(), await stateOf(farm.place)]).toEqual(['sleeping', 'Idling']);
    expect(await post(farm.place, '/miner', 'Autostart')).toMatchObject(OK);
    expect(await stateOf(farm.place)).toBe('SoftRebooting');
    farm.pass(10_000);
    expect(['Initializing', 'AdjustingClockVoltage']).toContain(await stateOf(farm.place));
    farm.pass(60_000);
    expect([farm.state(), await stateOf(farm.place)]).toEqual(['hashing', 'Mining']);
  });

  test('restarts the program, and reboots after the delay that it names', async () => {
    const farm = await start(['hung']);
    outage(farm);
    expect(await post(farm.place, '/softreboot', 0)).toMatchObject(OK);
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    expect(await post(farm.place, '/reboot', 2)).toMatchObject(OK);
    farm.pass(1_900);
    expect(farm.state()).toBe('hashing');
    farm.pass(200);
    expect(farm.state()).toBe('booting');
    expect((await request(farm.place, { path: '/summary', port: 'rpc' })).heard.error).toBe('ECONNREFUSED');
  });

  test('lights the LED, sets the target and all pools', async () => {
    const { place } = await start();
    expect(await post(place, '/identify', true)).toMatchObject(OK);
    expect(await post(place, '/perpetualtune/algo', { algo: 'VoltageOptimizer', target: 52 })).toMatchObject(OK);
    const configs = [{ pool: 'stratum+tcp://p:1', login: 'w', password: 'x' }];
    expect(await post(place, '/coin', { coin: 'BTC', stratum_configs: configs, unique_id: false })).toMatchObject(OK);
    expect(await get(place, '/summary')).toMatchObject({
      Misc: { 'Locate Miner State': true },
      PerpetualTune: { Algorithm: { VoltageOptimizer: { Target: 52, Unit: 'TH/s' } } },
      Stratum: { 'Current Pool': 'p:1' },
      StratumConfigs: configs,
    });
  });

  test('that it cannot read is refused with a 200', async () => {
    const farm = await start();
    for (const [path, param] of [
      ['/miner', 'Fly'],
      ['/identify', 'yes'],
      ['/coin', { coin: 'BTC', stratum_configs: [] }],
      ['/perpetualtune/algo', { algo: 'VoltageOptimizer', target: 3_000 }],
      ['/perpetualtune/algo', { algo: 'Nonsense', target: 100 }],
    ] as const) {
      expect(await post(farm.place, path, param)).toMatchObject(NO);
    }
    expect(farm.farm.meter().pushes).toEqual([]);
  });

  test('with a wrong password is refused with a 200, and a deaf miner says yes', async () => {
    const [plain, other, deaf] = [await start(), await start(['auth']), await start(['deaf'])];
    expect(await post(plain.place, '/miner', 'Stop', 'guess')).toMatchObject({
      status: 200,
      json: { result: false, error: 'Incorrect password' },
    });
    expect(await post(other.place, '/miner', 'Stop')).toMatchObject(NO);
    expect([plain.state(), other.state()]).toEqual(['hashing', 'hashing']);
    expect(await post(deaf.place, '/miner', 'Stop')).toMatchObject(OK);
    expect(await post(deaf.place, '/identify', true)).toMatchObject(OK);
    expect(deaf.state()).toBe('hashing');
    expect(await get(deaf.place, '/summary')).toMatchObject({ Misc: { 'Locate Miner State': false } });
  });
});
