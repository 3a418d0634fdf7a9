import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { askTwice } from '../../cli/password.ts';
import { realClock } from '../../shared/clock.io.ts';
import { seededRandom } from '../../shared/random.ts';
import { type Farm, loopbackPlaces, startFarm } from '../../sim/index.ts';
import { parse, small } from '../config/read.ts';
import { refusedInProcess } from './in-process.ts';
import { type Ended, ONE_LINE, relight, start } from './relight.ts';

const SEED = 815;
const SECRET = 'Correct-Horse-9';
const OTHER = 'Battery-Staple-7';
const dir = mkdtempSync(join(tmpdir(), 'relight-credentials-'));
afterAll(() => rmSync(dir, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}
let count = 0;
/** An agent's file with a state directory of its own. */
function anAgent(siteText?: string): Readonly<{ config: string; stateDir: string }> {
  const name = `agent-${count++}`;
  const reachability = 'reachability: { pools: ["stratum+tcp://127.0.0.1:1"], uplinks: [{ name: isp-1 }] }\n';
  const site = siteText === undefined ? small({}, reachability) : `${siteText}\n${reachability}`;
  write(`${name}.site.yaml`, site);
  const text = `agent: a1\ncontroller: [ws://127.0.0.1:1/agent]\nsite: ${name}.site.yaml\nstateDir: ${name}\n`;
  return { config: write(`${name}.yaml`, text), stateDir: join(dir, name) };
}

const ENV = { env: { MINER_PASSWORD: SECRET } };
const command = (what: string, config: string, ...more: readonly string[]): readonly string[] => [
  'credentials',
  what,
  '--config',
  config,
  ...more,
];
const setByEnv = (config: string, ...scope: readonly string[]): Promise<Ended> =>
  relight(command('set', config, ...scope, '--user', 'root', '--password-env', 'MINER_PASSWORD', '--json'), ENV);

function grep(stateDir: string, word: string): readonly string[] {
  return readdirSync(stateDir, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && readFileSync(join(one.parentPath, one.name)).includes(word))
    .map(({ name }) => name);
}

describe('relight credentials', () => {
  test('keeps, lists and forgets logins, and tells nobody a password', async () => {
    const { config, stateDir } = anAgent();
    const said: Ended[] = [];
    const run = async (ended: Promise<Ended>): Promise<unknown> => {
      const one = await ended;
      said.push(one);
      return one.out === '' ? one.code : JSON.parse(one.out);
    };
    const setAt = expect.any(String);
    expect(await run(setByEnv(config, '--site'))).toEqual({ scope: 'site', user: 'root', setAt, replaced: false });
    const piped = command('set', config, '--range', '10.1.1.9/24', '--user', 'admin', '--password-stdin', '--json');
    expect(await run(relight(piped, { input: `${OTHER}\n` }))).toMatchObject({ scope: 'range 10.1.1.0/24' });
    expect(await run(relight(piped, { input: `${OTHER}\r\n` }))).toMatchObject({ replaced: true });
    expect(await run(relight(command('list', config, '--json')))).toEqual({
      store: join(stateDir, 'credentials.sealed'),
      entries: [
        { scope: 'site', user: 'root', setAt },
        { scope: 'range 10.1.1.0/24', user: 'admin', setAt },
      ],
    });
    const plain = await relight(command('list', config));
    expect([plain.code, plain.err, plain.out]).toEqual([0, '', expect.stringMatching(/range 10\.1\.1\.0\/24 +admin/)]);
    expect(await run(relight(command('remove', config, '--site', '--json')))).toEqual({ scope: 'site', removed: true });
    expect(await run(relight(command('remove', config, '--site', '--json')))).toBe(2);

    for (const word of [SECRET, OTHER]) {
      expect(JSON.stringify([...said, plain])).not.toContain(word);
      expect([word, grep(stateDir, word)]).toEqual([word, []]);
    }
    expect(readdirSync(stateDir).sort()).toEqual(['credentials.sealed', 'master.key']);
  }, 40_000);

  test('keeps a login that covers no miner of this agent, and warns', async () => {
    const { config } = anAgent();
    for (const scope of [
      ['--miner', 'foo'],
      ['--miner', '10.9.9.9'],
      ['--range', '10.9.9.0/24'],
    ]) {
      const { code, out, err } = await setByEnv(config, ...scope);
      expect([code, JSON.parse(out).replaced, err]).toEqual([0, false, expect.stringMatching(ONE_LINE)]);
      expect(err).toContain('no miner of this agent');
    }
    const [miner = ''] = parse(small()).miners.keys();
    for (const scope of [['--miner', miner], ['--site'], ['--family', 'vnish']]) {
      expect((await setByEnv(config, ...scope)).err).toBe('');
    }
  }, 40_000);

  test('says in one line what is wrong with a store, and which file it is', async () => {
    const { config, stateDir } = anAgent();
    await setByEnv(config, '--site');
    writeFileSync(join(stateDir, 'master.key'), Buffer.alloc(32));
    const { code, out, err } = await relight(command('list', config, '--json'));
    expect([code, out, err]).toEqual([1, '', expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(join(stateDir, 'credentials.sealed'));
  });

  const { config } = anAgent();
  const user = ['--user', 'root'];
  test.each([
    ['no scope', command('set', config, ...user, '--empty-password'), 'exactly one of --site'],
    ['two scopes', command('set', config, '--site', '--family', 'vnish', ...user, '--empty-password'), 'exactly one'],
    ['a range that is none', command('set', config, '--range', '10.1.1', ...user, '--empty-password'), '10.1.1.0/24'],
    ['a miner that is none', command('set', config, '--miner', '10.1.1.300', ...user, '--empty-password'), 'address'],
    ['an unknown family', command('remove', config, '--family', 'vnsh'), 'vnish'],
    ['no user', command('set', config, '--site', '--empty-password'), '--user'],
    ['no configuration', ['credentials', 'list'], '--config'],
    ['no command', ['credentials'], 'set, list, remove'],
    ['two sources', command('set', config, '--site', ...user, '--password-env', 'X', '--password-stdin'), 'cannot be'],
  ])('with %s ends with 2 and one line', async (_, args, says) => {
    const { code, err } = await refusedInProcess(args);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
  });

  test('repeats no password that was given where it does not belong', async () => {
    for (const flag of [['--password', SECRET], ['--password-env', SECRET], [`--password=${SECRET}`], [SECRET]]) {
      const { code, err } = await refusedInProcess(command('set', config, '--site', ...user, ...flag));
      expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
      expect(err).not.toContain(SECRET);
    }
    const { err } = await refusedInProcess(['miner', 'read', '127.0.0.1', ...user, '--password-env', SECRET]);
    expect(err).not.toContain(SECRET);
  });

  test.each([
    ['nothing', undefined, 'no terminal'],
    ['an empty line', '\n', '--empty-password'],
    ['two lines', `${SECRET}\n${SECRET}\n`, 'more than one line'],
    ['too much', 'x'.repeat(5_000), 'longer'],
  ])('takes %s for no password', async (_, input, says) => {
    const { config: own, stateDir } = anAgent();
    const source = input === undefined ? [] : ['--password-stdin'];
    const args = command('set', own, '--site', ...user, ...source);
    const { code, err } = await relight(args, input === undefined ? {} : { input });
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
    expect(err).not.toContain(SECRET);
    expect(() => readdirSync(stateDir)).toThrow(/ENOENT/);
  });
});

describe('a person who is asked for a password', () => {
  function terminal(): Readonly<{ input: PassThrough; output: PassThrough; seen(): string }> {
    const [input, output] = [new PassThrough(), new PassThrough()];
    let shown = '';
    output.on('data', (chunk) => {
      shown += String(chunk);
    });
    return { input, output, seen: () => shown };
  }

  test('types it twice, and sees nothing of it', async () => {
    const { input, output, seen } = terminal();
    const asked = askTwice({ input, output });
    input.write(`${SECRET}\r`);
    input.write(`${SECRET}\r`);
    expect(await asked).toBe(SECRET);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen()).toBe('password: \nonce more: \n');
  });

  test.each([
    ['differs', `${SECRET}\r${OTHER}\r`],
    ['ends with Ctrl-C', `${SECRET}\r${SECRET}\u0003`],
    ['ends with Ctrl-D', '\u0004'],
  ])('is not believed where it %s', async (_, typed) => {
    const { input, output, seen } = terminal();
    const asked = askTwice({ input, output });
    input.write(typed);
    await expect(asked).rejects.toMatchObject({ code: 'USAGE' });
    expect(seen()).not.toContain(SECRET);
  });
});

describe('with --config', () => {
  let farm: Farm;
  let miner: readonly string[];
  let address = '';
  let entry: object;
  beforeAll(async () => {
    const [place] = await loopbackPlaces(1, seededRandom(SEED));
    if (place === undefined) throw new Error('no place');
    address = place.address;
    entry = { ...place, model: 'Antminer S19j Pro 104T', family: 'antminer-stock' };
    const site = parse(
      JSON.stringify({ site: 'one', power: { feed: 'site', capW: 9_000, maxBooting: 1, miners: [entry] } }),
    );
    const options = { clock: realClock, random: seededRandom(SEED), seed: SEED, poolServes: () => true };
    farm = await startFarm({ site, faults: new Map(), ...options });
    miner = [address, '--port', `http=${place.ports.http}`, '--port', `rpc=${place.ports.rpc}`];
  });
  afterAll(() => farm.stop());

  test("a miner is read, and a range scanned, with the agent's own logins", async () => {
    const { config } = anAgent();
    const read = ['miner', 'read', ...miner, '--family', 'antminer-stock', '--config', config, '--json'];
    const before = await relight(read);
    expect([before.code, JSON.parse(before.out).mac]).toEqual([0, null]);
    const right = { input: 'root' };
    await relight(command('set', config, '--miner', address, '--user', 'root', '--password-stdin'), right);
    const after = await relight(read);
    expect([after.code, after.err, JSON.parse(after.out)]).toEqual([
      0,
      '',
      expect.objectContaining({ miningState: 'hashing', mac: expect.any(String) }),
    ]);
    const scan = await relight(['scan', ...miner, '--config', config, '--json']);
    expect(JSON.parse(scan.out).miners).toMatchObject([{ family: 'antminer-stock', miningState: 'hashing' }]);
  }, 60_000);

  test('a miner is asked, ordered and scanned at the ports that the site file has, unless a flag says otherwise', async () => {
    const asPort = (miners: readonly object[]) =>
      anAgent(`site: one\npower: { feed: site, capW: 90000, maxBooting: 1, miners: ${JSON.stringify(miners)} }`).config;
    const config = asPort([entry]);
    await relight(command('set', config, '--site', '--user', 'root', '--password-stdin'), { input: 'root' });
    for (const [args, seen] of [
      [['miner', 'read', address], { family: 'antminer-stock', miningState: 'hashing' }],
      [['miner', 'wake', address], { result: 'done' }],
      [['scan', address], { miners: [{ family: 'antminer-stock', miningState: 'hashing' }] }],
    ] as const) {
      const { code, err, out } = await relight([...args, '--config', config, '--json']);
      expect([code, err, JSON.parse(out)]).toMatchObject([0, '', seen]);
    }
    const closed = ['--port', 'http=1', '--port', 'rpc=1'];
    const other = await relight(['miner', 'read', address, ...closed, '--config', config]);
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('connection refused')]);
    const two = asPort([entry, { ...entry, ports: { http: 1, rpc: 2 } }]);
    const { code, err } = await refusedInProcess(['miner', 'read', address, '--config', two]);
    expect([code, err]).toEqual([2, expect.stringMatching(/^relight: several miners [^\n]*--port[^\n]*\n$/)]);
  }, 60_000);

  test('no other login is taken', async () => {
    const { config } = anAgent();
    for (const also of [
      ['--credentials', 'x'],
      ['--user', 'root', '--password-env', 'X'],
      ['--try-default-credentials'],
    ]) {
      for (const at of [
        ['miner', 'read', '127.0.0.1'],
        ['miner', 'reboot', '127.0.0.1'],
        ['scan', '127.0.0.1'],
      ]) {
        const { code, err } = await refusedInProcess([...at, '--config', config, ...also]);
        expect([code, err]).toEqual([2, expect.stringMatching(/^relight: [^\n]*cannot be used with[^\n]*\n$/)]);
      }
    }
  });

  test('a store that does not open is said, not passed over', async () => {
    const { config, stateDir } = anAgent();
    await setByEnv(config, '--site');
    writeFileSync(join(stateDir, 'credentials.sealed'), '{}');
    const { code, out, err } = await relight(['miner', 'read', ...miner, '--config', config, '--json']);
    expect([code, out, err]).toEqual([1, '', expect.stringMatching(ONE_LINE)]);
    expect(err).toContain('credentials.sealed');
    const daemon = await relight(['agent', '--config', config]);
    expect([daemon.code, daemon.err]).toEqual([1, expect.stringContaining('credentials.sealed')]);
  }, 40_000);

  test("the agent's log has no password", async () => {
    const { config } = anAgent();
    await setByEnv(config, '--site');
    const { child, saw, ended } = start(['agent', '--config', config, '--log-level', 'debug']);
    await saw('the agent and its key');
    await relight(command('set', config, '--family', 'vnish', '--user', '', '--password-stdin'), { input: OTHER });
    await saw('the sealed credentials have changed');
    child.kill('SIGTERM');
    const { err } = await ended;
    expect(err).not.toMatch(new RegExp(`${SECRET}|${OTHER}`));
  }, 60_000);
});
