import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { catalogue } from './catalogue.ts';
import type { ActAnswer } from './link.ts';
import type { Miners } from './miners.io.ts';
import type { MinerOrder } from './order.ts';
import { cannotShow, holds, type Outcome, type Seen, shows, stands } from './outcome.ts';
import type { Reading, Target } from './reading.ts';

export type Performed = Outcome &
  Readonly<{
    /** It may have reached the device, and may still take effect. */
    ordered: boolean;
    tookMs: number;
    before: MinerSnapshot | null;
    after: MinerSnapshot | null;
  }>;

export type PerformOptions = Readonly<{
  miners: Miners;
  target: Target;
  order: MinerOrder;
  /** How long its effect may take to show; left out = the family's own (fact sheet 18.1). */
  graceMs?: Millis;
  /** The longest real time between two looks; the first come sooner. */
  everyMs?: Millis;
  signal?: AbortSignal;
  /** Told of every look while it waits. */
  onLook?(seen: MinerSnapshot | null, leftMs: number): void;
}>;

const LOOK_EVERY_MS = millis(5_000);
/** A light shows at once, a reboot in minutes: the first look comes so soon, each next one after twice as long. */
const FIRST_LOOK_MS = 500;
const GRACE_MS = 15 * 60_000;

/**
 * One order, from the reading before it to the reading that shows its effect. Never throws. Nothing is written after a
 * reading that failed, and nothing where the miner already is as it should be. Aborted: what was seen until then.
 */
export async function perform(options: PerformOptions): Promise<Performed> {
  const { miners, target, order, signal } = options;
  const startedMs = realClock.monoMs();
  const tookMs = (): number => Math.round(realClock.monoMs() - startedMs);
  const first = await miners.read(target, signal);
  const before = first.snapshot;
  const unordered = (outcome: Outcome, after: MinerSnapshot | null = null): Performed => ({
    ...outcome,
    ...{ ordered: false, tookMs: tookMs(), before, after },
  });
  if (signal?.aborted) return unordered(GIVEN_UP);
  if (first.unreadable === 'auth_failed') return unordered({ result: 'auth_failed', detail: first.detail });
  if (before === null) return unordered(notRead(first));
  if (holds(order, before)) {
    return unordered({ result: 'done', detail: 'it already was so: nothing was sent' }, before);
  }
  const orderedMs = realClock.monoMs();
  const answer = await miners.act(target, order, signal);
  if (answer.result !== 'sent' && answer.result !== 'no_reply') {
    const { result, detail } = answer;
    // Whoever gives up hears of it as of a line that broke: that is no word of the device.
    return unordered({ result: result === 'refused' && signal?.aborted ? 'no_reply' : result, detail });
  }
  const { outcome, after } = await observe(options, { before, orderedMs, answer });
  return { ...outcome, ordered: true, tookMs: tookMs(), before, after };
}

const GIVEN_UP: Outcome = { result: 'no_reply', detail: 'given up before anything was sent' };
const NOBODY: ReadonlySet<Unreadable | null> = new Set<Unreadable>(['silent', 'refused', 'closed_early']);

/** Only who has answered can be said to have refused. */
const notRead = ({ unreadable, detail }: Reading): Outcome => ({
  result: NOBODY.has(unreadable) ? 'no_reply' : 'refused',
  detail: `not ordered, since it could not be read before (${unreadable}: ${detail})`,
});

type Ordered = Readonly<{ before: MinerSnapshot; orderedMs: number; answer: ActAnswer }>;
type Observed = Readonly<{ outcome: Outcome; after: MinerSnapshot | null }>;

async function observe(options: PerformOptions, ordered: Ordered): Promise<Observed> {
  const { miners, target, order, everyMs = LOOK_EVERY_MS, signal, onLook } = options;
  const { before, orderedMs, answer } = ordered;
  const untilMs = orderedMs + (options.graceMs ?? graceOf(before.family, order));
  let last: Seen | null = null;
  let waitMs = FIRST_LOOK_MS;
  // At least once, however long the order itself took: nobody has seen what was not looked at.
  for (let looks = 0; (looks === 0 || realClock.monoMs() < untilMs) && signal?.aborted !== true; looks += 1) {
    await sleep(realClock, millis(Math.max(0, Math.min(waitMs, everyMs, untilMs - realClock.monoMs()))), signal);
    waitMs *= 2;
    const { snapshot, unreadable } = await miners.read(target, signal);
    onLook?.(snapshot, Math.max(0, untilMs - realClock.monoMs()));
    if (snapshot === null || unreadable !== null) continue;
    last = { before, after: snapshot, sinceS: (realClock.monoMs() - orderedMs) / 1_000 };
    // What became of the line is of no interest where the effect shows.
    const detail = answer.result === 'sent' ? answer.detail : 'it gave no answer, and shows the effect';
    if (shows(order, last)) return { outcome: { result: 'done', detail }, after: snapshot };
    if (answer.result === 'sent' && cannotShow(order, snapshot)) {
      const detail = 'the device said yes, and does not show it: its word is all there is';
      return { outcome: { result: 'done', detail }, after: snapshot };
    }
  }
  return { outcome: ineffective(order, answer, last), after: last?.after ?? null };
}

function ineffective(order: MinerOrder, answer: ActAnswer, last: Seen | null): Outcome {
  const seen = last === null ? 'it has not answered since' : stands(order, last);
  const detail = [answer.detail, seen].filter((part) => part !== null).join('; ');
  return { result: answer.result === 'sent' ? 'accepted_but_ineffective' : 'no_reply', detail };
}

const graceOf = (family: string, { action }: MinerOrder): number => catalogue.get(family)?.graceMs[action] ?? GRACE_MS;
