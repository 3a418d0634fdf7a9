import type { DriverDefinition } from '../driver.ts';
import { text } from '../normalise.ts';
import { whatsminerV2 } from '../whatsminer-v2/driver.ts';
import { fieldsOf } from '../whatsminer-v2/fields.ts';
import { queriesWith } from '../whatsminer-v2/queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

// The M3 is cgminer, which knows no `cmd`; what came after it takes both (fact sheet 4.1).
const ask = queriesWith('command');
const fields = fieldsOf(ask);
const { actions } = whatsminerV2;

/**
 * Firmware before 2022-07-29 (fact sheet 1.4): the commands of V2 as far back as its API goes. The oldest (capture, M3 of
 * 2018) is a cgminer that has its boards in `stats` and knows no tokens: it says so to whoever orders something.
 */
export const whatsminerV1 = {
  ...whatsminerV2,
  family: 'whatsminer-v1',
  match: [
    { row: 8, rpc: read.OLD_STATS },
    { row: 8, rpc: read.OLD_SUMMARY },
  ],
  fields: {
    ...fields,
    boards: [fields.boards, { ask: ask.stats, read: read.statsBoards }],
    ready: [...fields.ready, { ask: ask.stats, read: read.statsReady, inPassing: true }],
    firmwareVersion: [...fields.firmwareVersion, { ask: ask.status, read: text('/Msg/Firmware Version') }],
  },
  // Not the limit in watts: that came with API 2.0.5.
  actions: {
    restart: actions.restart,
    reboot: actions.reboot,
    sleep: actions.sleep,
    wake: actions.wake,
    locate: actions.locate,
    pools: actions.pools,
  },
  graceMs: {
    restart: 20 * MINUTE_MS,
    reboot: 20 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 20 * MINUTE_MS,
    locate: 2 * MINUTE_MS,
    pools: 5 * MINUTE_MS,
  },
} satisfies DriverDefinition;
