/** The only way into the agent from outside. Importing it starts nothing. */
export { HISTORY_FILE } from './history/database.io.ts';
export type { Change } from './history/history.io.ts';
export { readHistory } from './history/read.io.ts';
export { type Question, type Run, runsOf } from './history/runs.ts';
export { type Agent, type AgentOptions, startAgent } from './main.ts';
export { listenForMiners } from './miner/announce.io.ts';
export { loadCredentials, openCredentials } from './miner/credentials.io.ts';
export { diagnoseOnce } from './miner/health.ts';
export { createMiners } from './miner/miners.io.ts';
export { perform } from './miner/perform.io.ts';
export { type ScanHit, scan } from './miner/scan.io.ts';
export { type Listed, sealedStore } from './miner/sealed.io.ts';
export { credentialsOf, parseScope, scopeText } from './miner/sealed-scope.ts';
export { askRules, concludeRound, newAskState, type Questions, questionsOf, securedIn } from './probe/asking.ts';
export { type LineFacts, vouched } from './probe/conclude.ts';
export { findingOfError } from './probe/errno.ts';
export { readLines } from './probe/lines.ts';
export { ASK_AGAIN_MS, agreedClock, KEPT_MS, type NtpClock, originOf } from './probe/ntp.ts';
export { roundPeriod, watchesLeft } from './probe/pacing.ts';
export type { ProbeSpec } from './probe/probe.ts';
export {
  isSilent,
  type LineReport,
  type LineState,
  type LostLayer,
  newLineState,
  type ReportAt,
  reportOf,
  staysDoubted,
} from './probe/report.ts';
export { createRounds } from './probe/rounds.io.ts';
export { hear, newTalk } from './probe/stratum.ts';
export {
  endpointOf,
  httpAsks,
  isLiteral,
  isPoolTarget,
  isReachedBy,
  NEIGHBOUR,
  poolTarget,
  resolversOf,
} from './probe/targets.ts';
export { createShares } from './shares.ts';
export { type Shown, shownAs } from './verdict/doubt.ts';
export { type JudgeState, judge, judgeParameters, newJudge } from './verdict/judge.ts';
