import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../shared/clock.io.ts';
import { RelightError } from '../../shared/errors.ts';
import {
  broken,
  emptyFile,
  IV_BYTES,
  KEY_BYTES,
  keyIdOf,
  parseSealedFile,
  type SealedFile,
  seal,
  unseal,
} from './sealed.ts';
import { exclusively, readSecret, replaceFile } from './sealed-file.io.ts';
import { type Entry, isRival, parseScope, type Scope, scopeText } from './sealed-scope.ts';

export type SealedPlace = Readonly<{
  stateDir: string;
  /** Where systemd has put what LoadCredentialEncrypted names; the environment's word by default. */
  credentialsDirectory?: string | null;
}>;

export type Listed = Readonly<{ scope: string; user: string; since: string }>;

/** The agent's own passwords, as `relight credentials` changes them. Every call reads the file anew. */
export type SealedStore = Readonly<{
  file: string;
  /** Never a password. Errors as `readSealed`. */
  list(): readonly Listed[];
  /**
   * Makes the store and its key where there are none. Errors: USAGE for a range that overlaps one of the same width,
   * LOCKED, STATE_DIR, and those of `readSealed` that concern the key.
   */
  set(
    scope: Scope,
    login: Readonly<{ user: string; password: string }>,
  ): Readonly<{ listed: Listed; replaced: boolean }>;
  /** False where there was none. Needs no key, so that a damaged entry can be removed. */
  remove(scope: Scope): boolean;
}>;

export function sealedStore(place: SealedPlace): SealedStore {
  const file = fileOf(place);
  return {
    file,
    list: () =>
      readSealed(place).map(({ scope, credential: { user, since = '' } }) => ({
        scope: scopeText(scope),
        user,
        since,
      })),
    set: (scope, login) => exclusively(file, () => setEntry(place, scope, login)),
    // Looked at first, so that nothing is made where there is nothing.
    remove: (scope) => load(file) !== null && exclusively(file, () => removeEntry(file, scopeText(scope))),
  };
}

/**
 * Every entry, opened; none where there is no store. Errors: STORE where the store or one entry is damaged, tampered
 * with or sealed with another key, or where the key is gone; CONFIG_READ, CONFIG_PERMISSIONS and CONFIG_VALUE for what
 * is wrong with a file. Each names the file.
 */
export function readSealed(place: SealedPlace): readonly Entry[] {
  const file = fileOf(place);
  const stored = load(file);
  if (stored === null || stored.entries.length === 0) return [];
  const key = keyFor(stored, place);
  return stored.entries.map((entry) => unseal(entry, { key, file }));
}

/** Changes whenever the store does: a rename brings another inode and another time. Never throws. */
export function printOf(place: SealedPlace): string {
  try {
    const found = statSync(fileOf(place), { bigint: true, throwIfNoEntry: false });
    return found === undefined ? 'none' : `${found.ino}:${found.ctimeNs}:${found.size}`;
  } catch {
    return 'out of reach'; // reading it then says why
  }
}

export const fileOf = ({ stateDir }: SealedPlace): string => join(stateDir, 'credentials.sealed');

function load(file: string): SealedFile | null {
  const content = readSecret({ file, ours: false });
  return content === null ? null : parseSealedFile(content.toString('utf8'), file);
}

function setEntry(place: SealedPlace, scope: Scope, login: Readonly<{ user: string; password: string }>) {
  const file = fileOf(place);
  const stored = load(file);
  const key = stored === null || stored.entries.length === 0 ? anyKey(place) : keyFor(stored, place);
  const text = scopeText(scope);
  const others = (stored?.entries ?? []).filter((entry) => entry.scope !== text);
  const rival = others.find((entry) => isRival(scope, parseScope(entry.scope) ?? { of: 'site' }));
  if (rival !== undefined) {
    throw new RelightError('USAGE', `${text} overlaps ${rival.scope}, and neither is the narrower: make one so`);
  }
  const since = new Date(realClock.wallMs()).toISOString();
  const entry = seal({ ...login, since }, { scope: text, key, iv: randomBytes(IV_BYTES) });
  save(file, { ...emptyFile(keyIdOf(key)), entries: [...others, entry] });
  const replaced = others.length < (stored?.entries.length ?? 0);
  return { listed: { scope: text, user: login.user, since }, replaced };
}

function removeEntry(file: string, scope: string): boolean {
  const stored = load(file);
  const entries = stored?.entries.filter((entry) => entry.scope !== scope) ?? [];
  if (stored === null || entries.length === stored.entries.length) return false;
  save(file, { ...stored, entries });
  return true;
}

const save = (file: string, stored: SealedFile): void => replaceFile(file, `${JSON.stringify(stored, null, 1)}\n`);

/** The key that the store was sealed with. */
function keyFor({ keyId }: SealedFile, place: SealedPlace): Buffer {
  const { key, file } = readKey(place);
  if (key === null) throw broken(fileOf(place), `cannot be opened: its master key ${file} is gone`);
  if (keyIdOf(key) === keyId) return key;
  throw broken(fileOf(place), `was sealed with another master key than ${file}`);
}

/** Made only where nothing is sealed yet: a new key would open nothing that is. */
function anyKey(place: SealedPlace): Buffer {
  const { key, file } = readKey(place);
  if (key !== null) return key;
  const fresh = randomBytes(KEY_BYTES);
  replaceFile(file, fresh);
  return fresh;
}

/** systemd's, where it has one for us, else the state directory's own. Errors: CONFIG_READ, CONFIG_PERMISSIONS, CONFIG_VALUE. */
function readKey({
  stateDir,
  credentialsDirectory = inherited(),
}: SealedPlace): Readonly<{ key: Buffer | null; file: string }> {
  const given = credentialsDirectory === null ? null : join(credentialsDirectory, 'relight-master-key');
  // systemd keeps others out by the rights of the directory, and shows its ACL in the bits of the group.
  const fromSystemd = given === null ? null : readSecret({ file: given, ours: false });
  const file = given !== null && fromSystemd !== null ? given : join(stateDir, 'master.key');
  const key = fromSystemd ?? readSecret({ file, ours: true });
  if (key !== null && key.length !== KEY_BYTES) {
    throw new RelightError('CONFIG_VALUE', `${file} has ${key.length} bytes, expected ${KEY_BYTES} random ones`, {
      file,
    });
  }
  return { key, file };
}

const inherited = (): string | null => process.env.CREDENTIALS_DIRECTORY ?? null;
