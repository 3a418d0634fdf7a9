import type { RpcQuery } from '../driver.ts';
import { asModules } from './module.ts';

const HOUR_MS = 3_600_000;

const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name,
  request: { command: name },
  ...more,
});
/** For firmware that knows no JSON (manual of the A10). */
const plain = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  ...command(name, more),
  name: `plain ${name}`,
  request: name,
});

/** Of the first generations some tools only ever recorded the joined reply, so it is the last to be asked. */
export const joined = command('pools+summary+stats', { shape: asModules });

const modules = { shape: asModules };
/** `estats` has all boards, older ones know `stats`, a Q and what came after it have a shorter one too. */
export const statistics = [
  command('estats', modules),
  command('stats', modules),
  command('litestats', modules),
  joined,
  plain('estats', modules),
];
export const summary = [command('summary'), joined, plain('summary')];
export const pools = [command('pools'), joined, plain('pools')];
export const version = command('version', { keepMs: HOUR_MS });
export const versions = [version, plain('version', { keepMs: HOUR_MS })];
