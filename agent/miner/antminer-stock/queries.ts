import type { HttpQuery, RpcQuery } from '../driver.ts';
import { typeIn } from './algorithm.ts';
import { asStatsPage, asSummaryPage } from './legacy.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const page = (name: string, path: string, keepMs?: number): HttpQuery => ({
  via: 'http',
  name,
  path: `/cgi-bin/${path}`,
  ...(keepMs === undefined ? {} : { keepMs }),
});
const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name: `rpc ${name}`,
  request: { command: name },
  ...more,
});

/** Changes only with the firmware or the network; a restart of the device drops it earlier. */
export const systemInfo = page('system info', 'get_system_info.cgi', HOUR_MS);
export const minerType = page('miner type', 'miner_type.cgi', HOUR_MS);
export const statsPage = page('stats', 'stats.cgi');
export const summaryPage = page('summary', 'summary.cgi');
export const poolsPage = page('pools', 'pools.cgi');
export const configuration = page('configuration', 'get_miner_conf.cgi');
export const blinkStatus = page('blink status', 'get_blink_status.cgi', MINUTE_MS);

export const rpcStats = command('stats', {
  shape: asStatsPage,
  ours: (reply) => isAntminer(typeIn(asStatsPage(reply))),
});
export const rpcSummary = command('summary', { shape: asSummaryPage });
export const rpcPools = command('pools');
export const rpcVersion = command('version', { keepMs: HOUR_MS });
/** Asks nothing but whether anybody is there, so nothing of it is kept. */
export const rpcProcess: RpcQuery = { via: 'rpc', name: 'process', request: { command: 'version' } };

/** A reply without a type may be anybody's; one with another maker's is not ours. */
const isAntminer = (type: string | null): boolean => type === null || /antminer|bitmain/i.test(type);

export const stats = [statsPage, rpcStats];
export const pools = [poolsPage, rpcPools];
