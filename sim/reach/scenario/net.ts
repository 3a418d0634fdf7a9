import type { Finding } from '../../../shared/finding.ts';
import { type Random, uniform } from '../../../shared/random.ts';
import type { PoolMood } from './pool.ts';

/** Times here are virtual milliseconds since the agent was started. */
export type To = Readonly<{ proto: 'tcp' | 'udp' | 'icmp'; host: string; port: number }>;

/** What becomes of a packet: an answer, an RST, silence, or an error of the socket before anything was sent. */
export type Fate = 'passes' | 'refused' | 'dropped' | SocketError;
export type SocketError = `E${string}`;

/** What a web server does with a challenge: gives it back, answers with this status and without it, or says nothing. */
export type Web = 'echo' | 'silence' | number;
/** The certificate behind a TLS port: the host's own, one of somebody else, or one of somebody who passes on all else. */
export type Tls = 'own' | 'foreign' | 'intercepted' | 'silence';

/** A fake world at the level of single questions: what a socket would have said. All of it may change with time. */
export type World = Readonly<{
  rttMs: number;
  jitterMs: number;
  /** Stands on this side of the way that loses. */
  gateway: string;
  /** Of round trips beyond it. */
  lossPct(atMs: number): number;
  fate(to: To, atMs: number): Fate;
  /** What the resolvers say of a name; null: they fail. */
  address(name: string, atMs: number): string | null;
  /** Any name has an address, also one that cannot exist. */
  lies(atMs: number): boolean;
  web(host: string, atMs: number): Web;
  tls(host: string, atMs: number): Tls;
  pool(host: string, atMs: number): PoolMood;
  /** What the `ping` program comes to; null: it works. */
  ping: Finding | null;
  /** By how much the host's wall clock is wrong. */
  wallOffMs(atMs: number): number;
  /** The first moment from then on at which the agent's event loop is free. */
  freeAt(atMs: number): number;
  /** What the host's own tables say of the uplink; null: it is up, has an address, and its gateway is a neighbour. */
  link(atMs: number): 'noCarrier' | 'noAddress' | 'noNeighbour' | 'EMFILE' | null;
  /** Miners' shares are accepted. */
  earns(atMs: number): boolean;
  /** A full round begins: for worlds that fail a certain one. */
  sawRound(atMs: number): void;
}>;

export type Arrival = Readonly<{ atMs: number; fate: Fate }>;
export type Trying = Readonly<{ atMs: number; tries: readonly number[]; untilMs: number }>;

/** When the kernel sends the first segment of a connection again, and then a request. */
export const SYN_TRIES = [0, 1_000, 3_000, 7_000];
export const DATAGRAM_TRIES = [0];
/** Of a question to one name server; with more of them, each has its turn before the first is asked again. */
export const QUESTION_TRIES = [0, 1_000, 3_000];
export const QUESTION_TURN_MS = 1_000;
const RETRANSMITS = 5;
const RTO_MIN_MS = 200;
// Longer than any round: a kernel goes on for minutes.
const PUSH_RETRANSMITS = 9;

const backOff = (firstMs: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, n) => firstMs * (2 ** n - 1));

export type Net = Readonly<{
  world: World;
  random: Random;
  roundTripMs(): number;
  /** The first try whose answer comes in time; null: none. */
  ask(to: To, trying: Trying): Arrival | null;
  /** When something that one end of a connection sends is at the other, `shareMs` of a round trip away; null: never. */
  carry(to: To, atMs: number): number | null;
  requestTries: readonly number[];
}>;

/** Latency, loss and retransmission over a world. */
export function createNet(world: World, random: Random): Net {
  const { rttMs, jitterMs } = world;
  const rtoMs = RTO_MIN_MS + rttMs;
  const requestTries = backOff(rtoMs, RETRANSMITS);
  const pushTries = backOff(rtoMs, PUSH_RETRANSMITS);
  const isLost = ({ host }: To, atMs: number): boolean => {
    if (host === world.gateway) return false;
    const lossPct = world.lossPct(atMs);
    return lossPct > 0 && random() * 100 < lossPct;
  };
  const roundTripMs = (): number => rttMs + (jitterMs > 0 ? uniform(random, -jitterMs, jitterMs) : 0);
  return {
    world,
    random,
    roundTripMs,
    requestTries,
    ask(to, { atMs, tries, untilMs }) {
      for (const offMs of tries) {
        const sentMs = atMs + offMs;
        if (sentMs >= untilMs) return null;
        const fate = world.fate(to, sentMs);
        if (fate !== 'passes' && fate !== 'refused' && fate !== 'dropped') return failed(fate, sentMs, untilMs);
        if (fate === 'dropped' || isLost(to, sentMs)) continue;
        const backMs = sentMs + roundTripMs();
        if (backMs <= untilMs) return { atMs: backMs, fate };
      }
      return null;
    },
    carry(to, atMs) {
      for (const offMs of pushTries) {
        const fate = world.fate(to, atMs + offMs);
        // A host that refuses new connections has not ended those that it has.
        if ((fate === 'passes' || fate === 'refused') && !isLost(to, atMs + offMs))
          return atMs + offMs + roundTripMs() / 2;
      }
      return null;
    },
  };
}

// A neighbour that does not answer is given up after three requests, a second apart.
const NEIGHBOUR_MS = 3_060;

function failed(fate: SocketError, atMs: number, untilMs: number): Arrival | null {
  const knownMs = fate === 'EHOSTUNREACH' ? atMs + NEIGHBOUR_MS : atMs;
  return knownMs <= untilMs ? { atMs: knownMs, fate } : null;
}
