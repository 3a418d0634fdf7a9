import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../../shared/log.ts';

const BUILD_WITHIN_MS = 30_000; // it takes a fraction of a second
const SOURCE = /\.(ts|tsx|css|html|svg)$/;

/**
 * Sees to it that `pageDir` holds the page of the sources beside it: builds it when it is missing or older than they
 * are. A page that cannot be built is a warning: the API works without it.
 */
export async function preparePage(pageDir: string, log: Log): Promise<void> {
  mkdirSync(pageDir, { recursive: true });
  const script = join(dirname(pageDir), 'build.ts');
  if (!existsSync(script) || isFresh(pageDir)) return;
  try {
    await promisify(execFile)(process.execPath, [script, pageDir], { timeout: BUILD_WITHIN_MS });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.warn({ pageDir, why }, 'the page could not be built; the API works without it');
  }
}

function isFresh(pageDir: string): boolean {
  const built = join(pageDir, 'index.html');
  if (!existsSync(built)) return false;
  const sources = readdirSync(dirname(pageDir), { recursive: true, encoding: 'utf8' })
    .map((name) => join(dirname(pageDir), name))
    .filter((file) => SOURCE.test(file) && !file.startsWith(pageDir));
  return Math.max(...sources.map((file) => statSync(file).mtimeMs)) <= statSync(built).mtimeMs;
}
