import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readSealed, type SealedPlace, type SealedStore, sealedStore } from '../../../agent/miner/sealed.io.ts';
import type { SealedEntry, SealedFile } from '../../../agent/miner/sealed.ts';
import { credentialsOf, parseScope, type Scope, scopeText } from '../../../agent/miner/sealed-scope.ts';
import { RelightError } from '../../../shared/errors.ts';
import { minerId } from '../../../shared/ids.ts';
import fc from '../../properties.ts';

const SECRET = 'Tr0ub4dor-and-3';
const root = mkdtempSync(join(tmpdir(), 'relight-sealed-'));
afterAll(() => rmSync(root, { recursive: true }));

let place: Required<SealedPlace>;
let store: SealedStore;
beforeEach(() => {
  place = { stateDir: join(mkdtempSync(join(root, 'a-')), 'state'), credentialsDirectory: null };
  store = sealedStore(place);
});

function scope(text: string): Scope {
  const parsed = parseScope(text);
  if (parsed === null) throw new Error(`no scope: ${text}`);
  return parsed;
}
const set = (text: string, password = SECRET, user = 'root') => store.set(scope(text), { user, password });
const keyFile = (): string => join(place.stateDir, 'master.key');
const modeOf = (file: string): number => statSync(file).mode & 0o777;
const stored = (): SealedFile => JSON.parse(readFileSync(store.file, 'utf8'));
const rewrite = (change: (file: SealedFile) => object): void =>
  writeFileSync(store.file, JSON.stringify(change(stored())));

function refusal(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof RelightError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('not refused');
}

describe('the sealed store', () => {
  test('gives back what was set, and lists no password', () => {
    expect(set('site', SECRET, 'admin').replaced).toBe(false);
    expect(set('family vnish', '', '').replaced).toBe(false);
    expect(readSealed(place).map(({ scope: one, credential: { user, password } }) => [one, user, password])).toEqual([
      [{ of: 'site' }, 'admin', SECRET],
      [{ of: 'family', name: 'vnish' }, '', ''],
    ]);
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(store.list()).toEqual([
      { scope: 'site', user: 'admin', since },
      { scope: 'family vnish', user: '', since },
    ]);
  });

  test('has one entry for one scope, however that is written', () => {
    set('range 10.1.1.77/24', 'first');
    expect(set('range 10.1.1.0-10.1.1.255', 'second').replaced).toBe(true);
    expect(readSealed(place).map(({ credential }) => credential.password)).toEqual(['second']);
    expect([store.remove(scope('range 10.1.1.0/24')), store.remove(scope('range 10.1.1.0/24'))]).toEqual([true, false]);
    expect(store.list()).toEqual([]);
  });

  test('is for its own user alone, and has no password and no user in the clear', () => {
    set('site', SECRET, 'an-unusual-user');
    set('miner 10.1.1.5', SECRET, 'an-unusual-user');
    expect([modeOf(place.stateDir), modeOf(store.file), modeOf(keyFile())]).toEqual([0o700, 0o600, 0o600]);
    expect(readdirSync(place.stateDir).sort()).toEqual(['credentials.sealed', 'master.key']);
    for (const name of readdirSync(place.stateDir)) {
      const content = readFileSync(join(place.stateDir, name));
      for (const word of [SECRET, 'an-unusual-user']) {
        for (const form of ['utf8', 'base64', 'hex'] as const) {
          const spelt = Buffer.from(word).toString(form).replace(/=+$/, '');
          expect([name, form, content.includes(spelt)]).toEqual([name, form, false]);
        }
      }
    }
  });

  test('seals the same password another way each time', () => {
    set('site');
    const [first] = stored().entries;
    set('site');
    const [second] = stored().entries;
    expect(second?.iv).not.toBe(first?.iv);
    expect(second?.sealed).not.toBe(first?.sealed);
  });

  test('makes nothing where it is only read', () => {
    expect([readSealed(place), store.list(), store.remove(scope('site'))]).toEqual([[], [], false]);
    expect(existsSync(place.stateDir)).toBe(false);
  });

  test('is not written by two at a time, nor held for ever by one that was killed', () => {
    set('site', 'before');
    const lock = `${store.file}.lock`;
    writeFileSync(lock, '');
    expect(refusal(() => set('site', 'during')).code).toBe('LOCKED');
    expect(readSealed(place)[0]?.credential.password).toBe('before');
    const longAgo = Date.now() / 1_000 - 60;
    utimesSync(lock, longAgo, longAgo);
    set('site', 'after');
    expect([readSealed(place)[0]?.credential.password, existsSync(lock)]).toEqual(['after', false]);
  });

  test('is not harmed by a write that a kill has cut short', () => {
    set('site', 'before');
    writeFileSync(`${store.file}.new`, '{"format":"relig');
    expect(readSealed(place)[0]?.credential.password).toBe('before');
    set('site', 'after');
    expect(readSealed(place)[0]?.credential.password).toBe('after');
    expect(existsSync(`${store.file}.new`)).toBe(false);
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot("written as root belongs to the state directory's owner, who has to read it", () => {
    mkdirSync(place.stateDir, { mode: 0o700 });
    chownSync(place.stateDir, 12_345, 12_346);
    set('site');
    for (const file of [store.file, keyFile()]) {
      const { uid, gid } = statSync(file);
      expect([uid, gid]).toEqual([12_345, 12_346]);
    }
  });

  test('that cannot be written says so', () => {
    writeFileSync(join(root, 'a-file'), '');
    const nowhere = sealedStore({ ...place, stateDir: join(root, 'a-file', 'state') });
    expect(refusal(() => nowhere.set(scope('site'), { user: 'root', password: SECRET })).code).toBe('STATE_DIR');
  });
});

/** Changes one bit of the first byte of a base64 text. */
function flipped(text: string): string {
  const raw = Buffer.from(text, 'base64');
  raw.writeUInt8(raw.readUInt8(0) ^ 1, 0);
  return raw.toString('base64');
}
const others = (file: SealedFile, change: (entry: SealedEntry) => SealedEntry): object => ({
  ...file,
  entries: file.entries.map((entry) => (entry.scope === 'family vnish' ? change(entry) : entry)),
});

describe('a store that was tampered with', () => {
  test.each([
    ['ciphertext', (file: SealedFile) => others(file, (one) => ({ ...one, sealed: flipped(one.sealed) }))],
    ['IV', (file: SealedFile) => others(file, (one) => ({ ...one, iv: flipped(one.iv) }))],
    ['tag', (file: SealedFile) => others(file, (one) => ({ ...one, tag: flipped(one.tag) }))],
    ['tag, cut short', (file: SealedFile) => others(file, (one) => ({ ...one, tag: one.tag.slice(0, 16) }))],
    ['scope', (file: SealedFile) => others(file, (one) => ({ ...one, scope: 'family epic' }))],
    ['scope, to none', (file: SealedFile) => others(file, (one) => ({ ...one, scope: 'everything' }))],
    ['key id', (file: SealedFile) => ({ ...file, keyId: '0123456789abcdef' })],
    ['format', (file: SealedFile) => ({ ...file, format: 'relight-credentials-2' })],
    ['entries, one twice', (file: SealedFile) => ({ ...file, entries: [...file.entries, file.entries[0]] })],
    ['entries, one key more', (file: SealedFile) => ({ ...file, also: 1 })],
  ])('in its %s is refused by name, and gives no password at all', (_, change) => {
    set('site');
    set('family vnish');
    rewrite(change);
    for (const work of [() => readSealed(place), () => store.list()]) {
      const { code, message } = refusal(work);
      expect([code, message]).toEqual(['STORE', expect.stringContaining(store.file)]);
      expect(message).not.toContain(SECRET);
    }
  });

  test('in any one bit is refused, or gives what was sealed', () => {
    set('site', 'one', 'admin');
    set('range 10.1.1.0/24', 'two');
    const [raw, entries] = [readFileSync(store.file), readSealed(place)];
    const at = fc.tuple(fc.nat(raw.length - 1), fc.nat(7));
    fc.assert(
      fc.property(at, ([byte, bit]) => {
        const changed = Buffer.from(raw);
        changed.writeUInt8(changed.readUInt8(byte) ^ (1 << bit), byte);
        writeFileSync(store.file, changed);
        const read = (): unknown => {
          try {
            return readSealed(place);
          } catch (error) {
            return error instanceof RelightError ? error.code : error;
          }
        };
        // Spaces between keys, and bits that base64 leaves unused, are no part of what is sealed.
        expect(['STORE', entries]).toContainEqual(read());
      }),
    );
  });

  test('in one entry says in which, and is mended by setting that again, or by removing it', () => {
    set('site');
    set('family vnish');
    const harm = () => rewrite((file) => others(file, (one) => ({ ...one, sealed: flipped(one.sealed) })));
    harm();
    expect(refusal(() => readSealed(place)).message).toContain('family vnish');
    set('family vnish', 'again');
    expect(readSealed(place)).toHaveLength(2);
    harm();
    store.remove(scope('family vnish'));
    expect(readSealed(place)).toHaveLength(1);
  });

  test.each(['', '{', 'null', '[]', '{"format":"relight-credentials-1"}'])('to %j is refused by name', (text) => {
    set('site');
    writeFileSync(store.file, text);
    for (const work of [() => readSealed(place), () => set('site'), () => store.remove(scope('site'))]) {
      expect(refusal(work)).toEqual({ code: 'STORE', message: expect.stringContaining(store.file) });
    }
  });
});

describe('the master key', () => {
  test('that is another is told from a damaged store, and replaces nothing', () => {
    set('site');
    const before = readFileSync(store.file, 'utf8');
    writeFileSync(keyFile(), Buffer.alloc(32, 7), { mode: 0o600 });
    for (const work of [() => readSealed(place), () => set('family vnish')]) {
      const { code, message } = refusal(work);
      expect([code, message]).toEqual(['STORE', expect.stringMatching(/another master key/)]);
      expect(message).toContain(keyFile());
    }
    expect(readFileSync(store.file, 'utf8')).toBe(before);
  });

  test('that is gone is not made anew over what it alone could open', () => {
    set('site');
    rmSync(keyFile());
    for (const work of [() => readSealed(place), () => set('site')]) {
      expect(refusal(work)).toEqual({ code: 'STORE', message: expect.stringContaining(keyFile()) });
    }
    expect(existsSync(keyFile())).toBe(false);
  });

  test.each([0o640, 0o604, 0o620])('that others may touch is refused (mode %o)', (mode) => {
    set('site');
    chmodSync(keyFile(), mode);
    expect(refusal(() => readSealed(place))).toEqual({
      code: 'CONFIG_PERMISSIONS',
      message: expect.stringContaining(keyFile()),
    });
    expect(refusal(() => set('site')).code).toBe('CONFIG_PERMISSIONS');
  });

  test('of another length is refused', () => {
    set('site');
    writeFileSync(keyFile(), 'a short one');
    expect(refusal(() => readSealed(place))).toEqual({
      code: 'CONFIG_VALUE',
      message: expect.stringContaining('11 bytes'),
    });
  });

  test('is the one that systemd hands over, where it hands one over', () => {
    const credentialsDirectory = mkdtempSync(join(root, 'systemd-'));
    const systemds = { ...place, credentialsDirectory };
    const theirs = sealedStore(systemds);
    // systemd shows the ACL of the unit's user in the bits of the group.
    writeFileSync(join(credentialsDirectory, 'relight-master-key'), Buffer.alloc(32, 9), { mode: 0o440 });
    theirs.set(scope('site'), { user: 'root', password: SECRET });
    expect(existsSync(keyFile())).toBe(false);
    expect(readSealed(systemds)[0]?.credential.password).toBe(SECRET);
    expect(refusal(() => readSealed(place)).code).toBe('STORE');
  });

  test("is the state directory's own where systemd hands over other things", () => {
    const credentialsDirectory = mkdtempSync(join(root, 'systemd-'));
    writeFileSync(join(credentialsDirectory, 'another'), 'x');
    set('site');
    expect(readSealed({ ...place, credentialsDirectory })).toHaveLength(1);
  });
});

describe('which password a miner is asked with', () => {
  const of = (miner: string, family = 'antminer-stock', rpc?: number): string | null => {
    const [address = ''] = miner.split(':');
    const target = { miner: minerId(miner), address, ports: rpc === undefined ? {} : { rpc }, family };
    return credentialsOf(readSealed(place)).of(target, family)?.password ?? null;
  };

  test("is its own, then the narrowest range's, then its family's, then the site's", () => {
    for (const text of [
      'site',
      'family antminer-stock',
      'range 10.1.0.0/16',
      'range 10.1.1.0/24',
      'range 10.1.1.10-10.1.1.19',
      'miner 10.1.1.12',
      'miner 127.0.0.1:24028',
    ]) {
      set(text, text);
    }
    expect(of('10.1.1.12')).toBe('miner 10.1.1.12');
    expect([of('10.1.1.9'), of('10.1.1.10'), of('10.1.1.19'), of('10.1.1.20')]).toEqual([
      'range 10.1.1.0/24',
      'range 10.1.1.10-10.1.1.19',
      'range 10.1.1.10-10.1.1.19',
      'range 10.1.1.0/24',
    ]);
    expect([of('10.1.2.1'), of('10.2.0.1')]).toEqual(['range 10.1.0.0/16', 'family antminer-stock']);
    expect(of('10.2.0.1', 'vnish')).toBe('site');
    expect([of('127.0.0.1:24028'), of('127.0.0.1', 'vnish', 24_028), of('127.0.0.1', 'vnish', 24_029)]).toEqual([
      'miner 127.0.0.1:24028',
      'miner 127.0.0.1:24028',
      'site',
    ]);
  });

  test('is none where no scope has it, and none is guessed', () => {
    set('range 10.1.1.0/24');
    expect(of('10.1.2.1')).toBeNull();
    expect(of('a-host-name')).toBeNull();
  });

  test('is never left to chance between two ranges', () => {
    set('range 10.1.1.1-10.1.1.10');
    expect(refusal(() => set('range 10.1.1.10-10.1.1.19')).code).toBe('USAGE');
    set('range 10.1.1.11-10.1.1.20');
    set('range 10.1.1.10-10.1.1.18');
    expect(store.list()).toHaveLength(3);
  });

  test.each([
    '',
    'site all',
    'sites',
    'range',
    'range 10.1.1',
    'range 10.1.1.9-10.1.1.1',
    'range 10.1.1.0/33',
    'miner',
    'miner 10.1.1.300',
    'miner 10.1.1.1-10.1.1.2',
    'miner a b',
    'miner a\nb',
    'family',
    'family A B',
  ])('is not set for %j', (text) => {
    expect(parseScope(text)).toBeNull();
  });

  test('is set for scopes whose text reads back as the same', () => {
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const range = fc
      .tuple(address, address)
      .map(([a, b]): Scope => ({ of: 'range', span: { from: Math.min(a, b), count: Math.abs(a - b) + 1 } }));
    const network = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([a, bits]): Scope => {
      const count = 2 ** (32 - bits);
      return { of: 'range', span: { from: a - (a % count), count } };
    });
    fc.assert(
      fc.property(fc.oneof(range, network), (one) => {
        expect(parseScope(scopeText(one))).toEqual(one);
      }),
    );
  });
});
