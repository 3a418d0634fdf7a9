import { readFileSync, statSync } from 'node:fs';
import { RelightError } from '../../shared/errors.ts';
import { type Credentials, noCredentials, parseCredentials } from './credentials.ts';

const OTHERS = 0o077;

/** Reads the agent's credentials file; null = none. Throws RelightError, also where group or others may read it. */
export function loadCredentials(file: string | null): Credentials {
  if (file === null) return noCredentials;
  const { mode, text } = read(file);
  if ((mode & OTHERS) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    throw new RelightError('CONFIG_PERMISSIONS', `${file} has mode ${shown}; passwords need 0600`, {
      file,
      mode: shown,
    });
  }
  return parseCredentials(text, file);
}

function read(file: string): { mode: number; text: string } {
  try {
    return { mode: statSync(file).mode, text: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new RelightError('CONFIG_READ', `${file} cannot be read (${code})`, { file, code });
  }
}
