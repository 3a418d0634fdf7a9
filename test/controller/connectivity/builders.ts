import { type Connectivity, newConnectivity, type Rules, step } from '../../../controller/connectivity/connectivity.ts';
import { newOutageWatch, type OutageWatch, watchOutage } from '../../../controller/connectivity/outage.ts';
import type { Heard } from '../../../controller/connectivity/votes.ts';
import { agentId, uplinkId } from '../../../shared/ids.ts';
import type { LinkVerdict } from '../../../shared/messages.ts';

export const HOLD_MS = 300_000;
export const STALE_MS = 40_000;
const CONFIRM_MS = 30_000;

export const rules = (uplinks: number, of: Partial<Rules> = {}): Rules => ({
  uplinks: Array.from({ length: uplinks }, (_, i) => uplinkId(`isp-${i + 1}`)),
  speakers: new Map(),
  configured: uplinks,
  staleMs: STALE_MS,
  quorum: null,
  hysteresis: uplinks < 5 ? 0 : 1,
  minKnown: null,
  holdMs: HOLD_MS,
  ...of,
});

/** `R` restored, `H` holding, `P` a portal, `D` down, `?` unknown, `A` down with the alarm of the loss watch. */
export type Letter = 'R' | 'H' | 'P' | 'D' | '?' | 'A';

const plain = {
  label: null,
  whyNot: null,
  lossAlarm: false,
  sinceMs: 0,
  holdRemainingMs: null,
  ageMs: 0,
  evidence: [],
};
const VERDICTS: Readonly<Record<Letter, Omit<LinkVerdict, 'uplink'>>> = {
  R: { ...plain, state: 'RESTORED' },
  H: { ...plain, state: 'PARTIAL', label: 'HOLDING', whyNot: 'hold.running', holdRemainingMs: 200_000 },
  P: { ...plain, state: 'PARTIAL', label: 'PORTAL', whyNot: 'http.challengeMissing' },
  D: { ...plain, state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'dns.timeout' },
  A: { ...plain, state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'dns.timeout', lossAlarm: true },
  '?': { ...plain, state: 'UNKNOWN', label: 'SELF_FAULT', whyNot: 'job.lagging' },
};

export const heard = (agent: string, uplink: string, letter: Letter, atMs: number): Heard => ({
  agent: agentId(agent),
  uplink: uplinkId(uplink),
  atMs,
  verdict: { uplink, ...VERDICTS[letter] },
});

/** One letter an uplink, each heard at this moment from an agent of its own; `.` says nothing new. */
export function said(votes: string, atMs: number): readonly Heard[] {
  return [...votes].flatMap((letter, i) =>
    letter === '.' ? [] : [heard(`a${i + 1}`, `isp-${i + 1}`, letter as Letter, atMs)],
  );
}

export type Site = Readonly<{
  say(atMs: number, votes: string | readonly Heard[]): Connectivity;
  watch(): OutageWatch;
  letGo(change: (watch: OutageWatch) => OutageWatch): void;
}>;

/** A controller that hears what is said, keeps the newest of each agent, and looks at that moment. */
export function aSiteThatHears(of: Rules, open: OutageWatch = newOutageWatch(null, 0)): Site {
  const known = new Map<string, Heard>();
  let connectivity = newConnectivity(of, 0);
  let watch = open;
  return {
    say(atMs, votes) {
      const news = typeof votes === 'string' ? said(votes, atMs) : votes;
      for (const one of news) known.set(`${one.agent} ${one.uplink}`, one);
      connectivity = step(connectivity, [...known.values()], { rules: of, nowMs: atMs });
      watch = watchOutage(watch, connectivity, { wallMs: atMs, confirmMs: CONFIRM_MS });
      return connectivity;
    },
    watch: () => watch,
    letGo: (change) => {
      watch = change(watch);
    },
  };
}
