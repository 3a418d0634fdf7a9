import type { PoolState } from '../../../shared/snapshot.ts';
import { type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { countOf, flagOf, numberOf, type Read, textOf } from '../normalise.ts';
import { rateNow } from './read.ts';

/** The first is mined at; the second only while the first is gone, or beside it where a NerdAxe is set to both. */
export const SLOTS = ['stratum', 'fallbackStratum'] as const;
type Slot = (typeof SLOTS)[number];

const usesBoth = (reply: Json): boolean => numberOf(pointer('/stratum/poolMode')(reply)) === 1;

function activeSlot(reply: Json): Slot {
  const flag = property(reply, 'isUsingFallbackStratum') ?? pointer('/stratum/usingFallback')(reply);
  return flagOf(flag) === true && !usesBoth(reply) ? 'fallbackStratum' : 'stratum';
}

export const pools: Read<PoolState[]> = (reply) => {
  if (property(reply, 'stratumURL') === undefined) return null;
  return SLOTS.flatMap((slot, index) => {
    const url = urlOf(reply, slot);
    return url === null ? [] : [{ index, url, ...poolOf(reply, slot) }];
  });
};

function urlOf(reply: Json, slot: Slot): string | null {
  const [host, port] = [textOf(property(reply, `${slot}URL`)), countOf(property(reply, `${slot}Port`))];
  if (host === null) return null;
  const scheme = flagOf(property(reply, `${slot}TLS`)) === true ? 'stratum+ssl' : 'stratum+tcp';
  const whole = host.includes('://') ? host : `${scheme}://${host}`;
  return port === null || /:\d+$/.test(host) ? whole : `${whole}:${port}`;
}

/** Shares are counted from the start, of the pools together; NerdAxes count those of each that is in use. */
function poolOf(reply: Json, slot: Slot): Omit<PoolState, 'index' | 'url'> {
  const active = slot === activeSlot(reply);
  const own = ownCount(reply, slot, active);
  const count = (kind: 'accepted' | 'rejected', total: string): number | null =>
    countOf(property(own, kind)) ?? (active ? countOf(property(reply, total)) : null);
  return {
    worker: textOf(property(reply, `${slot}User`)),
    state: own === null ? (active ? stateOf(reply) : 'unknown') : connected(own),
    active,
    accepted: count('accepted', 'sharesAccepted'),
    rejected: count('rejected', 'sharesRejected'),
  };
}

/** One entry is the pool in use; two are both, in order. */
function ownCount(reply: Json, slot: Slot, active: boolean): JsonObject | null {
  const listed = objectsOf(pointer('/stratum/pools')(reply));
  if (listed.length > 1) return listed[SLOTS.indexOf(slot)] ?? null;
  return active ? (listed[0] ?? null) : null;
}

function connected(own: JsonObject): PoolState['state'] {
  const flag = flagOf(property(own, 'connected'));
  return flag === null ? 'unknown' : flag ? 'alive' : 'dead';
}

/** Newer firmware has a word for it. Without one only work tells: this software hashes for a pool or not at all. */
function stateOf(reply: Json): PoolState['state'] {
  const word = textOf(property(reply, 'poolConnectionInfo')) ?? '';
  if (/disconnected|not connected/i.test(word)) return 'dead';
  return word === 'active' || (rateNow(reply) ?? 0) > 0 ? 'alive' : 'unknown';
}
