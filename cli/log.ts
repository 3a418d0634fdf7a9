import { Option } from 'commander';
import pino from 'pino';
import type { Log } from '../shared/log.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

export const logLevelOption = (level: LogLevel): Option =>
  new Option('--log-level <level>', 'what is logged to standard error, as JSON lines').choices(LEVELS).default(level);

const STDERR = 2;
// Nothing should log these; if something does, it must not end in a file that many can read.
const SECRETS = ['password', 'privateKey', 'signature', 'token'];

/** Standard output belongs to the document. */
export function createLog(level: LogLevel): Log {
  const redact = SECRETS.flatMap((name) => [name, `*.${name}`]);
  return pino({ level, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(STDERR));
}
