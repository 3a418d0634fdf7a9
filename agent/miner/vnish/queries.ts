import type { HttpQuery, RpcQuery } from '../driver.ts';
import { asStats, asSummary } from './shape.ts';

const HOUR_MS = 3_600_000;

const page = (name: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name,
  path: `/api/v1/${name}`,
  ...more,
});
const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name: `rpc ${name}`,
  request: { command: name },
  ...more,
});

/** Answered to anybody (fact sheet 9). */
export const info = page('info', { open: true });
export const status = page('status', { open: true });
export const performance = page('perf-summary', { open: true });
export const factoryInfo = page('chains/factory-info', { open: true, keepMs: HOUR_MS });

/** Older builds answer it to anybody and newer ones in a session only, so it is asked without one first. */
export const summary: readonly HttpQuery[] = [
  page('summary', { open: true, shape: asSummary }),
  page('summary', { name: 'summary in a session', shape: asSummary }),
];

/** In a session where there is a password; a build that wants none answers without. */
export const settings = page('settings');
export const presets = page('autotune/presets');

/** The only place of the mining process's uptime, and all that there is of firmware 3.x (capture S9 3.8.6). */
export const rpcSummary = command('summary');
export const rpcStats = command('stats', { shape: asStats });
export const rpcPools = command('pools');
export const rpcVersion = command('version', { keepMs: HOUR_MS });
