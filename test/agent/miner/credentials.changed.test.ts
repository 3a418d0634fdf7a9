import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openCredentials } from '../../../agent/miner/credentials.io.ts';
import type { Credentials } from '../../../agent/miner/credentials.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import { type SealedStore, sealedStore } from '../../../agent/miner/sealed.io.ts';
import { parseScope } from '../../../agent/miner/sealed-scope.ts';
import { minerId } from '../../../shared/ids.ts';
import { type Log, silentLog } from '../../../shared/log.ts';
import { millis } from '../../../shared/units.ts';
import { type Replay, replay } from './replay.ts';
import { writeSide } from './whatsminer.ts';

const RIGHT = 'the-right-Password';
const WRONG = 'a-wrong-Password';
const root = mkdtempSync(join(tmpdir(), 'relight-changed-'));
afterAll(() => rmSync(root, { recursive: true }));

let stateDir: string;
let store: SealedStore;
let logged: string[];
beforeEach(() => {
  stateDir = mkdtempSync(join(root, 'a-'));
  store = sealedStore({ stateDir, credentialsDirectory: null });
  logged = [];
});

function set(text: string, password: string, user = 'root'): void {
  const scope = parseScope(text);
  if (scope === null) throw new Error(`no scope: ${text}`);
  store.set(scope, { user, password });
}

/** Looks at the store at every question. */
function opened(options: Readonly<{ credentialsFile?: string; lookEveryMs?: number }> = {}): Credentials {
  const note = (level: string) => (fields: object, text: string) =>
    void logged.push(`${level} ${text} ${JSON.stringify(fields)}`);
  const log: Log = { ...silentLog, info: note('info'), warn: note('warn'), error: note('error') };
  return openCredentials({
    stateDir,
    credentialsDirectory: null,
    credentialsFile: null,
    lookEveryMs: 0,
    log,
    ...options,
  });
}
const passwordOf = (credentials: Credentials, address = '10.1.1.1', family = 'antminer-stock'): string | null =>
  credentials.of({ miner: minerId(address), address, ports: {}, family }, family)?.password ?? null;

describe("an agent's passwords", () => {
  test('come from the sealed store first, and from the plain file after it', () => {
    const credentialsFile = join(stateDir, 'credentials.yaml');
    const text = 'families: { antminer-stock: { user: root, password: plain } }\nminers: {}\n';
    writeFileSync(credentialsFile, text, { mode: 0o600 });
    const credentials = opened({ credentialsFile });
    expect([passwordOf(credentials), passwordOf(credentials, '10.1.1.1', 'vnish')]).toEqual(['plain', null]);
    set('range 10.1.1.0/24', 'sealed');
    expect([passwordOf(credentials), passwordOf(credentials, '10.1.2.1')]).toEqual(['sealed', 'plain']);
  });

  test('are those of the store as it is now: set, set again, removed, and the store itself gone', () => {
    const credentials = opened();
    expect(passwordOf(credentials)).toBeNull();
    set('site', 'one');
    expect(passwordOf(credentials)).toBe('one');
    set('site', 'two');
    expect(passwordOf(credentials)).toBe('two');
    store.remove({ of: 'site' });
    expect(passwordOf(credentials)).toBeNull();
    set('site', 'three');
    expect(passwordOf(credentials)).toBe('three');
    rmSync(store.file);
    expect(passwordOf(credentials)).toBeNull();
    expect(logged).toEqual(Array(5).fill(expect.stringMatching(/^info .*have changed.*"entries":[01]/)));
  });

  test('are not looked for at every question', async () => {
    const credentials = opened({ lookEveryMs: 300 });
    set('site', 'one');
    expect(passwordOf(credentials)).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(passwordOf(credentials)).toBe('one');
  });

  test.each([
    ['is damaged', () => writeFileSync(store.file, '{')],
    [
      'has another key',
      () => {
        writeFileSync(join(stateDir, 'master.key'), Buffer.alloc(32), { mode: 0o600 });
        const text = readFileSync(store.file, 'utf8');
        writeFileSync(store.file, text.replace(/\n$/, ' \n'));
      },
    ],
  ])('stay as they were while the store %s, which is said once', (_, harm) => {
    set('site', WRONG);
    const credentials = opened();
    harm();
    expect([passwordOf(credentials), passwordOf(credentials), passwordOf(credentials)]).toEqual([WRONG, WRONG, WRONG]);
    expect(logged).toEqual([expect.stringMatching(/^error .*cannot be opened/)]);
    expect(logged[0]).toContain(store.file);
    rmSync(store.file);
    set('site', RIGHT);
    expect(passwordOf(credentials)).toBe(RIGHT);
    expect(logged.join('\n')).not.toMatch(new RegExp(`${WRONG}|${RIGHT}`));
  });

  test('are looked for again once their key is in order, though the store is as it was', () => {
    set('site', 'one');
    const credentials = opened();
    chmodSync(join(stateDir, 'master.key'), 0o644);
    const text = readFileSync(store.file, 'utf8');
    writeFileSync(store.file, `${text} `);
    expect([passwordOf(credentials), logged.length]).toEqual(['one', 1]);
    chmodSync(join(stateDir, 'master.key'), 0o600);
    passwordOf(credentials);
    expect(logged.at(-1)).toMatch(/^info/);
  });

  test('do not begin with a store that does not open', () => {
    set('site', 'one');
    rmSync(join(stateDir, 'master.key'));
    expect(() => opened()).toThrow(expect.objectContaining({ code: 'STORE' }));
  });
});

const SUMMARY = { STATUS: { STATUS: 'S' }, SUMMARY: [{ elapsed: 900, rate_5s: 95_000, rate_30m: 95_000 }] };
const page = (path: string, response: unknown) => ({ transport: 'http', request: { method: 'GET', path }, response });
const anAntminer = (): Promise<Replay> =>
  replay({
    family: 'antminer-stock',
    password: RIGHT,
    exchanges: [
      page('/cgi-bin/get_system_info.cgi', { minertype: 'Antminer S19', macaddr: '02:00:00:00:00:01' }),
      page('/cgi-bin/summary.cgi', SUMMARY),
    ],
  });
const reading = (credentials: Credentials) =>
  createMiners({ credentials, deadlineMs: millis(10_000), spacingMs: millis(5) });

describe('a device that has refused a password', () => {
  test('is asked again once another is set for it, and only then', async () => {
    set('site', WRONG);
    const [miners, device] = [reading(opened()), await anAntminer()];
    const { target, asked } = device;
    expect((await miners.read(target)).unreadable).toBe('auth_failed');
    const knocks = asked.length;
    set('miner 10.9.9.9', 'of another miner');
    expect((await miners.read(target)).unreadable).toBe('auth_failed');
    expect(asked).toHaveLength(knocks);
    set('site', RIGHT);
    const { unreadable, snapshot } = await miners.read(target);
    expect([unreadable, snapshot?.model, asked.length > knocks]).toEqual([null, expect.stringContaining('S19'), true]);
    await Promise.all([miners.close(), device.close()]);
  });

  test('is asked again when the same is set again, for it may have been changed at the device', async () => {
    set('site', WRONG);
    const [miners, device] = [reading(opened()), await anAntminer()];
    await miners.read(device.target);
    const knocks = device.asked.length;
    // The stamp has milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 5));
    set('site', WRONG);
    expect((await miners.read(device.target)).unreadable).toBe('auth_failed');
    expect(device.asked.length).toBeGreaterThan(knocks);
    await Promise.all([miners.close(), device.close()]);
  });

  test('takes an order at once, without a wait for the next reading', async () => {
    set('site', WRONG);
    const [miners, device] = [reading(opened()), await anAntminer()];
    await miners.read(device.target);
    expect((await miners.act(device.target, { action: 'reboot' })).result).toBe('auth_failed');
    set('site', RIGHT);
    // The replay has no reboot page: that it says so means that it has taken the password.
    expect((await miners.act(device.target, { action: 'reboot' })).result).toBe('unsupported');
    expect(device.asked.at(-1)).toContain('reboot');
    await Promise.all([miners.close(), device.close()]);
  });

  test('as a Whatsminer does for its write API, takes orders with the new one', async () => {
    set('site', WRONG, 'admin');
    const [miners, device] = [reading(opened()), await writeSide()];
    const restart = () => miners.act(device.target, { action: 'restart' });
    expect([(await restart()).result, (await restart()).result]).toEqual(['auth_failed', 'auth_failed']);
    const writes = device.heard.filter((one) => one === 'enc').length;
    set('family whatsminer-v2', 'admin', 'admin');
    expect([await restart(), writes]).toEqual([{ result: 'sent', detail: null }, 2]);
    await Promise.all([miners.close(), device.close()]);
  });
});
