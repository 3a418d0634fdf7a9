import { realClock } from '../../shared/clock.io.ts';
import { RelightError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { type Credentials, noCredentials, parseCredentials } from './credentials.ts';
import { fileOf, printOf, readSealed, type SealedPlace } from './sealed.io.ts';
import { readSecret } from './sealed-file.io.ts';
import { credentialsOf } from './sealed-scope.ts';

/** How soon a running agent knows that the store has changed. */
const LOOK_EVERY_MS = 2_000;

export type CredentialsOptions = SealedPlace &
  Readonly<{
    credentialsFile: string | null;
    log: Log /** Real time between two looks at the store; 2 s by default. */;
    lookEveryMs?: number;
  }>;

/**
 * What an agent knows: its sealed store first, its plain file after it. Errors, of the first look alone: as
 * `readSealed` and `loadCredentials`.
 */
export function openCredentials({ credentialsFile, ...options }: CredentialsOptions): Credentials {
  const plain = loadCredentials(credentialsFile);
  const sealed = follow(options);
  return { of: (target, family) => sealed().of(target, family) ?? plain.of(target, family) };
}

/**
 * The store as it is now, give or take `lookEveryMs`. One that no longer opens is said to be so in the log, and what was
 * known stays in use: a slip while a password is changed must not leave a farm alone.
 */
function follow(options: Omit<CredentialsOptions, 'credentialsFile'>): () => Credentials {
  const { log, lookEveryMs = LOOK_EVERY_MS } = options;
  const file = fileOf(options);
  let print = printOf(options);
  let current = credentialsOf(readSealed(options));
  let lookedMs: number = realClock.monoMs();
  let complaint: string | null = null;
  const look = (): void => {
    // Before it is read: a change in between is then found at the next look.
    const now = printOf(options);
    if (now === print) return;
    const entries = readSealed(options);
    current = credentialsOf(entries);
    [print, complaint] = [now, null];
    log.info({ file, entries: entries.length }, 'the sealed credentials have changed');
  };
  return () => {
    const nowMs = realClock.monoMs();
    if (nowMs - lookedMs < lookEveryMs) return current;
    lookedMs = nowMs;
    try {
      look();
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      if (told !== complaint)
        log.error({ file, error: told }, 'the sealed credentials cannot be opened; the old ones stay');
      complaint = told;
    }
    return current;
  };
}

/** Reads the agent's credentials file; null = none. Throws RelightError, also where group or others may read it. */
export function loadCredentials(file: string | null): Credentials {
  if (file === null) return noCredentials;
  const content = readSecret({ file, ours: true });
  if (content !== null) return parseCredentials(content.toString('utf8'), file);
  throw new RelightError('CONFIG_READ', `${file} cannot be read (ENOENT)`, { file, code: 'ENOENT' });
}
