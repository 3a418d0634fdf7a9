import type { HttpQuery, Query, RpcQuery } from '../driver.ts';
import { isObject, type Json, property } from '../json.ts';
import { typeIn } from './algorithm.ts';
import { asStatsPage, asSummaryPage } from './legacy.ts';
import { asStatusPage } from './status-page.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const page = (name: string, path: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name,
  path: `/cgi-bin/${path}`,
  ...more,
});
const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name: `rpc ${name}`,
  request: { command: name },
  ...more,
});

/** Changes only with the firmware or the network; a restart of the device drops it earlier. */
export const systemInfo = page('system info', 'get_system_info.cgi', { keepMs: HOUR_MS });
export const minerType = page('miner type', 'miner_type.cgi', { keepMs: HOUR_MS });
export const configuration = page('configuration', 'get_miner_conf.cgi');
export const blinkStatus = page('blink status', 'get_blink_status.cgi', { keepMs: MINUTE_MS });
/** Old firmware tells it on the page that it is switched with (fact sheet 3.5). */
export const oldBlinkStatus = page('old blink status', 'blink.cgi', {
  method: 'POST',
  form: { action: 'onPageLoaded' },
  keepMs: MINUTE_MS,
});

/** Port 6060 of newer firmware (fact sheet 3.2). */
const extra = (name: string, path: string): HttpQuery => ({
  ...{ via: 'http', name, path, port: 'alt', open: true, text: true, extra: true },
});
export const minerPower = extra('miner power', '/miner_power');
export const warning = extra('warning', '/warning');

export const rpcPools = command('pools');
export const rpcVersion = command('version', { keepMs: HOUR_MS });
/** Asks nothing but whether anybody is there, so nothing of it is kept. */
export const rpcProcess: RpcQuery = { via: 'rpc', name: 'process', request: { command: 'version' } };

export type CgiOptions = Readonly<{
  /** What a statistics reply of ours calls its type; one without a type may be anybody's. */
  ours: RegExp;
  /** For a make that has one algorithm only; left out = what the model's letters say. */
  algorithm?: string;
}>;
/** The same facts from the pages of both generations and from port 4028, in the order in which they are believed. */
export type CgiQueries = Readonly<{
  stats: readonly Query[];
  summary: readonly Query[];
  pools: readonly Query[];
  summaryPage: HttpQuery;
}>;

export function cgiQueries({ ours, algorithm }: CgiOptions): CgiQueries {
  const marked = markedWith(algorithm ?? null);
  const isOurs = (reply: Json): boolean => {
    const type = typeIn(asStatsPage(reply));
    return type === null || ours.test(type);
  };
  const summaryPage = page('summary', 'summary.cgi', { shape: marked });
  const status = page('miner status', 'get_miner_status.cgi', {
    shape: (reply) => (algorithm === undefined ? withoutUnit(asStatusPage(reply)) : marked(asStatusPage(reply))),
  });
  return {
    stats: [
      page('stats', 'stats.cgi', { shape: marked }),
      command('stats', { shape: (reply) => marked(asStatsPage(reply)), ours: isOurs }),
      page('miner stats', 'miner_stats.cgi', { shape: (reply) => marked(asStatsPage(reply)) }),
      status,
    ],
    summary: [
      summaryPage,
      command('summary', { shape: (reply) => marked(asSummaryPage(reply)) }),
      page('miner summary', 'miner_summary.cgi', { shape: (reply) => marked(asSummaryPage(reply)) }),
    ],
    pools: [page('pools', 'pools.cgi'), rpcPools, page('miner pools', 'miner_pools.cgi'), status],
    summaryPage,
  };
}

/** Says what it counts, where its own words do not. */
const markedWith =
  (algorithm: string | null) =>
  (reply: Json): Json => {
    const counts = [property(reply, 'STATS'), property(reply, 'SUMMARY')].some((list) => isObject(property(list, '0')));
    if (algorithm === null || !isObject(reply) || !counts) return reply;
    const info = property(reply, 'INFO');
    return { ...reply, INFO: { ...(isObject(info) ? info : {}), algorithm } };
  };

/** Without a model nobody knows whether "504" is MH/s of an L3 or GH/s of an S7: such a page gives no rate. */
function withoutUnit(reply: Json): Json {
  const body = property(property(reply, 'STATS'), '0');
  return isObject(reply) && isObject(body) ? { ...reply, STATS: [{ ...body, rate_unit: 'not told' }] } : reply;
}
