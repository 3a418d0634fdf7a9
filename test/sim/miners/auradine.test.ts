import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, request, rest } from './raw.ts';

afterEach(stopFarms);

const auradine = (faults: readonly FaultKind[] = ['none']) =>
  rehearse({ model: 'Auradine AT1500', family: 'auradine', faults });

type Json = Record<string, unknown>;
const ADMIN = { command: 'token', user: 'admin', password: 'admin' };

async function tokenOf(place: Place): Promise<string> {
  const { json } = await rest(place, { port: 'alt', path: '/token', method: 'POST', json: ADMIN });
  return (json as { Token: { Token: string }[] }).Token[0]?.Token ?? '';
}

/** The rows of one read with a token. */
async function rows(place: Place, path: string, key: string): Promise<Json[]> {
  const { json } = await rest(place, { port: 'alt', path, headers: [`Token: ${await tokenOf(place)}`] });
  return (json as Record<string, Json[]>)[key] ?? [];
}

async function write(place: Place, path: string, json: object): Promise<unknown> {
  const headers = [`Token: ${await tokenOf(place)}`];
  return (await rest(place, { port: 'alt', path, method: 'POST', json, headers })).json;
}

const GOOD = { STATUS: [{ STATUS: 'S' }] };
const BAD = { STATUS: [{ STATUS: 'E' }] };

describe('Auradine', () => {
  test('is known by its page and by the banner of its miner', async () => {
    const { place } = await auradine();
    expect((await request(place, { path: '/' })).body).toContain('Miner UI');
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ GCMiner: '0.5' }] });
    expect(await ask(place, { command: 'devdetails' })).toMatchObject({ DEVDETAILS: [{ Model: 'AT1500' }, {}, {}] });
  });

  test('reads over RPC in MH/s, and refuses to be written there', async () => {
    const { place, farm } = await auradine();
    const { SUMMARY } = (await ask(place, { command: 'summary' })) as { SUMMARY: Json[] };
    expect(SUMMARY[0]?.['MHS 5s']).toBeGreaterThan(100e6);
    expect(await ask(place, { command: 'devs' })).toMatchObject({ DEVS: [{ DEV: 1 }, { DEV: 2 }, { DEV: 3 }] });
    expect(await ask(place, { command: 'restart' })).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 45 }] });
    expect(farm.meter().pushes).toEqual([]);
  });

  test('wants a token for REST, and says E to a wrong password', async () => {
    const { place } = await auradine();
    for (const token of [[], ['Token: 12345']]) {
      expect(await rest(place, { port: 'alt', path: '/mode', headers: token })).toMatchObject({
        status: 401,
        json: BAD,
      });
    }
    const wrong = { ...ADMIN, password: 'x' };
    const answer = await rest(place, { port: 'alt', path: '/token', method: 'POST', json: wrong });
    expect(answer).toMatchObject({ status: 200, json: BAD });
    expect(answer.json).not.toHaveProperty('Token');
    const changed = await auradine(['auth']);
    const refused = await rest(changed.place, { port: 'alt', path: '/token', method: 'POST', json: ADMIN });
    expect(refused.json).toMatchObject(BAD);
  });

  test('shows what it is and draws, with units in the figures', async () => {
    const { place } = await auradine();
    expect(await rows(place, '/ipreport', 'IPReport')).toMatchObject([
      { model: 'AT1500', mac: expect.stringMatching(/^02:/), HBSerialNo: [{}, {}, {}].map(() => expect.any(String)) },
    ]);
    expect(await rows(place, '/psu', 'PSU')).toMatchObject([{ PowerIn: expect.stringMatching(/^\d{4}\.\d\dW$/) }]);
    expect(await rows(place, '/fan', 'Fan')).toHaveLength(4);
    expect(await rows(place, '/temperature', 'Temperature')).toMatchObject([{ ChipTemp: null }, {}, {}, {}]);
  });

  test('shows a board that is gone as dead', async () => {
    const farm = await auradine(['dead-board']);
    outage(farm);
    farm.pass(70_000);
    const { DEVS } = (await ask(farm.place, { command: 'devs' })) as { DEVS: Json[] };
    expect(DEVS[2]).toMatchObject({ Enabled: false, Status: 'Dead', 'MHS 5s': 0 });
    expect(await ask(farm.place, { command: 'asccount' })).toMatchObject({ ASCCount: [{ BoardCount: 2 }] });
  });

  test('sleeps and wakes by its mode', async () => {
    const { place, state, pass, farm } = await auradine();
    expect(await write(place, '/mode', { command: 'mode', sleep: 'on' })).toMatchObject(GOOD);
    expect(state()).toBe('sleeping');
    expect(await rows(place, '/mode', 'Mode')).toMatchObject([{ Sleep: 'on', Mode: 'normal' }]);
    await write(place, '/mode', { command: 'mode', sleep: 'off' });
    pass(70_000);
    expect(state()).toBe('hashing');
    await write(place, '/mode', { command: 'mode', sleep: 'off' });
    expect(farm.meter().pushes).toHaveLength(2);
  });

  test('takes a power limit as a custom mode, and starts anew for it', async () => {
    const { place, farm } = await auradine();
    await write(place, '/mode', { command: 'mode', mode: 'custom', tune: 'power', power: 2_500 });
    expect(farm.meter().pushes).toMatchObject([{ action: 'restart' }]);
    expect(await rows(place, '/mode', 'Mode')).toMatchObject([{ Mode: 'custom', Power: 2_500 }]);
    expect(await write(place, '/mode', { command: 'mode', mode: 'dance' })).toMatchObject(BAD);
  });

  test('lights its LED and takes pools', async () => {
    const { place } = await auradine();
    await write(place, '/led', { command: 'led', code: 3 });
    expect(await rows(place, '/led', 'LED')).toMatchObject([{ Code: 3 }]);
    await write(place, '/led', { command: 'led', code: 2 });
    expect(await rows(place, '/led', 'LED')).toMatchObject([{ Code: 2, Msg: 'Normal' }]);
    const pools = [{ url: 'stratum+tcp://other:3333', user: 'w', pass: 'p' }];
    await write(place, '/updatepools', { command: 'updatepools', pools });
    expect(await ask(place, { command: 'pools' })).toMatchObject({ POOLS: [{ URL: 'stratum+tcp://other:3333' }] });
    expect(await write(place, '/updatepools', { command: 'updatepools', pools: [] })).toMatchObject(BAD);
  });

  test('restarts its miner, and without that parameter the whole device', async () => {
    const farm = await auradine();
    const { place } = farm;
    const token = await tokenOf(place);
    await write(place, '/restart', { command: 'restart', parameter: 'gcminer' });
    farm.pass(70_000);
    await write(place, '/restart', { command: 'restart' });
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'restart' }, { action: 'reboot' }]);
    expect((await request(place, { path: '/' })).heard.error).toBe('ECONNREFUSED');
    farm.pass(20_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await rest(place, { port: 'alt', path: '/fan', headers: [`Token: ${token}`] })).toMatchObject({
      status: 401,
    });
  });
});
