import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { RelightError } from '../../shared/errors.ts';
import { type Entry, parseScope } from './sealed-scope.ts';

/**
 * Passwords at rest (control-plane reference, section 4.8): each under AES-256-GCM with an IV of its own. The seal also
 * covers the scope and the key's id, so an entry cannot be moved to other miners.
 */
const closed = { additionalProperties: false };
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' });
const SealedEntry = Type.Object({ scope: Type.String(), iv: Base64, sealed: Base64, tag: Base64 }, closed);
const SealedFile = Type.Object(
  { format: Type.Literal('relight-credentials-1'), keyId: Type.String(), entries: Type.Array(SealedEntry) },
  closed,
);
export type SealedEntry = Readonly<Static<typeof SealedEntry>>;
export type SealedFile = Readonly<Static<typeof SealedFile>>;

export const KEY_BYTES = 32;
export const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** Tells keys apart, and nothing else about them. */
export const keyIdOf = (key: Buffer): string =>
  createHash('sha256').update('relight master key').update(key).digest('hex').slice(0, 16);

export const emptyFile = (keyId: string): SealedFile => ({ format: 'relight-credentials-1', keyId, entries: [] });

const isSealedFile = Compile(SealedFile);

/** Errors: STORE for anything but a whole store; nothing is opened by this. */
export function parseSealedFile(text: string, file: string): SealedFile {
  const parsed = json(text);
  if (!isSealedFile.Check(parsed)) throw broken(file, 'is damaged, or no store of sealed credentials');
  const scopes = parsed.entries.map(({ scope }) => scope);
  if (new Set(scopes).size < scopes.length) throw broken(file, 'has two entries for one scope');
  return parsed;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the parser would quote what it stumbled over
  }
}

/** What stands under the seal. */
const Content = Type.Object({ user: Type.String(), password: Type.String(), since: Type.String() }, closed);
export type Content = Readonly<Static<typeof Content>>;
const isContent = Compile(Content);

type Sealing = Readonly<{ scope: string; key: Buffer; iv: Buffer }>;

export function seal(content: Content, { scope, key, iv }: Sealing): SealedEntry {
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(covered(scope, key));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
  return { scope, iv: text64(iv), sealed: text64(sealed), tag: text64(cipher.getAuthTag()) };
}

/** Errors: STORE where the key is another, or where a single bit of the entry is not as it was sealed. */
export function unseal(entry: SealedEntry, { key, file }: Readonly<{ key: Buffer; file: string }>): Entry {
  const scope = parseScope(entry.scope);
  const content = opened(entry, key);
  if (scope !== null && isContent.Check(content)) return { scope, credential: content };
  const told = scope === null ? 'an entry' : `the entry for ${entry.scope}`;
  throw broken(file, `is damaged or was tampered with: ${told} does not open (set it again, or remove it)`);
}

function opened({ scope, iv, sealed, tag }: SealedEntry, key: Buffer): unknown {
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes(iv), { authTagLength: TAG_BYTES })
      .setAAD(covered(scope, key))
      .setAuthTag(bytes(tag));
    return JSON.parse(Buffer.concat([decipher.update(bytes(sealed)), decipher.final()]).toString('utf8'));
  } catch {
    return null;
  }
}

const covered = (scope: string, key: Buffer): Buffer => Buffer.from(`${scope}\n${keyIdOf(key)}`);
const text64 = (raw: Buffer): string => raw.toString('base64');
const bytes = (text: string): Buffer => Buffer.from(text, 'base64');

export const broken = (file: string, what: string): RelightError =>
  new RelightError('STORE', `${file} ${what}`, { file });
