import type { DriverDefinition } from '../driver.ts';
import { fromGhs, mac, measuredWatts, nominalFromGhs, seconds, text } from '../normalise.ts';
import * as act from './actions.ts';
import { login } from './login.ts';
import { cooling, errors, hardware, mining, network, pools, SIGN, system, telemetry } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/** Block's Proto Rig: fact sheet, section 17, which is short, and one capture of the maker's own simulator. */
export const proto = {
  family: 'proto',
  make: 'Proto',
  firmware: 'ProtoOS',
  match: [
    { row: 28, body: /Proto OS/ },
    { row: 28, ask: system, says: SIGN },
  ],
  login,
  /** "Cert may be self-signed" (fact sheet 17). */
  tls: true,
  fields: {
    state: { ask: mining, read: read.state },
    uptimeS: { ask: mining, read: seconds('/mining_uptime_s') },
    deviceUptimeS: [
      { ask: mining, read: seconds('/reboot_uptime_s') },
      { ask: system, read: seconds('/uptime_seconds') },
    ],
    hashrateThs: [
      { ask: mining, read: fromGhs('/hashrate_ghs') },
      { ask: telemetry, read: read.telemetryRate },
    ],
    hashrateAvgThs: { ask: mining, read: fromGhs('/average_hashrate_ghs') },
    hashrateNominalThs: { ask: mining, read: nominalFromGhs('/ideal_hashrate_ghs') },
    powerW: [
      { ask: mining, read: measuredWatts('/power_usage_watts') },
      { ask: telemetry, read: read.telemetryPower },
    ],
    powerLimitW: { ask: mining, read: measuredWatts('/power_target_watts') },
    fans: { ask: cooling, read: read.fans },
    boards: { ask: telemetry, read: read.boards },
    boardDetails: { ask: hardware, read: read.fittedBoards },
    pools: { ask: pools, read: read.pools },
    errors: { ask: errors, read: read.errors },
    mac: { ask: network, read: mac('/mac') },
    hostname: [
      { ask: network, read: text('/hostname') },
      { ask: system, read: text('/os/hostname') },
    ],
    serial: [
      { ask: system, read: text('/cb_sn') },
      { ask: hardware, read: text('/cb-info/serial_number') },
    ],
    model: [
      { ask: system, read: text('/model') },
      { ask: system, read: text('/product_name') },
    ],
    controlBoard: { ask: system, read: text('/board') },
    firmwareVersion: { ask: system, read: text('/os/version') },
  },
  actions: {
    reboot: act.reboot,
    sleep: act.sleep,
    wake: act.wake,
    locate: act.locate,
    powerLimit: act.powerLimit,
  },
  // The sheet has no times of this family at all: those of the slowest others.
  graceMs: {
    reboot: 15 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 20 * MINUTE_MS,
    locate: MINUTE_MS,
    powerLimit: 15 * MINUTE_MS,
  },
} satisfies DriverDefinition;
