export { FARM_ACCOUNTS, type Farm, type FarmOptions, startFarm } from './farm.io.ts';
export { type Cut, type Internet, type InternetOptions, type Path, startInternet } from './internet/internet.io.ts';
export type { Accounts } from './miners/families.ts';
export type { Traffic } from './miners/host.io.ts';
export { loopbackPlaces, type Place, portPlaces } from './miners/loopback.io.ts';
export { BREAKER, type BreakerCurve } from './plant/breaker.ts';
export { FAULT_KINDS, FAULTS, type FaultKind, type PlantAction } from './plant/fault.ts';
export type {
  CapViolation,
  FeedMeter,
  LimitBreach,
  MeterReport,
  PlantMiner,
  PushSeen,
  Start,
  Trip,
} from './plant/meter.ts';
export { advance, newPlant, order, type Plant, type PlantOptions, setPool } from './plant/plant.ts';
export { report } from './plant/report.ts';
export { frontierOutage } from './reach/corpus.ts';
export { FRONTIER, type Point } from './reach/frontier.ts';
export { type ReplayState, replay, type Transition } from './reach/replay.ts';
export { playScenario } from './reach/scenario/play.ts';
export { SCENARIOS } from './reach/scenario/rows.ts';
export type { Scenario } from './reach/scenario/scenario.ts';
export { delayText, percentText, remarks, scenarioDocument } from './reach/scenario/table.ts';
export { type Played, type Tally, tallyOf } from './reach/scenario/tally.ts';
export { type Score, type Scored, scoreOf, scoreOutage } from './reach/score.ts';
