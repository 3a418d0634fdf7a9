import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, page, request, rpcOf, say } from './raw.ts';

afterEach(stopFarms);

const marathon = (faults: readonly FaultKind[] = ['none']) => rehearse({ family: 'marathon', faults });

type Json = Record<string, unknown>;
async function read(place: Place, name: string): Promise<Json> {
  return JSON.parse((await page(place, { path: `/kaonsu/v1/${name}` })).body) as Json;
}
const write = (place: Place, name: string, body: unknown, password = 'root') =>
  page(place, { path: `/kaonsu/v1/${name}`, method: 'POST', body: JSON.stringify(body) }, password);

const modeOf = (config: Json): Json => config.mode as Json;
const withMode = (config: Json, selector: string): Json => ({
  ...config,
  mode: { ...modeOf(config), 'work-mode-selector': selector },
});

describe('Marathon', () => {
  test('asks for the stock digest on every page, and names itself over RPC', async () => {
    const { place } = await marathon();
    for (const path of ['/', '/kaonsu/v1/brief']) {
      const { status, headers } = await request(place, { path });
      expect([path, status]).toEqual([path, 401]);
      expect(headers).toContain('realm="antMiner Configuration"');
    }
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ Miner: 'MARAFW' }] });
    expect(await page(place, { path: '/kaonsu/v1/brief' }, 'toor')).toMatchObject({ status: 401 });
    expect(await page(place, { path: '/cgi-bin/summary.cgi' })).toMatchObject({ status: 404 });
  });

  test('counts what it hashes in TH/s, and what it ought to, and its boards, in GH/s', async () => {
    const { place } = await marathon();
    const brief = await read(place, 'brief');
    expect(brief).toMatchObject({ status: 'Mining', hashrate_ideal: 104_000, indicator: 'Fully functional' });
    expect(brief.hashrate_realtime).toBeGreaterThan(100);
    expect(brief.hashrate_realtime).toBeLessThan(110);
    const { hashboards } = (await read(place, 'hashboards')) as { hashboards: Json[] };
    expect(hashboards).toHaveLength(3);
    expect(hashboards[0]?.hashrate_average).toBeGreaterThan(30_000);
    expect(hashboards[0]).toMatchObject({ asic_num: 126, present: true });
    expect(await read(place, 'overview')).toMatchObject({ model: 'Antminer S19j Pro' });
  });

  test('goes on saying that it mines when its pools are dead', async () => {
    const farm = await marathon();
    outage(farm, false);
    expect(await read(farm.place, 'brief')).toMatchObject({ status: 'Mining', hashrate_realtime: 0 });
    expect(await read(farm.place, 'pools')).toMatchObject([{ status: 'Dead' }, {}, {}]);
  });

  test('shows a missing board, and a fault by its name', async () => {
    const short = await marathon(['dead-board']);
    outage(short);
    short.pass(70_000);
    const { hashboards } = (await read(short.place, 'hashboards')) as { hashboards: Json[] };
    expect(hashboards[2]).toMatchObject({ present: false, asic_num: 0, temperature_chip: [] });
    const hot = await marathon(['hot-inlet']);
    outage(hot);
    expect(await read(hot.place, 'brief')).toMatchObject({ status: 'Error', indicator_long: 'Temperature too high' });
  });

  test('sleeps and wakes by its whole document', async () => {
    const { place, state, pass } = await marathon();
    const config = await read(place, 'miner_config');
    expect(modeOf(config)).toMatchObject({ 'work-mode-selector': 'Auto' });
    expect(await write(place, 'miner_config', withMode(config, 'Sleep'))).toMatchObject({ status: 200 });
    expect(state()).toBe('sleeping');
    expect(await read(place, 'brief')).toMatchObject({ status: 'Sleep', hashrate_ideal: 0, work_mode: 'Sleep' });
    const asleep = await read(place, 'miner_config');
    expect(asleep).toEqual(withMode(config, 'Sleep'));
    await write(place, 'miner_config', withMode(asleep, 'Auto'));
    pass(70_000);
    expect(state()).toBe('hashing');
  });

  test('loses what a written document leaves out, and refuses one without mode or pools', async () => {
    const { place, farm } = await marathon();
    const { mode, pools } = await read(place, 'miner_config');
    expect(await write(place, 'miner_config', { mode })).toMatchObject({ status: 400 });
    expect(await write(place, 'miner_config', { pools })).toMatchObject({ status: 400 });
    expect(await read(place, 'miner_config')).toHaveProperty('fans');
    await write(place, 'miner_config', { mode, pools });
    expect(await read(place, 'miner_config')).not.toHaveProperty('fans');
    expect(farm.meter().pushes).toEqual([]);
  });

  test('takes a power target with a restart, and pools without', async () => {
    const { place, farm } = await marathon();
    const config = await read(place, 'miner_config');
    const pools = [{ url: 'stratum+tcp://other:3333', user: 'w', pass: 'p' }];
    await write(place, 'miner_config', { ...config, pools });
    expect(await read(place, 'pools')).toMatchObject([{ url: 'stratum+tcp://other:3333', user: 'w' }, {}, {}]);
    expect(farm.meter().pushes).toEqual([]);
    const mode = { ...modeOf(config), concorde: { 'mode-select': 'PowerTarget', 'power-target': 2_500 } };
    await write(place, 'miner_config', { ...config, mode, pools });
    expect(modeOf(await read(place, 'miner_config'))).toMatchObject({ concorde: { 'power-target': 2_500 } });
    expect(farm.meter().pushes).toMatchObject([{ action: 'restart' }]);
  });

  test('reloads, reboots and blinks when it is told to, and not with a wrong password', async () => {
    const farm = await marathon(['hung']);
    const { place } = farm;
    outage(farm);
    expect(await write(place, 'maintenance', { type: 'reload' }, 'toor')).toMatchObject({ status: 401 });
    expect(await write(place, 'maintenance', { type: 'dance' })).toMatchObject({ status: 400 });
    expect(farm.farm.meter().pushes).toEqual([]);
    await write(place, 'locate_miner', { blinking: true });
    expect(await read(place, 'locate_miner')).toEqual({ blinking: true });
    await write(place, 'maintenance', { type: 'reload' });
    expect(await say(rpcOf(place), 'version')).toMatchObject({ error: 'ECONNREFUSED' });
    expect(await read(place, 'brief')).toMatchObject({ status: 'Starting' });
    farm.pass(70_000);
    expect(farm.state()).toBe('hashing');
    await write(place, 'maintenance', { type: 'reboot' });
    expect(await request(place, { path: '/' })).toMatchObject({ heard: { error: 'ECONNREFUSED' } });
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'restart' }, { action: 'reboot' }]);
  });
});
