import { counted } from '../counted.ts';
import type { DriverDefinition, Told } from '../driver.ts';
import { seconds } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { devices, pools, summary } from './queries.ts';
import * as read from './read.ts';

/**
 * Families that are known by their captures alone, and keep cgminer's own words: read, and ordered nothing, for nobody
 * knows what they do with an order. Their signs stand behind the fact sheet's tables (1.2), in no particular order.
 */
export const RARE_ROW = 40;

type Rare = Pick<DriverDefinition, 'family' | 'make' | 'match'> &
  Pick<Partial<DriverDefinition>, 'fields' | 'realm' | 'firmware' | 'joined'>;

export const rareFamily = ({ fields, ...own }: Rare): DriverDefinition => ({
  firmware: 'stock',
  ...own,
  fields: { ...common, ...fields },
  actions: {},
  graceMs: {},
});

/** What is not in the summary is in the list of its devices. */
const common = {
  otherRates: [
    { ask: summary, read: read.ratesAt('/SUMMARY/0') },
    { ask: devices, read: read.deviceRates },
  ],
  uptimeS: [
    { ask: summary, read: seconds('/SUMMARY/0/Elapsed') },
    { ask: devices, read: read.deviceUptime },
  ],
  boards: { ask: devices, read: read.deviceBoards },
  pools: { ask: pools, read: poolsOf },
  firmwareVersion: { ask: [summary, devices, pools], read: read.program, inPassing: true },
} satisfies DriverDefinition['fields'];

/** For `joined`: all models of the family hash the same. */
export const hashes =
  (algorithm: string) =>
  (told: Told): Told =>
    counted(told, algorithm);

/** For `joined`: what the device itself calls it, or else nothing that is known. */
export const hashesAsTold = (told: Told): Told => counted(told, told.algorithm ?? 'unknown');
