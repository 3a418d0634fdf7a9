import type { DriverDefinition } from '../driver.ts';
import { LARGE_MINER_GRACE_MS } from '../grace.ts';
import { flag, mac, measuredWatts, seconds, text } from '../normalise.ts';
import * as act from './actions.ts';
import { brief, configuration, fans, hashboards, locateMiner, networkConfig, overview, pools } from './queries.ts';
import * as read from './read.ts';

/** Fact sheet, section 14. Its pages keep Bitmain's realm; where they want a password, only its banner on 4028 tells. */
export const marathon = {
  family: 'marathon',
  make: 'Bitmain',
  firmware: 'MaraFW',
  match: [
    { row: 3, rpc: /KAONSU|MARAFW/ },
    // Last of those that may wear Bitmain's page: where it wants a password, it answers just as that does, and the
    // search ends there.
    { row: 7, ask: brief, says: /"hashrate_realtime"\s*:/ },
  ],
  realm: /^antMiner/i,
  fields: {
    asleep: [
      { ask: brief, read: read.sleepMode('/work_mode') },
      { ask: brief, read: read.sleeps },
      { ask: configuration, read: read.sleepMode('/mode/work-mode-selector') },
    ],
    state: { ask: brief, read: read.state },
    uptimeS: { ask: brief, read: seconds('/elapsed') },
    hashrateThs: { ask: brief, read: read.rate },
    hashrateAvgThs: { ask: brief, read: read.rateAverage },
    hashrateNominalThs: { ask: brief, read: read.nominal },
    // The firmware's own estimate: it has no meter (capture, `power_source` EST).
    powerW: { ask: brief, read: measuredWatts('/power_consumption_estimated') },
    powerLimitW: { ask: configuration, read: read.powerTarget },
    boards: { ask: hashboards, read: read.boards },
    gaps: { ask: hashboards, read: read.gaps },
    fans: { ask: fans, read: read.fans },
    errors: { ask: fans, read: read.fanErrors },
    pools: { ask: pools, read: read.pools },
    locating: { ask: locateMiner, read: flag('/blinking') },
    model: { ask: overview, read: read.model },
    algorithm: { ask: overview, read: read.algorithm },
    controlBoard: { ask: overview, read: text('/control_board') },
    firmwareVersion: { ask: overview, read: text('/version_firmware') },
    mac: [
      { ask: overview, read: mac('/mac') },
      { ask: networkConfig, read: mac('/mac') },
    ],
    serial: { ask: overview, read: text('/serial_number') },
    hostname: { ask: networkConfig, read: text('/hostname') },
  },
  actions: act,
  graceMs: LARGE_MINER_GRACE_MS,
} satisfies DriverDefinition;
