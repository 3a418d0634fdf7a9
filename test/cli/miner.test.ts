import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { realClock } from '../../shared/clock.io.ts';
import { seededRandom } from '../../shared/random.ts';
import { type Farm, loopbackPlaces, startFarm } from '../../sim/index.ts';
import { parse } from '../config/read.ts';
import { ONE_LINE, relight } from './relight.ts';

const SEED = 4711;
const dir = mkdtempSync(join(tmpdir(), 'relight-miner-'));
let farm: Farm;
let read: readonly string[];

beforeAll(async () => {
  const [place] = await loopbackPlaces(1, seededRandom(SEED));
  if (place === undefined) throw new Error('no place');
  const entry = { ...place, model: 'Antminer S19j Pro 104T', family: 'antminer-stock' };
  const site = parse(
    JSON.stringify({ site: 'one', power: { feed: 'site', capW: 9_000, maxBooting: 1, miners: [entry] } }),
  );
  const options = { clock: realClock, random: seededRandom(SEED), seed: SEED, poolServes: () => true };
  farm = await startFarm({ site, faults: new Map(), ...options });
  const { http, rpc } = place.ports;
  read = ['miner', 'read', place.address, '--port', `http=${http}`, '--port', `rpc=${rpc}`];
});
afterAll(async () => {
  await farm.stop();
  rmSync(dir, { recursive: true });
});

describe('reading one miner', () => {
  test('gives the whole snapshot with the login that the maker ships', async () => {
    const { code, out, err } = await relight([...read, '--try-default-credentials', '--json']);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ family: 'antminer-stock', miningState: 'hashing', boards: [{}, {}, {}] });
  });

  test('takes a password from the environment, and from a file that nobody else can read', async () => {
    const login = ['--user', 'root', '--password-env', 'MINER_PASSWORD'];
    const byEnvironment = await relight([...read, ...login], { env: { MINER_PASSWORD: 'root' } });
    expect([byEnvironment.code, byEnvironment.out]).toEqual([0, expect.stringContaining('hashing')]);
    expect(byEnvironment.out).toMatch(/^health +hashing \(none\): \d+ % of its nominal rate/m);

    const file = join(dir, 'credentials.yaml');
    writeFileSync(file, 'families: { antminer-stock: { user: root, password: root } }\n', { mode: 0o600 });
    expect((await relight([...read, '--credentials', file])).code).toBe(0);
    chmodSync(file, 0o644);
    const { code, err } = await relight([...read, '--credentials', file]);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
  });

  test('without a login gives what the miner tells anyone, and says what is missing', async () => {
    const { code, out } = await relight([...read, '--json']);
    expect(code).toBe(0);
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

  test('ends with 1 and one line where nothing answers', async () => {
    const nobody = ['miner', 'read', '127.0.0.1', '--port', 'http=1', '--port', 'rpc=1', '--json'];
    const { code, out, err } = await relight(nobody);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(ONE_LINE);
    expect(err).toContain('refused');
  });
});
