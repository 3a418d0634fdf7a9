import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RelightError } from '../../shared/errors.ts';
import { publicKeyText } from '../../shared/proof.ts';
import type { Identity } from './greeting.ts';

const KEY_FILE = 'controller.key';
const OTHERS = 0o077;

/**
 * Our own key pair, made at the first start and kept for ever: agents pin it. Throws STATE_DIR when it cannot be
 * written, CONFIG_PERMISSIONS when others can read it, CONFIG_VALUE when it is no Ed25519 key.
 */
export function loadIdentity(stateDir: string): Identity {
  const file = join(stateDir, KEY_FILE);
  const key = readKey(file) ?? makeKey(file);
  return { id: publicKeyText(key), key };
}

function readKey(file: string): KeyObject | null {
  const pem = readIfThere(file);
  if (pem === null) return null;
  if ((statSync(file).mode & OTHERS) !== 0) {
    throw new RelightError('CONFIG_PERMISSIONS', `${file} can be read by others: chmod 600 ${file}`, { file });
  }
  const key = parse(pem);
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new RelightError('CONFIG_VALUE', `${file} is no Ed25519 private key. Cure: restore it, or move it away`, {
      file,
    });
  }
  return key;
}

function parse(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw stateDirError(file, error);
  }
}

/** Under its own name only when it is whole and on the disk: half a key would shut every agent out. */
function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    const handle = openSync(`${file}.new`, 'w', 0o600);
    writeSync(handle, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    fsyncSync(handle);
    closeSync(handle);
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw stateDirError(file, error);
  }
  return privateKey;
}

const stateDirError = (file: string, error: unknown): RelightError =>
  new RelightError('STATE_DIR', `cannot use ${file}: ${(error as Error).message}`, { file });
