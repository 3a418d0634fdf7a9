import { deviceBoards, deviceRates, deviceUptime, ratesAt } from '../cgminer/read.ts';
import type { DriverDefinition, Fields } from '../driver.ts';
import { mac, seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { reboot, restart, setPools } from './actions.ts';
import { joined } from './algorithm.ts';
import { login } from './login.ts';
import * as ask from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/**
 * The page knows most; where it is shut or wants a password that nobody has set, port 4028 tells the rest. Shared with
 * the DragonMint, whose page is of the same hands (fact sheet 1.2).
 */
export const fields = {
  otherRates: [
    { ask: ask.everything, read: read.pageRates },
    { ask: ask.webSummary, read: ratesAt('/SUMMARY/0') },
    { ask: ask.webSummary, read: read.boardRates },
    { ask: ask.rpcSummary, read: ratesAt('/SUMMARY/0') },
    { ask: ask.rpcStats, read: read.boardRates },
    { ask: ask.rpcDevices, read: deviceRates },
  ],
  boards: [
    { ask: [ask.everything, ask.webSummary, ask.rpcStats], read: read.boards },
    { ask: ask.rpcDevices, read: deviceBoards },
  ],
  uptimeS: [
    { ask: ask.webSummary, read: seconds('/SUMMARY/0/Elapsed') },
    { ask: ask.webSummary, read: deviceUptime },
    { ask: ask.rpcSummary, read: seconds('/SUMMARY/0/Elapsed') },
    { ask: ask.rpcStats, read: read.statsUptime },
  ],
  pools: { ask: [ask.webPools, ask.webSummary, ask.rpcPools], read: poolsOf },
  powerW: { ask: ask.everything, read: read.power, inPassing: true },
  errors: { ask: ask.errorDetail, read: read.faults },
  mac: { ask: ask.overview, read: mac('/version/ethaddr') },
  model: [
    { ask: ask.type, read: text('/type') },
    { ask: [ask.rpcSummary, ask.rpcStats], read: read.programModel, inPassing: true },
  ],
  firmwareVersion: [
    { ask: ask.overview, read: text('/version/swversion') },
    { ask: ask.overview, read: text('/swversion') },
    { ask: [ask.rpcSummary, ask.rpcStats], read: read.programVersion, inPassing: true },
  ],
} satisfies Fields;

/**
 * Fact sheet, section 15. It can also be powered off, but nothing is known that would bring it back, so that is no sleep
 * here.
 */
export const innosilicon = {
  family: 'innosilicon',
  make: 'Innosilicon',
  firmware: 'stock',
  match: [
    { row: 11, rpc: /INNOMINER/ },
    { row: 26, body: /DragonMint/ },
  ],
  login,
  page: { via: 'http', name: 'page', path: '/', open: true },
  fields,
  joined,
  actions: { restart, reboot, pools: setPools },
  // The sheet has no times of this family: those of the slowest others.
  graceMs: { restart: 15 * MINUTE_MS, reboot: 15 * MINUTE_MS, pools: 15 * MINUTE_MS },
} satisfies DriverDefinition;
