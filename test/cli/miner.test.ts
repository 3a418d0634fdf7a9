import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { realClock } from '../../shared/clock.io.ts';
import { seededRandom } from '../../shared/random.ts';
import { type Farm, loopbackPlaces, startFarm } from '../../sim/index.ts';
import { rig } from '../agent/miner/tls-device.ts';
import { parse } from '../config/read.ts';
import { refusedInProcess } from './in-process.ts';
import { ONE_LINE, relight } from './relight.ts';

const SEED = 4711;
const dir = mkdtempSync(join(tmpdir(), 'relight-miner-'));
const farms: Farm[] = [];
let read: readonly string[];
let at: readonly string[];

beforeAll(async () => {
  const place = await placeOf({ model: 'Antminer S19j Pro 104T', family: 'antminer-stock' });
  const { http, rpc } = place.ports;
  at = [place.address, '--port', `http=${http}`, '--port', `rpc=${rpc}`];
  read = ['miner', 'read', ...at];
});
afterAll(async () => {
  await Promise.all(farms.map((farm) => farm.stop()));
  rmSync(dir, { recursive: true });
});

/** Where a virtual miner of its own stands. */
async function placeOf(miner: Readonly<{ model: string; family: string }>) {
  const [free] = await loopbackPlaces(1, seededRandom(SEED + farms.length));
  if (free === undefined) throw new Error('no place');
  const place = { address: free.address, ports: { ...free.ports, grpc: free.ports.rpc + 1 } };
  const power = { feed: 'site', capW: 9_000, maxBooting: 1, miners: [{ ...place, ...miner }] };
  const profiles = { [miner.model]: { steadyW: 3_000, bootOverheadW: 600, bootMs: 60_000, hashrateThs: 104 } };
  const site = parse(JSON.stringify({ site: 'one', power, profiles }));
  const options = { clock: realClock, random: seededRandom(SEED), seed: SEED, poolServes: () => true };
  farms.push(await startFarm({ site, faults: new Map(), ...options }));
  return place;
}

describe('reading one miner', () => {
  test('gives the whole snapshot with the login that the maker ships', async () => {
    const { code, out, err } = await relight([...read, '--try-default-credentials', '--json']);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ family: 'antminer-stock', miningState: 'hashing', boards: [{}, {}, {}] });
  });

  test('asks one that speaks gRPC at the port that it is told', async () => {
    const { address, ports } = await placeOf({ model: 'Antminer S19j Pro 104T (Braiins OS 24.09)', family: 'braiins' });
    const told = Object.entries(ports).flatMap(([name, port]) => ['--port', `${name}=${port}`]);
    const login = ['--user', 'root', '--password-env', 'MINER_PASSWORD', '--json'];
    const { code, out } = await relight(['miner', 'read', address, ...told, ...login], {
      env: { MINER_PASSWORD: 'root' },
    });
    // Only gRPC has the serial number.
    expect([code, JSON.parse(out)]).toMatchObject([0, { family: 'braiins', serial: expect.stringMatching(/^SIMB/) }]);
  });

  test('takes a password from the environment, and from a file that nobody else can read', async () => {
    const login = ['--user', 'root', '--password-env', 'MINER_PASSWORD'];
    const byEnvironment = await relight([...read, ...login], { env: { MINER_PASSWORD: 'root' } });
    expect([byEnvironment.code, byEnvironment.out]).toEqual([0, expect.stringContaining('hashing')]);
    expect(byEnvironment.out).toMatch(/^health +hashing: \d+ % of its nominal rate/m);

    const file = join(dir, 'credentials.yaml');
    writeFileSync(file, 'families: { antminer-stock: { user: root, password: root } }\n', { mode: 0o600 });
    expect((await relight([...read, '--credentials', file])).code).toBe(0);
    chmodSync(file, 0o644);
    const { code, err } = await relight([...read, '--credentials', file]);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
  });

  test('reaches a miner that answers over TLS alone, on the port that is named', async () => {
    const device = await rig();
    const { code, out } = await relight(['miner', 'read', '127.0.0.1', '--port', `http=${device.port}`, '--json']);
    await device.close();
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ family: 'proto', miningState: 'hashing', hashrateThs: 141 });
  });

  test('without a login gives what the miner tells anyone, and says what is missing', async () => {
    const { code, out } = await relight([...read, '--json']);
    expect(code).toBe(0);
    const text = (await relight(read)).out;
    expect(text).toMatch(/^hash rate +\d[\d.]* of \d+(\.\d+)? TH\/s, average \d[\d.]* TH\/s$/m);
    expect(text).toMatch(/^air +(–|(in|out) [^–]*)$/m);
    expect(text).not.toMatch(/–[ ,]+.*–$/m);
    const { mac, partial } = JSON.parse(out);
    expect([mac, partial[0]]).toEqual([null, { read: 'system info', why: expect.stringContaining('no_credentials') }]);
  });

  test('with a wrong password says so, and claims nothing that it did not see', async () => {
    const wrong = { env: { MINER_PASSWORD: 'wrong' } };
    const { code, out, err } = await relight(
      [...read, '--user', 'root', '--password-env', 'MINER_PASSWORD', '--json'],
      wrong,
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ family: 'antminer-stock', miningState: 'unknown' });
    expect(err).toMatch(/^relight: .* was read in part: auth_failed/);
  });

  test('ends with 1, one line and one document where nothing answers', async () => {
    const nobody = ['miner', 'read', '127.0.0.1', '--port', 'http=1', '--port', 'rpc=1', '--json'];
    const { code, out, err } = await relight(nobody);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      ip: '127.0.0.1',
      unreadable: 'refused',
      detail: 'connection refused (port 1)',
      snapshot: null,
      health: { condition: 'unknown', rung: 'wait', evidence: ['refuses connections'] },
    });
    expect(err).toMatch(ONE_LINE);
    expect(err).toContain('refused');
  });
});

describe('a miner that is not there', () => {
  const known = ['--family', 'antminer-stock'];
  test.each([[[]], [known]])('%j: a name without an address is told in words, once', async (family) => {
    const { code, out, err } = await relight(['miner', 'read', 'no-such-miner.invalid', ...family]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^relight: [^\n]*no(?: address is known|.name server)[^\n]*\n$/);
    expect(err).not.toMatch(/ENOTFOUND|EAI_|(\bno [^;]*);.*\1/);
  });

  test('is told with the ports that were tried, and once where both fared alike', async () => {
    const { err } = await relight(['miner', 'read', '127.0.0.1', '--port', 'http=1', '--port', 'rpc=2']);
    expect(err).toMatch(/refused: connection refused \(ports 2 and 1\)\n$/);
  });
});

describe('ordering one miner', () => {
  const known = '--try-default-credentials';

  test('ends with 0 when the effect was seen, and the document tells what was before and after', async () => {
    const { code, out } = await relight(['miner', 'locate', ...at, known, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      action: 'locate',
      result: 'done',
      before: { locating: false },
      after: { locating: true },
    });
    const again = await relight(['miner', 'locate', ...at, known]);
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('it already was so')]);
    expect((await relight(['miner', 'locate', ...at, '--off', known])).code).toBe(0);
  }, 30_000);

  test('is told by the name that it was given by', async () => {
    const { code, out } = await relight(['miner', 'limit', ...at.slice(0, 1), '3000', ...at.slice(1), known]);
    expect([code, out]).toEqual([1, expect.stringMatching(/^\S+ limit unsupported after .*: antminer-stock has no /)]);
  });

  test('ends with 1 where the family has no such thing, and says so', async () => {
    const { code, out } = await relight(['miner', 'restart', ...at, known, '--json']);
    expect([code, JSON.parse(out).result]).toEqual([1, 'unsupported']);
  });

  test('says how one is named where a password is wanted and none was', async () => {
    const { code, out, err } = await relight(['miner', 'reboot', ...at, '--json']);
    expect([code, JSON.parse(out).result]).toEqual([1, 'auth_failed']);
    expect(err).toMatch(/^relight: no password was named: .*--try-default-credentials[^\n]*\n$/);
  });

  test('ends with 1 for a wrong password, and nothing was written', async () => {
    const wrong = { env: { MINER_PASSWORD: 'wrong' } };
    const flags = ['--user', 'root', '--password-env', 'MINER_PASSWORD', '--json'];
    const { code, out } = await relight(['miner', 'reboot', ...at, ...flags], wrong);
    expect([code, JSON.parse(out).result, farms[0]?.meter().pushes]).toEqual([1, 'auth_failed', []]);
  });

  test.each([
    ['an address that is none', ['reboot', '300.1.1.1'], /an address or a name alone/],
    ['an address with a scheme', ['read', 'http://10.9.9.9'], /an address or a name alone/],
    ['an address with a port', ['wake', '10.9.9.9:8080'], /10\.9\.9\.9 --port http=8080/],
    ['no address', ['read', ''], /an address or a name alone/],
    ['watts that are none', ['limit', '10.9.9.9', 'much'], /a whole number from 1 to 100000/],
    ['pools without a worker', ['pools', '10.9.9.9', '--pool', 'stratum+tcp://pool:1'], /URL,WORKER is wanted/],
    ['a pool of another scheme', ['pools', '10.9.9.9', '--pool', 'http://a.example:3333,w'], /"http:.*stratum\+ssl/],
    ['a pool without a port', ['pools', '10.9.9.9', '--pool', 'stratum+tcp://a.example,w'], /host:port/],
    ['a pool at no port', ['pools', '10.9.9.9', '--pool', 'stratum+ssl://a.example:99999,w'], /host:port/],
    [
      'a pool with a login',
      ['pools', '10.9.9.9', '--pool', 'stratum+tcp://me:hidden@a:1,w'],
      /login in it(?!.*hidden)/,
    ],
    ['pools that are none at all', ['pools', '10.9.9.9'], /--pool/],
    ['a grace that is no number', ['wake', '10.9.9.9', '--grace-s', 'soon'], /a whole number from 1 to 86400/],
    ['a family by its first name', ['read', '10.9.9.9', '--family', 'antminer'], /did you mean antminer-stock\?/],
    ['a family with a slip', ['read', '10.9.9.9', '--family', 'antminer-stok'], /did you mean antminer-stock\?/],
    ['a port that nobody knows', ['read', '10.9.9.9', '--port', 'rcp=1'], /did you mean rpc/],
    [
      'a password that is not there',
      ['read', '10.9.9.9', '--user', 'u', '--password-env', 'NOWHERE'],
      /NOWHERE.*is not set/,
    ],
  ] as const)('refuses %s before anybody is asked', async (_, args, why) => {
    const { code, err } = await refusedInProcess(['miner', ...args]);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toMatch(why);
  });
});

describe('scanning', () => {
  test('finds the miner, and nobody beside it', async () => {
    const [address = '', ...ports] = at;
    const { code, out } = await relight(['scan', `${address}/31`, ...ports, '--json']);
    const { complete, miners, tried } = JSON.parse(out);
    expect([code, complete, tried]).toEqual([0, true, 2]);
    expect(miners).toEqual([
      expect.objectContaining({ address, family: 'antminer-stock', model: 'Antminer S19j Pro' }),
    ]);
  });

  test('tries an address once, however often it is named', async () => {
    const [address = '', ...ports] = at;
    const { out } = await relight(['scan', address, `${address}/31`, address, ...ports, '--json']);
    const { miners, total } = JSON.parse(out);
    expect([total, miners.length]).toEqual([2, 1]);
  });

  test('misses nobody where this host has fewer sockets than addresses to try', async () => {
    const [address = '', ...ports] = at;
    const from = `127.${address.split('.')[1]}.0.0`; // it is the last of 258
    const flags = [...ports, '--port', 'v3=1', '--port', 'alt=1', '--rate', '5000', '--json'];
    const { code, out } = await relight(['scan', `${from}-${address}`, ...flags], { filesMax: 60 });
    const { complete, miners, tried } = JSON.parse(out);
    expect([code, complete, tried]).toEqual([0, true, 258]);
    expect(miners).toContainEqual(expect.objectContaining({ address, family: 'antminer-stock' }));
  });

  test.each([
    ['no range', [], /needs a range/],
    ['a range where it is to hear', ['10.1.1.0/24', '--listen', '1'], /both cannot be meant/],
    ['what is none', ['10.1.1.x'], /is no range/],
    ['more than a /16', ['10.0.0.0/15'], /--wide/],
    ['many ranges that are too many together', ['10.0.0.0/16', '10.1.0.0/24'], /--wide/],
  ] as const)('refuses %s', async (_, ranges, why) => {
    const { code, err } = await refusedInProcess(['scan', ...ranges, '--json']);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toMatch(why);
  });
});
