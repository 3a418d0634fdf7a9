import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeDirectory, makePrivateFile } from '../shared/directory.io.ts';
import { RelightError } from '../shared/errors.ts';

const WAIT_MS = 2_000; // a predecessor that is still closing is waited for
const SQLITE_BUSY = 5;

/**
 * Keeps every other controller out of the state directory until it is released or the process dies, however it
 * dies: the lock is the kernel's, on an empty SQLite file. Throws LOCKED or STATE_DIR.
 */
export function lockStateDir(stateDir: string): () => void {
  const file = join(stateDir, 'controller.lock');
  try {
    makeDirectory(stateDir);
    makePrivateFile(file);
    return hold(file);
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string };
    if (((errcode ?? 0) & 0xff) === SQLITE_BUSY) {
      throw new RelightError('LOCKED', `another controller has the state directory ${stateDir}`, { stateDir });
    }
    throw new RelightError('STATE_DIR', `cannot write the state directory ${stateDir}: ${message}`, { stateDir });
  }
}

function hold(file: string): () => void {
  const database = new DatabaseSync(file, { timeout: WAIT_MS });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  return () => database.close();
}
