import type { Site } from '../config/site.ts';
import { realClock } from '../shared/clock.io.ts';
import type { Cancel, Clock } from '../shared/clock.ts';
import type { FeedId, MinerId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { millis } from '../shared/units.ts';
import type { Certified } from './miners/certificate.ts';
import type { PoolSlot } from './miners/device.ts';
import { type Accounts, DEFAULT_ACCOUNTS } from './miners/families.ts';
import { type Floor, hostMiners, type Traffic } from './miners/host.io.ts';
import { BREAKER } from './plant/breaker.ts';
import type { FaultKind } from './plant/fault.ts';
import { linesOf, look } from './plant/look.ts';
import type { FeedMeter, MeterReport, PlantMiner } from './plant/meter.ts';
import { advance, closeBreaker, newPlant, order, type Plant, setPool } from './plant/plant.ts';
import { feedMeters, plantMiners, report } from './plant/report.ts';

export type FarmOptions = Readonly<{
  site: Site;
  /** A miner that is not in here has none. */
  faults: ReadonlyMap<MinerId, FaultKind>;
  /** Site time: what the plant lives by. */
  clock: Clock;
  /** Nonces and salts of the front-ends; the plant draws from `seed` alone. */
  random: Random;
  seed: number;
  /** Asked at every tick: does a pool serve work to the farm? */
  poolServes: () => boolean;
  accounts?: Accounts;
  /** Rating of every breaker in percent of its feed's `capW`; default 100. */
  breakerRatingPct?: number;
  /** Time constant of their curve; where the site's `bootMs` is shortened, shorten this alike. */
  breakerTauMs?: number;
  /** Real time that an Antminer takes to answer a written configuration; default: none. */
  confWriteMs?: number;
  /** Miners whose page is there over TLS alone, with this certificate of their own; default: none. */
  certified?: (miner: MinerId) => Certified | null;
}>;

export type Farm = Readonly<{
  /** Of the plant's own meters, up to now. */
  meter(): MeterReport;
  feeds(): readonly FeedMeter[];
  miners(): readonly PlantMiner[];
  traffic(): readonly Traffic[];
  /** What only a person does: closes a breaker that has tripped. */
  closeBreaker(feed: FeedId): void;
  /** Both clocks at one instant, to compare the report's times with stamps of other processes. */
  startedAt: Readonly<{ monoMs: number; wallMs: number }>;
  /** Frees every port; no timer remains. */
  stop(): Promise<void>;
}>;

/** The passwords of the virtual miners where `accounts` does not say otherwise. */
export const FARM_ACCOUNTS: Accounts = DEFAULT_ACCOUNTS;

// Sockets look again themselves, so this only bounds how late ports close and open.
const TICK_REAL_MS = 100;
const NO_POOL: PoolSlot = { url: 'stratum+tcp://pool.invalid:3333', user: 'farm', pass: 'x' };

/** Puts a farm on its addresses, all of it hashing. Rejects with PORT_IN_USE where an address is taken. */
export async function startFarm(options: FarmOptions): Promise<Farm> {
  const { site, seed, faults, clock } = options;
  const startedAt = { monoMs: clock.monoMs(), wallMs: clock.wallMs() };
  const { breakerRatingPct: ratingPct = BREAKER.ratingPct, breakerTauMs: tauMs = BREAKER.tauMs } = options;
  const plant = newPlant({ site, seed, faults, nowMs: startedAt.monoMs, breaker: { ratingPct, tauMs } });
  const present = (): Plant => {
    advance(plant, clock.monoMs());
    setPool(plant, options.poolServes());
    return plant;
  };
  const floor: Floor = {
    look: (miner) => look(present(), miner),
    lines: (miner) => linesOf(present(), miner),
    order: (miner, action) => order(present(), miner, action),
  };
  const host = await hostMiners([...site.miners.values()], {
    floor,
    pools: poolSlots(site),
    accounts: options.accounts ?? FARM_ACCOUNTS,
    random: options.random,
    siteClock: clock,
    realClock,
    confWriteMs: options.confWriteMs ?? 0,
    certified: options.certified ?? (() => null),
  });
  const stopTicks = every(clock, () => {
    present();
    host.follow();
  });
  return {
    meter: () => report(present()),
    feeds: () => feedMeters(present()),
    miners: () => plantMiners(present()),
    traffic: () => host.traffic(),
    closeBreaker: (feed) => closeBreaker(present(), feed),
    startedAt,
    async stop() {
      stopTicks();
      await host.close();
    },
  };
}

function every(clock: Clock, run: () => void): Cancel {
  let cancel: Cancel = () => {};
  const again = (): void => {
    cancel = clock.after(millis(TICK_REAL_MS * clock.rate), () => {
      run();
      again();
    });
  };
  again();
  return () => cancel();
}

const poolSlots = ({ reachability }: Site): PoolSlot[] =>
  reachability === null ? [NO_POOL] : reachability.pools.map(({ url, worker }) => ({ url, user: worker, pass: 'x' }));
