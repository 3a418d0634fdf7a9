import { counters, ghs, mhs, poolRows, type Reads, status } from '../cgminer.ts';
import { type Device, whole } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';
import { buildOf } from './build.ts';
import { moduleText } from './estats.ts';

export const BY = 'cgminer 4.11.1';

export const READS: Reads = { version, summary, devs, pools, stats, estats: stats };
/** The home models have a shorter one beside these. */
export const HOME_READS: Reads = { ...READS, litestats: stats };

function version(device: Device): Reply {
  const { kind, prod, model, firmware, dna, mac } = buildOf(device.look);
  const versions =
    kind === 'home' ? { LVERSION: firmware, BVERSION: firmware, CGVERSION: firmware } : { VERSION: firmware };
  const row = {
    CGMiner: '4.11.1',
    API: '3.7',
    PROD: prod,
    MODEL: model,
    HWTYPE: { a10: 'MM3v2_X3', 'a-series': 'MM4v1_X3', home: 'Q_MM1v1_X1' }[kind],
    SWTYPE: 'MM319',
    ...versions,
    DNA: dna,
    MAC: mac,
    UPAPI: 2,
  };
  return envelope(status(device, BY, { code: 22, msg: 'CGMiner versions' }), { VERSION: [row] });
}

function summary(device: Device): Reply {
  const { look } = device;
  const now = mhs(look.rateThs);
  const first = buildOf(look).kind === 'home' ? { 'MHS 5s': now } : { 'MHS 30s': now };
  const rates = { 'MHS av': mhs(look.avgThs), ...first, 'MHS 1m': now, 'MHS 5m': now, 'MHS 15m': now };
  const row = { Elapsed: look.elapsedS, ...rates, ...counters(device) };
  return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
}

function devs(device: Device): Reply {
  const { look } = device;
  const row = {
    ASC: 0,
    Name: 'AVA10',
    ID: 0,
    Enabled: 'Y',
    Status: 'Alive',
    Temperature: whole(look.inletC),
    'MHS av': mhs(look.avgThs),
    'MHS 5s': mhs(look.rateThs),
    'MHS 1m': mhs(look.rateThs),
    'MHS 5m': mhs(look.rateThs),
    'MHS 15m': mhs(look.rateThs),
    Accepted: look.accepted,
    Rejected: 0,
    'Hardware Errors': 0,
    'Device Elapsed': look.elapsedS,
  };
  return envelope(status(device, BY, { code: 9, msg: '1 ASC(s)' }), { DEVS: [row] });
}

function pools(device: Device): Reply {
  const rows = poolRows(device);
  return envelope(status(device, BY, { code: 7, msg: `${rows.length} Pool(s)` }), { POOLS: rows });
}

function stats(device: Device): Reply {
  const { look } = device;
  const calls = { Elapsed: look.elapsedS, Calls: 0, Wait: 0, Max: 0, Min: 99_999_999 };
  const home = buildOf(look).kind === 'home';
  const texts = home
    ? { 'MM ID0:Summary': `'STATS':{${moduleText(device)}}`, HBinfo: boardText(device) }
    : { 'MM ID0': moduleText(device) };
  const module = {
    STATS: 0,
    ID: home ? 'AVALON0' : 'AVA100',
    ...calls,
    ...texts,
    'MM Count': 1,
    'Smart Speed': 1,
    'Nonce Mask': 25,
  };
  const others = poolRows(device).map((_, at) => ({ STATS: at + 1, ID: `POOL${at}`, ...calls }));
  return envelope(status(device, BY, { code: 70, msg: 'CGMiner stats' }), { STATS: [module, ...others] });
}

const boardText = ({ look }: Device): string =>
  `'HB0':{Freq[288.41] MGHS[${ghs(look.rateThs).toFixed(2)}] HBTemp[${whole(look.boards[0]?.boardC ?? 0)}]}`;
