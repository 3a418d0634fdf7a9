import { counters, poolRows, type Read, type Reads, status } from '../cgminer.ts';
import { type Device, round2 } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';
import { chainRow, mhsOf, modelOf } from './chains.ts';

/** cgminer as the maker builds it; `by` is what it calls itself. */
export const readsBy = (by: string): Reads => ({
  version: versionBy(by),
  summary: summaryBy(by),
  stats: (device) => lists(device, { by, code: 70, msg: 'CGMiner stats' }, ['STATS', 'STATS', statsOf(device)]),
  pools: (device) => lists(device, { by, code: 7, msg: 'Pool(s)' }, ['POOLS', 'POOL', poolRows(device)]),
});

const versionBy =
  (by: string): Read =>
  (device) =>
    envelope(status(device, by, { code: 22, msg: 'CGMiner versions' }), { VERSION: [{ CGMiner: by, API: '3.7' }] });

const summaryBy =
  (by: string): Read =>
  (device) => {
    const { now, avg } = mhsOf(device);
    const rates = { 'MHS av': avg, 'MHS 5s': now, 'MHS 1m': now, 'MHS 5m': avg, 'MHS 15m': avg };
    const rounded = Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, round2(rate)]));
    const row = { Elapsed: device.look.elapsedS, ...rounded, ...counters(device) };
    return envelope(status(device, by, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
  };

/** Behind the boards come the pools, which have a number there but no figures of interest. */
function statsOf(device: Device): Reply[] {
  const boards = device.look.boards.map((_, index) => chainRow(device, index));
  const { elapsedS } = device.look;
  const pools = poolRows(device).map((_, at) => ({ STATS: boards.length + at, ID: `POOL${at}`, Elapsed: elapsedS }));
  return isSplit(device) ? boards : [...boards, ...pools];
}

const isSplit = (device: Device): boolean => /\bA9/i.test(modelOf(device));

type Said = Readonly<{ by: string; code: number; msg: string }>;
type Lists = readonly [key: string, numbered: string, rows: readonly Reply[]];

/** The A9 has a list for each row, `POOL0`, `POOL1` and so on (capture); the others have one for all. */
function lists(device: Device, { by, ...said }: Said, [key, numbered, rows]: Lists): Reply {
  const body = isSplit(device)
    ? Object.fromEntries(rows.map((row, at) => [`${numbered}${at}`, [row]]))
    : { [key]: rows };
  return envelope(status(device, by, said), body);
}
