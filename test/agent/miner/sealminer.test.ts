import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';
import { closeAll, type Replay, replay } from './replay.ts';

/** No capture of it is to be had: these are the sheet's words (17) and cgminer's own (2). */
const miners = minersWith(password('seal', 'word'));
const strangers = minersWith(noCredentials);
let device: PageDevice | Replay | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), strangers.close(), closeAll()]));

const INFO = { minertype: 'SealMiner A2', macaddr: 'AA:BB:CC:00:11:22', hostname: 'seal-7' };
const ours = 'PHPSESSID=abc';
const PAGES: Pages = {
  'POST /cgi-bin/login.php': { says: '', cookie: `${ours}; path=/` },
  'GET /cgi-bin/get_system_info.php': ({ cookie }) => (cookie === ours ? { says: INFO } : { status: 401, says: '' }),
};
async function pages(more: Pages = {}, by = miners) {
  const opened = await pageDevice({ family: 'sealminer', pages: { ...PAGES, ...more } });
  device = opened;
  return { reading: await by.read(opened.target), device: opened };
}

describe('a SealMiner', () => {
  test('is known by its banner, and its port is read without a password', async () => {
    const rpc = (command: string, response: unknown) => ({ transport: 'cgminer-tcp', request: { command }, response });
    device = await replay({
      family: null,
      exchanges: [
        rpc('version', { VERSION: [{ BDMiner: '1.2.3', API: '3.7', Type: 'SealMiner A2' }] }),
        rpc('summary', { SUMMARY: [{ Elapsed: 900, 'MHS 5s': 226_000_000.5, 'MHS av': '225000000' }] }),
        rpc('devs', { DEVS: [{ ASC: 0, 'MHS 5s': 113_000_000, Temperature: 61.5, Status: 'Alive' }] }),
        rpc('pools', { POOLS: [{ POOL: 0, URL: 'stratum+tcp://a:1', Status: 'Alive', 'Stratum Active': true }] }),
      ],
    });
    const { snapshot, unreadable } = await strangers.read(device.target);
    expect(unreadable).toBeNull();
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(snapshot).toMatchObject({
      ...{ family: 'sealminer', model: 'SealMiner A2', firmwareVersion: '1.2.3', apiVersion: '3.7' },
      ...{ uptimeS: 900, hashrateThs: 226.000001, hashrateAvgThs: 225, miningState: 'hashing' },
      boards: [{ index: 0, hashrateThs: 113, boardTempC: 61.5, state: 'Alive', chips: null }],
      pools: [{ url: 'stratum+tcp://a:1', active: true }],
    });
  });

  test('gives its page for the cookie of a login by form', async () => {
    const { reading, device } = await pages();
    expect(reading.snapshot).toMatchObject({ mac: 'aa:bb:cc:00:11:22', hostname: 'seal-7', model: 'SealMiner A2' });
    expect(device.heard.map(({ asked, body }) => [asked, body])).toEqual([
      ['POST /cgi-bin/login.php', 'username=seal&origin_pwd=word'],
      ['GET /cgi-bin/get_system_info.php', null],
    ]);
  });

  test.each([
    ['without a cookie', { says: '' }],
    ['with 403', { status: 403, says: '', cookie: 'id=0' }],
  ])('that answers a login %s is not asked again', async (_, page) => {
    const { reading, device } = await pages({ 'POST /cgi-bin/login.php': page });
    expect(reading.unreadable).toBe('auth_failed');
    expect((await miners.read(device.target)).unreadable).toBe('auth_failed');
    expect(device.heard.map(({ asked }) => asked)).toEqual(['POST /cgi-bin/login.php']);
  });

  test('whose cookie ran out is logged in to once more', async () => {
    let logins = 0;
    const { reading, device } = await pages({
      'POST /cgi-bin/login.php': () => ({ says: '', cookie: `id=${++logins}` }),
      'GET /cgi-bin/get_system_info.php': ({ cookie }) =>
        cookie === 'id=2' ? { says: INFO } : { status: 401, says: '' },
    });
    expect(reading.snapshot?.hostname).toBe('seal-7');
    expect(device.writes()).toHaveLength(2);
  });

  test('whose login is broken is not taken for a wrong password', async () => {
    const { reading } = await pages({ 'POST /cgi-bin/login.php': { status: 500, says: '' } });
    expect(reading.unreadable).toBe('garbage');
  });

  test.each(['reboot', 'restart', 'sleep', 'wake'] as const)('takes no %s that is known', async (action) => {
    const { device } = await pages();
    expect((await miners.act(device.target, { action })).result).toBe('unsupported');
  });
});
