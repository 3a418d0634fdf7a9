import type { DriverDefinition, Source } from '../driver.ts';
import { type Read, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import * as act from './actions.ts';
import { login } from './login.ts';
import { boards, boardsElsewhere, details, pools, poolsByRpc, setting, status } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/** The rate decides where the boards stand; the rest of them is read there. */
const ofBoards = <T>(read: Read<T>): readonly Source<T>[] => [
  { ask: boards, read },
  { ask: boardsElsewhere, read, inPassing: true },
];

/** Fact sheet, section 11. Nothing is known that would restart it, or show which one it is. */
export const goldshell = {
  family: 'goldshell',
  make: 'Goldshell',
  firmware: 'stock',
  match: [
    { row: 10, rpc: /INTCHAINS_QOMO|KDAMINER/ },
    { row: 23, body: /cloud-box/ },
    { row: 23, ask: boards, says: /"(av_hashrate|minerstatus)"\s*:/ },
    { row: 23, ask: status, says: /"model"\s*:\s*"goldshell/i },
  ],
  login,
  fields: {
    otherRates: { ask: [boards, ...boardsElsewhere], read: read.rates },
    uptimeS: ofBoards(read.uptime),
    boards: ofBoards(read.boards),
    boardDetails: { ask: details, read: read.chips },
    fans: ofBoards(read.fans),
    shares: ofBoards(read.shares),
    asleep: { ask: setting, read: read.asleep },
    pools: [
      { ask: pools, read: read.pools },
      { ask: poolsByRpc, read: poolsOf },
    ],
    mac: { ask: setting, read: read.mac },
    model: { ask: status, read: read.model },
    controlBoard: { ask: status, read: text('/hardware') },
    firmwareVersion: [
      { ask: status, read: text('/firmware') },
      { ask: setting, read: text('/version') },
    ],
  },
  joined: read.joined,
  actions: { sleep: act.sleep, wake: act.wake, pools: act.setPools },
  // The sheet has no times of this family: those of the slowest others.
  graceMs: { sleep: 5 * MINUTE_MS, wake: 15 * MINUTE_MS, pools: 15 * MINUTE_MS },
} satisfies DriverDefinition;
