import type { LocalCaps } from '../../config/daemons.ts';
import type { Command, NotExecuted } from '../../shared/command.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot, MiningState } from '../../shared/snapshot.ts';

/** Why an order is not carried out: the code goes to the controller, the words to whoever reads the log. */
export type Refusal = Readonly<{ why: NotExecuted; detail: string }>;

/** What the agent knows by itself when it decides about an order. */
export type Facts = Readonly<{
  /** This agent has the miner. */
  ours: boolean;
  /** The highest epoch that a controller of this site has shown. */
  maxEpoch: number;
  /** Real milliseconds since the order came, on the monotonic clock. */
  heldMs: number;
  killSwitch: boolean;
  /** null: our own uplinks are restored; otherwise what is missing. */
  notRestored: string | null;
  /** Another order for this miner is still open. */
  busy: boolean;
  pushesLastHour: number;
  pushesLastDay: number;
  /** Miners of ours that boot from our pushes, this one not counted. */
  booting: number;
  /** Miners of ours in all. */
  miners: number;
  caps: LocalCaps;
}>;

/**
 * Everything but the miner itself. Asked when the order comes and again, without a wait in between, right before the
 * act: the world moves while a miner is read or a turn is waited for.
 */
export function refusal(command: Command, facts: Facts): Refusal | null {
  if (!facts.ours) return no('not_ours', 'this agent does not have the miner');
  if (command.siteEpoch < facts.maxEpoch) {
    return no('old_epoch', `epoch ${command.siteEpoch} is below ${facts.maxEpoch}: another controller took over`);
  }
  if (facts.heldMs >= command.ttlMs) return no('expired', `${Math.round(facts.heldMs)} ms since it came`);
  if (facts.killSwitch) return no('kill_switch', 'the kill-switch file exists');
  if (facts.notRestored !== null) return no('not_restored', facts.notRestored);
  if (facts.busy) return no('busy', 'another order for this miner is open');
  return capRefusal(command, facts);
}

function capRefusal({ action }: Command, { caps, ...facts }: Facts): Refusal | null {
  if (action === 'power_cycle' && !caps.powerCycle) return no('local_cap', 'power cycling is not allowed here');
  if (facts.pushesLastHour >= caps.pushesPerMinerPerHour) {
    return no('local_cap', `${facts.pushesLastHour} pushes of this miner within the hour`);
  }
  if (facts.pushesLastDay >= caps.pushesPerMinerPerDay) {
    return no('local_cap', `${facts.pushesLastDay} pushes of this miner within the day`);
  }
  const most = maxAtOnce(caps, facts.miners);
  return facts.booting >= most ? no('local_cap', `${facts.booting} miners are booting, ${most} may`) : null;
}

/** At least one: a percentage of a small farm must not stop it for ever. */
export function maxAtOnce(caps: LocalCaps, miners: number): number {
  return Math.max(1, Math.floor((caps.maxAtOncePct * miners) / 100));
}

/** What a reading taken for this order says against it. A miner that cannot be read is not written to either. */
export function readingRefusal(
  command: Command,
  reading: Readonly<{ unreadable: Unreadable | null; detail: string | null; snapshot: MinerSnapshot | null }>,
): Refusal | null {
  const { snapshot } = reading;
  if (reading.unreadable !== null || snapshot === null) {
    return no('unreadable', reading.detail ?? reading.unreadable ?? 'nothing was read');
  }
  if (hashesHealthily(command, snapshot)) return no('already_ok', `hashing at ${snapshot.hashrateThs} TH/s`);
  return restarted(command, snapshot) ?? begun(command, snapshot) ?? wrongPush(command, snapshot);
}

/** The same judgement as the controller's; where the pools could not be read, the miner gets the benefit. */
function hashesHealthily({ precond }: Command, { miningState, hashrateThs, pools }: MinerSnapshot): boolean {
  if (miningState !== 'hashing' || hashrateThs === null) return false;
  const onPool = pools.length === 0 || pools.some(({ active, state }) => active && state === 'alive');
  return onPool && (precond.healthyThs === null ? hashrateThs > 0 : hashrateThs >= precond.healthyThs);
}

function restarted({ precond }: Command, { uptimeS }: MinerSnapshot): Refusal | null {
  if (precond.uptimeS === null || uptimeS === null || uptimeS >= precond.uptimeS) return null;
  return no('precondition', `it restarted by itself: up ${uptimeS} s, was ${precond.uptimeS} s`);
}

/** On its way since the decision, without us: a push now would be its second start. */
function begun({ precond }: Command, { miningState }: MinerSnapshot): Refusal | null {
  if (precond.miningState === null || progress(miningState) <= progress(precond.miningState)) return null;
  return no('precondition', `it came back by itself: ${miningState}, was ${precond.miningState}`);
}

const progress = (state: MiningState): number => (state === 'hashing' ? 2 : state === 'starting' ? 1 : 0);

/** Sleep is ended by waking alone, and power is never cut in the middle of a boot. */
function wrongPush({ action }: Command, { miningState }: MinerSnapshot): Refusal | null {
  if (miningState === 'sleeping' && action !== 'wake') return no('precondition', 'it sleeps: only wake ends that');
  if (miningState === 'starting' && action === 'power_cycle') return no('precondition', 'it is booting');
  return null;
}

const no = (why: NotExecuted, detail: string): Refusal => ({ why, detail });
