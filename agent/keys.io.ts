import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RelightError } from '../shared/errors.ts';
import { publicKeyOf } from '../shared/proof.ts';

const OTHERS = 0o077;

/**
 * The agent's private key, made at the first start. Errors: CONFIG_PERMISSIONS when others can read the file,
 * CONFIG_VALUE when it is no Ed25519 key, STATE_DIR when it cannot be made.
 */
export function loadKey(file: string): KeyObject {
  if (!existsSync(file)) return makeKey(file);
  const mode = statSync(file).mode;
  // Windows has no such bits: there the folder's own rights protect the file.
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new RelightError('CONFIG_PERMISSIONS', `keyFile: ${file} has mode ${octal}, expected 600`, { file });
  }
  return readKey(file);
}

function readKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Falls through: what is wrong with it must not be told with any of its contents.
  }
  throw new RelightError('CONFIG_VALUE', `keyFile: ${file} is not an Ed25519 private key in PEM`, { file });
}

function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new RelightError('STATE_DIR', `keyFile: ${file} cannot be written: ${String(error)}`, { file });
  }
  return privateKey;
}

/** Holds the agent to one controller: the configured key, or else the first that it has seen. */
export type Pin = Readonly<{ key(): string | null; pin(publicKey: string): void }>;

export function openPin(stateDir: string, configured: string | null): Pin {
  const file = join(stateDir, 'controller.pub');
  let pinned = configured ?? readPin(file);
  return {
    key: () => pinned,
    pin(publicKey) {
      pinned = publicKey;
      writeFileSync(file, `${publicKey}\n`, { mode: 0o600 });
    },
  };
}

function readPin(file: string): string | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8').trim();
  if (publicKeyOf(text) !== null) return text;
  throw new RelightError('CONFIG_VALUE', `${file} is not a public key: remove it to pin the next controller seen`, {
    file,
  });
}
