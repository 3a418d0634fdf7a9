import type { DriverDefinition, HttpQuery } from '../driver.ts';
import { celsius, mac, measuredWatts, seconds, text } from '../normalise.ts';
import { login } from './login.ts';
import * as read from './read.ts';

const statistics: HttpQuery = { via: 'http', name: 'statistics', path: '/api/om/miner/stat/agg' };

/** Bitfury's B8 with Openminer: known by one capture, and only read. */
export const openminer = {
  family: 'openminer',
  make: 'Bitfury',
  firmware: 'Openminer',
  // No line of the sheet's tables has it: after all of them.
  match: [{ row: 30, ask: statistics, says: /"statVersion"\s*:/ }],
  login,
  fields: {
    uptimeS: { ask: statistics, read: seconds('/master/upTime') },
    hashrateThs: { ask: statistics, read: read.rateNow },
    hashrateAvgThs: { ask: statistics, read: read.rateAverage },
    // What its supplies give; what they take is not measured.
    powerW: { ask: statistics, read: measuredWatts('/master/psuW') },
    inletTempC: { ask: statistics, read: celsius('/temperatureFanCold') },
    outletTempC: { ask: statistics, read: celsius('/temperatureFanHot') },
    fans: { ask: statistics, read: read.fans },
    boards: { ask: statistics, read: read.boards },
    pools: { ask: statistics, read: read.pools },
    mac: [
      { ask: statistics, read: mac('/mac') },
      { ask: statistics, read: mac('/master/hwAddr') },
    ],
    hostname: { ask: statistics, read: text('/hostname') },
    firmwareVersion: [
      { ask: statistics, read: text('/versions/softwareVersion') },
      { ask: statistics, read: text('/versions/miner') },
    ],
    apiVersion: { ask: statistics, read: text('/statVersion') },
  },
  actions: {},
  graceMs: {},
} satisfies DriverDefinition;
