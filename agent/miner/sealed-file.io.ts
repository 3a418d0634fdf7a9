import {
  closeSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { realClock } from '../../shared/clock.io.ts';
import { makeDirectory } from '../../shared/directory.io.ts';
import { RelightError } from '../../shared/errors.ts';

const OTHERS = 0o077;
const OURS = 0o600;
/** A write takes milliseconds: whoever left this had been killed. */
const LOCK_STALE_MS = 30_000;

type Secret = Readonly<{ file: string /** Refused where group or others have any right to it. */; ours: boolean }>;

/** null where there is none. Errors: CONFIG_READ, CONFIG_PERMISSIONS. */
export function readSecret({ file, ours }: Secret): Buffer | null {
  let fd: number | null = null;
  try {
    fd = openSync(file, 'r');
    // Of the file that was opened, not of whatever has this name by now.
    if (ours) refuseOthers(file, fstatSync(fd).mode);
    return readFileSync(fd);
  } catch (error) {
    if (error instanceof RelightError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new RelightError('CONFIG_READ', `${file} cannot be read (${code})`, { file, code });
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** Errors: CONFIG_PERMISSIONS. */
export function refuseOthers(file: string, mode: number): void {
  // Windows has no such bits: there the folder's own rights protect the file.
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  throw new RelightError('CONFIG_PERMISSIONS', `${file} has mode ${shown}; passwords need 0600`, { file, mode: shown });
}

/** After a crash at any moment the file has its old content or the new one, whole. Errors: STATE_DIR. */
export function replaceFile(file: string, content: string | Buffer): void {
  const fresh = `${file}.new`;
  writing(file, () => {
    rmSync(fresh, { force: true });
    const fd = openSync(fresh, 'wx', OURS);
    try {
      giveToOwnerOf(dirname(file), fd);
      writeFileSync(fd, content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, file);
    syncDirectory(dirname(file));
  });
}

/** Whoever sets a password as root must not lock out the daemon that has to read it. */
function giveToOwnerOf(directory: string, fd: number): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(directory);
  fchownSync(fd, uid, gid);
}

/** Without this the rename itself may not outlive a power cut. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return; // has no handles of folders to sync
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Lets one writer at a time read, change and write. Errors: LOCKED, STATE_DIR. */
export function exclusively<T>(file: string, work: () => T): T {
  const lock = `${file}.lock`;
  writing(file, () => makeDirectory(dirname(file)));
  if (!take(lock) && !(isStale(lock) && take(lock))) {
    throw new RelightError('LOCKED', `${file} is being written by another process: try again`, { file });
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', OURS));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unwritable(lock, error);
  }
}

function isStale(lock: string): boolean {
  const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (realClock.wallMs() - madeMs < LOCK_STALE_MS) return false;
  rmSync(lock, { force: true });
  return true;
}

function writing<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unwritable(file, error);
  }
}

const unwritable = (file: string, error: unknown): RelightError =>
  new RelightError('STATE_DIR', `${file} cannot be written (${codeOf(error)})`, { file });

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
