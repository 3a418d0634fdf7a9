import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { IDLE_MS } from '../../../sim/miners/luxos/session.ts';
import { alone, askRpc } from './alone.ts';
import { outage, type Rehearsal, rehearse, stopFarms } from './farm.ts';
import { ask, request } from './raw.ts';

afterEach(stopFarms);

const start = (faults: readonly FaultKind[] = ['none']): Promise<Rehearsal> =>
  rehearse({ model: 'Antminer S19j Pro (LuxOS)', family: 'luxos', faults });

type Session = Readonly<{ SESSION: readonly { SessionID: string }[] }>;
const sidOf = (reply: object): string => (reply as Session).SESSION?.[0]?.SessionID ?? '';

async function config(place: Place): Promise<Record<string, unknown>> {
  const { CONFIG } = (await ask(place, { command: 'config' })) as { CONFIG: Record<string, unknown>[] };
  return CONFIG[0] ?? {};
}

/** A write between logon and logoff; "closed" where the line dies. */
async function write(place: Place, command: string, values = ''): Promise<Record<string, unknown> | 'closed'> {
  const sid = sidOf(await ask(place, { command: 'logon' }));
  const parameter = values === '' ? sid : `${sid},${values}`;
  const reply = await ask(place, { command, parameter }).catch(() => 'closed' as const);
  await ask(place, { command: 'logoff', parameter: sid }).catch(() => null);
  return reply;
}

const error = (code: number) => ({ STATUS: [{ STATUS: 'E', Code: code }] });

describe('the reads', () => {
  test('need no session and name what it is', async () => {
    const { place } = await start();
    expect(await ask(place, { command: 'version' })).toMatchObject({
      STATUS: [{ Description: 'LUXminer', Code: 22 }],
      VERSION: [{ API: '3.7', LUXminer: expect.any(String), Type: 'Antminer S19j Pro' }],
    });
    expect(await config(place)).toMatchObject({
      Model: 'Antminer S19j Pro',
      NameplateTHS: 104,
      Profile: 'default',
      CurtailMode: 'None',
      SystemStatus: 'Normal',
      IsPowerSupplyOn: true,
      RedLed: 'auto',
    });
    expect((await request(place, { path: '/' })).body).toContain('Luxor Firmware');
  });

  test('show a miner at work', async () => {
    const { place } = await start();
    const { SUMMARY } = (await ask(place, { command: 'summary' })) as { SUMMARY: Record<string, number>[] };
    expect(SUMMARY[0]?.['GHS 5s']).toBeGreaterThan(100_000);
    expect(await ask(place, { command: 'devs' })).toMatchObject({
      DEVS: [{ Board: 0, IsRamping: false, IsUserShutdown: false }, {}, {}],
    });
    const { POWER } = (await ask(place, { command: 'power' })) as { POWER: { Watts: number }[] };
    expect(POWER[0]?.Watts).toBeGreaterThan(2_500);
    expect(await ask(place, { command: 'pools' })).toMatchObject({ POOLS: [{ POOL: 0, 'Stratum Active': true }] });
    expect(await ask(place, { command: 'stats' })).toMatchObject({ STATS: [{}, { chain_acn3: 110 }] });
    expect(await ask(place, { command: 'events' })).toMatchObject({ EVENTS: [] });
    expect(await ask(place, { command: 'nonsense' })).toMatchObject(error(14));
  });

  test('show a lost board, heat, and a ramp', async () => {
    const short = await start(['dead-board']);
    outage(short);
    short.pass(70_000);
    expect(await ask(short.place, { command: 'devs' })).toMatchObject({ DEVS: [{}, {}, { Status: 'Dead' }] });
    expect((await ask(short.place, { command: 'temps' })).TEMPS).toHaveLength(2);
    const hot = await start(['hot-inlet']);
    outage(hot);
    expect(await config(hot.place)).toMatchObject({ SystemStatus: 'Overheat' });
    const hung = await start(['hung']);
    outage(hung);
    await write(hung.place, 'resetminer');
    hung.pass(10_000);
    expect(await ask(hung.place, { command: 'devs' })).toMatchObject({ DEVS: [{ IsRamping: true }, {}, {}] });
  });
});

describe('the session', () => {
  test('is one at a time: who comes second gets 402 until the first has logged off', async () => {
    const { place } = await start();
    const first = await ask(place, { command: 'logon' });
    expect(first).toMatchObject({ STATUS: [{ Code: 316 }] });
    expect(await ask(place, { command: 'logon' })).toMatchObject(error(402));
    expect(sidOf(await ask(place, { command: 'session' }))).toBe(sidOf(first));
    expect(await ask(place, { command: 'logoff', parameter: 'other' })).toMatchObject({ STATUS: [{ STATUS: 'E' }] });
    await ask(place, { command: 'logoff', parameter: sidOf(first) });
    expect(await ask(place, { command: 'logon' })).toMatchObject({ STATUS: [{ Code: 316 }] });
  });

  test('ends after a minute without use, and use prolongs it', () => {
    const miner = alone('luxos');
    const sid = sidOf(askRpc(miner, 'logon'));
    const led = () => askRpc(miner, 'ledset', `${sid},red,blink`).STATUS as { STATUS: string }[];
    miner.time.monoMs += IDLE_MS - 1;
    expect(led()[0]?.STATUS).toBe('S');
    miner.time.monoMs += IDLE_MS - 1;
    expect(led()[0]?.STATUS).toBe('S');
    expect(askRpc(miner, 'logon')).toMatchObject(error(402));
    miner.time.monoMs += IDLE_MS;
    expect(led()[0]?.STATUS).toBe('E');
    expect(askRpc(miner, 'logon')).toMatchObject({ STATUS: [{ Code: 316 }] });
  });

  test('is wanted for every write but those to pools', async () => {
    const farm = await start();
    for (const [command, parameter] of [
      ['curtail', 'sleep'],
      ['curtail', 'stale,sleep'],
      ['rebootdevice', ''],
      ['resetminer', 'stale'],
      ['ledset', 'stale,red,blink'],
      ['fanset', 'stale,speed=100'],
    ]) {
      expect(await ask(farm.place, { command, parameter })).toMatchObject({ STATUS: [{ STATUS: 'E' }] });
    }
    expect(farm.farm.meter().pushes).toEqual([]);
    expect(await ask(farm.place, { command: 'addpool', parameter: 'stratum+tcp://p:1,w.1,x' })).toMatchObject({
      STATUS: [{ Code: 55 }],
    });
    await ask(farm.place, { command: 'removepool', parameter: '0' });
    expect(await ask(farm.place, { command: 'pools' })).toMatchObject({ POOLS: [{ URL: 'stratum+tcp://p:1' }] });
  });
});

describe('an order', () => {
  test('puts it to sleep, which a reboot does not end, and wakes it', async () => {
    const farm = await start();
    expect(await write(farm.place, 'curtail', 'sleep')).toMatchObject({
      STATUS: [{ Code: 335, Msg: 'Curtailment command sent' }],
      CURTAIL: [{ Action: 'sleep' }],
    });
    expect([farm.state(), (await config(farm.place)).CurtailMode]).toEqual(['sleeping', 'Sleep']);
    expect(await write(farm.place, 'reboot', '0')).toMatchObject({ STATUS: [{ STATUS: 'E' }] });
    await write(farm.place, 'rebootdevice');
    expect(farm.state()).toBe('booting');
    farm.pass(20_000);
    farm.pass(60_000);
    expect(farm.state()).toBe('sleeping');
    await write(farm.place, 'curtail', 'wakeup');
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
  });

  test('restarts the process of one that hangs', async () => {
    const farm = await start(['hung']);
    outage(farm);
    expect(await write(farm.place, 'resetminer')).toMatchObject({ STATUS: [{ STATUS: 'S' }] });
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
  });

  test('lights the red LED and sets a profile by its name', async () => {
    const { place } = await start();
    await write(place, 'ledset', 'red,blink');
    expect(await config(place)).toMatchObject({ RedLed: 'blink', GreenLed: 'auto' });
    await write(place, 'ledset', 'red,auto');
    expect(await write(place, 'fanset', 'speed=100')).toMatchObject({ STATUS: [{ STATUS: 'S' }] });
    const { PROFILES } = (await ask(place, { command: 'profiles' })) as { PROFILES: Record<string, unknown>[] };
    expect(PROFILES[0]).toMatchObject({ 'Profile Name': '375MHz', Watts: expect.any(Number), Step: '-6' });
    expect(await write(place, 'profileset', 'nonsense')).toMatchObject({ STATUS: [{ STATUS: 'E' }] });
    await write(place, 'profileset', '375MHz');
    expect(await config(place)).toMatchObject({ RedLed: 'auto', Profile: '375MHz', ProfileStep: '-6' });
  });

  test('to a deaf miner is answered with yes', async () => {
    const farm = await start(['deaf']);
    expect(await write(farm.place, 'curtail', 'sleep')).toMatchObject({ STATUS: [{ Code: 335 }] });
    await write(farm.place, 'profileset', '375MHz');
    expect([farm.state(), (await config(farm.place)).Profile]).toEqual(['hashing', 'default']);
  });
});
