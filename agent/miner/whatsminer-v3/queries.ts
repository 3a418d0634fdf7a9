import type { FrameQuery } from '../driver.ts';
import { asPools } from './read.ts';

type Part = 'miner' | 'system' | 'power' | 'network' | 'error-code';

/** All of it in one reply, each part under its own name. */
export const info: FrameQuery = { via: 'v3', name: 'device info', request: { cmd: 'get.device.info' } };
const MINUTE_MS = 60_000;

/** One part alone, under the same name: for a device whose whole reply lacks it, or something of it. */
const part = (param: Part): FrameQuery => ({
  via: 'v3',
  name: `device info, ${param}`,
  request: { cmd: 'get.device.info', param },
  // What is missing there as well is not asked for at every reading.
  keepMs: MINUTE_MS,
});
export const partly = {
  miner: [info, part('miner')],
  system: [info, part('system')],
  network: [info, part('network')],
  errors: [info, part('error-code')],
} as const;

/** Without a parameter it says nothing (fact sheet 5). */
const status = (param: string): FrameQuery => ({
  via: 'v3',
  name: param,
  request: { cmd: 'get.miner.status', param },
});
export const summary = status('summary');
export const boards = status('edevs');
export const pools: FrameQuery = { ...status('pools'), shape: asPools };

/** What makes every write's token another (fact sheet 5). */
export const salt: FrameQuery = { via: 'v3', name: 'salt', request: { cmd: 'get.device.info', param: 'salt' } };

/** An answer of this API, whatever it says. */
export const SIGN = /"desc"\s*:\s*"get\.device\.info"|"error-code"\s*:|"fwversion"\s*:/;
