import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, type Rehearsal, rehearse, stopFarms } from './farm.ts';
import { ask, rpcOf, rpcText, say } from './raw.ts';

afterEach(stopFarms);

const A13 = 'AvalonMiner 1346';
const A10 = 'AvalonMiner 1066';
const start = (faults: readonly FaultKind[] = ['none'], model = A13): Promise<Rehearsal> =>
  rehearse({ model, family: 'avalon', faults });
const q = () => start(['none'], 'Avalon Q');

/** The items of the module's one string. */
async function items(place: Place): Promise<Record<string, string>> {
  const { STATS } = (await ask(place, { command: 'estats' })) as { STATS: Record<string, string>[] };
  const text = STATS[0]?.['MM ID0'] ?? STATS[0]?.['MM ID0:Summary'] ?? '';
  return Object.fromEntries(
    [...text.matchAll(/([A-Za-z0-9_]+)\[([^\]]*)\]/g)].map(([, key = '', value]) => [key, value ?? '']),
  );
}

const ascset = (place: Place, parameter: string) =>
  ask(place, { command: 'ascset', parameter }).catch(() => 'closed' as const);

/** The miner's own clock, as a client has to take it: `When` of a reply, and five seconds. */
async function soon(place: Place): Promise<number> {
  const { STATUS } = (await ask(place, { command: 'version' })) as { STATUS: { When: number }[] };
  return (STATUS[0]?.When ?? 0) + 5;
}

/** Both words for yes, and no word at all. */
const yes = (reply: unknown): boolean => reply === 'closed' || /"Code":11[89]/.test(JSON.stringify(reply));

describe('the reads', () => {
  test('name model, bin and serial', async () => {
    const { place } = await start();
    expect(await ask(place, { command: 'version' })).toMatchObject({
      VERSION: [{ PROD: 'AvalonMiner 1346-104', API: '3.7', MAC: expect.stringMatching(/^[\da-f]{12}$/) }],
    });
  });

  test('show a miner at work in one string', async () => {
    const { place } = await start();
    const { PS = '', ...rest } = await items(place);
    expect(rest).toMatchObject({
      SYSTEMSTATU: 'Work: In Work, Hash Board: 3 ',
      GHSmm: '104000.00',
      SoftOFF: '0',
      Led: '0',
      MTmax: expect.stringMatching(/^\d+ \d+ \d+$/),
    });
    expect(Number(rest.GHSspd)).toBeGreaterThan(100_000);
    expect(Number(PS.split(' ')[4])).toBeGreaterThan(2_500);
  });

  test('of an A10 have no rate of the moment and no soft-off', async () => {
    const { place } = await start(['none'], A10);
    const all = await items(place);
    expect(all).not.toHaveProperty('GHSspd');
    expect(all).not.toHaveProperty('SoftOFF');
    expect(all.PS?.split(' ')).toHaveLength(6);
  });

  test('answer text with text that escapes nothing, and a home model with JSON', async () => {
    const [old, home] = [await start(), await q()];
    expect(await rpcText(old.place, 'estats')).toMatch(
      /^STATUS=S,When=\d+,Code=70,.*\|STATS=0,ID=AVA100,.*SYSTEMSTATU\[Work: In Work, Hash Board: 3 \].*\|$/,
    );
    expect(await rpcText(old.place, 'pools')).toContain('|POOL=0,URL=stratum+tcp://');
    expect(JSON.parse((await rpcText(home.place, 'litestats')) ?? '')).toMatchObject({
      STATS: [{ 'MM ID0:Summary': expect.stringContaining("'STATS':{Ver[Q-25052801_14a19a2]") }, {}],
    });
    expect(await ask(old.place, { command: 'litestats' })).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 14 }] });
  });

  test('come joined', async () => {
    const { place } = await start();
    expect(await ask(place, { command: 'summary+pools' })).toMatchObject({
      summary: [{ SUMMARY: [{ Accepted: expect.any(Number) }] }],
      pools: [{ POOLS: [{ Status: 'Alive' }] }],
      id: 1,
    });
  });

  test('show no pool, a lost board, heat and a supply that gave up', async () => {
    const away = await start();
    outage(away, false);
    expect(await items(away.place)).toMatchObject({ SYSTEMSTATU: 'Work: In Idle, Hash Board: 3 ', SoftOFF: '0' });
    expect(await ask(away.place, { command: 'pools' })).toMatchObject({ POOLS: [{ Status: 'Dead' }] });
    const short = await start(['dead-board']);
    outage(short);
    short.pass(70_000);
    expect(await items(short.place)).toMatchObject({ SYSTEMSTATU: 'Work: In Work, Hash Board: 2 ', ECHU: '0 0 513' });
    const hot = await start(['hot-inlet']);
    outage(hot);
    expect(await items(hot.place)).toMatchObject({ Temp: '49', ECHU: '128 128 128' });
  });
});

describe('an order', () => {
  test('puts it to sleep at the time that it names, and wakes it', async () => {
    for (const model of [A13, 'Avalon Q']) {
      const farm = await start(['none'], model);
      expect(yes(await ascset(farm.place, `0,softoff,1:${await soon(farm.place)}`))).toBe(true);
      farm.pass(4_900);
      expect(farm.state()).toBe('hashing');
      farm.pass(200);
      expect(farm.state()).toBe('sleeping');
      expect(await items(farm.place)).toMatchObject({ SoftOFF: '4', GHSspd: '0.00' });
      expect(yes(await ascset(farm.place, `0,softon,1:${await soon(farm.place)}`))).toBe(true);
      farm.pass(5_100);
      farm.pass(60_000);
      expect(farm.state()).toBe('hashing');
    }
  });

  test('of the same kind is answered in three ways by different miners', async () => {
    const farm = await start(Array.from({ length: 40 }, () => 'none'));
    const ways = new Set<string>();
    for (const { address, ports } of farm.site.miners.values()) {
      const place = { address, ports: { http: ports.http ?? 0, rpc: ports.rpc ?? 0 } };
      const reply = await ascset(place, '0,softon');
      ways.add(reply === 'closed' ? 'closed' : String((reply.STATUS as { Code: number }[])[0]?.Code));
    }
    expect([...ways].sort()).toEqual(['118', '119', 'closed']);
  });

  test('restarts the process, or reboots without a word', async () => {
    const farm = await start(['hung']);
    outage(farm);
    expect(await ask(farm.place, { command: 'restart' })).toEqual({ STATUS: 'RESTART', id: 1 });
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    expect(await say(rpcOf(farm.place), 'ascset|0,reboot,0')).toMatchObject({ text: '', closed: true });
    expect(farm.state()).toBe('booting');
  });

  test('cuts the hash power of an A10, and only a reboot brings it back', async () => {
    const farm = await start(['none'], A10);
    expect(await ascset(farm.place, '0,softoff')).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 120 }] });
    expect(await ascset(farm.place, '0,hashpower')).toMatchObject({ STATUS: [{ Code: 118 }] });
    expect(await ascset(farm.place, '0,hashpower,0')).toMatchObject({ STATUS: [{ Code: 119 }] });
    expect(farm.state()).toBe('sleeping');
    await ascset(farm.place, '0,reboot,0');
    farm.pass(80_000);
    expect(farm.state()).toBe('hashing');
  });

  test('lights the LED of the module that the generation counts', async () => {
    for (const [model, module, other] of [
      [A10, 1, 0],
      [A13, 0, 1],
    ] as const) {
      const { place } = await start(['none'], model);
      expect(await ascset(place, `0,led,${other}-1`)).toMatchObject({ STATUS: [{ Code: 120 }] });
      expect(await ascset(place, `0,led,${module}-1`)).toMatchObject({ STATUS: [{ Code: 119 }] });
      expect(await ascset(place, `0,led,${module}-255`)).toMatchObject({ STATUS: [{ Msg: 'ASC 0 set info: LED[1]' }] });
      expect(await items(place)).toMatchObject({ Led: '1' });
    }
    const home = await q();
    expect(JSON.stringify(await ascset(home.place, '0,help'))).not.toContain('led');
    expect(await ascset(home.place, '0,led,1-1')).toMatchObject({ STATUS: [{ Code: 120 }] });
  });

  test('limits the power of a home model', async () => {
    const { place } = await q();
    expect(await ascset(place, '0,worklevel,set,800')).toMatchObject({ STATUS: [{ Code: 119 }] });
    expect(await items(place)).toMatchObject({ MPO: '800' });
  });

  test('sets pools for whoever knows the login, from the next reboot on', async () => {
    const farm = await start();
    const order = (password: string) => ascset(farm.place, `0,setpool,root,${password},0,stratum+tcp://p:1,w.1,x`);
    expect(await order('guess')).toMatchObject({
      STATUS: [{ Code: 120, Msg: expect.stringContaining('Auth Failed! password invalid!') }],
    });
    expect(await order('root')).toMatchObject({ STATUS: [{ Code: 119 }] });
    const url = async () => ((await ask(farm.place, { command: 'pools' })).POOLS as { URL: string }[])[0]?.URL;
    expect(await url()).not.toBe('stratum+tcp://p:1');
    await ascset(farm.place, '0,reboot,0');
    farm.pass(80_000);
    expect(await url()).toBe('stratum+tcp://p:1');
  });

  test('is refused where the API gives no write access, and without effect on a deaf miner', async () => {
    const [off, deaf] = [await start(['api-off']), await start(['deaf'])];
    for (const command of ['privileged', 'restart']) {
      expect(await ask(off.place, { command })).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 45 }] });
    }
    expect(yes(await ascset(deaf.place, '0,softoff'))).toBe(true);
    expect(yes(await ascset(deaf.place, '0,led,0-1'))).toBe(true);
    expect([deaf.state(), (await items(deaf.place)).Led]).toEqual(['hashing', '0']);
  });
});
