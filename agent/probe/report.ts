import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { Job } from './job.ts';
import { newTalk, type Offer, type Talk } from './stratum.ts';

/** What is known of one pool's connection. Times without `Real` are site time. */
export type LineState = Readonly<{
  talk: Talk;
  /** Null while no connection is open. */
  connectedAtMs: Millis | null;
  connectTookMs: Millis | null;
  /** Of a handshake that showed the expected certificate. */
  securedTookMs: Millis | null;
  subscribedAtMs: Millis | null;
  askedRealMs: Millis | null;
  /** From the subscription to the authorized worker, real time. */
  workingTookMs: Millis | null;
  heardAtMs: Millis | null;
  heardBytes: number;
  /** Work had stopped coming on the connection before this one: only a second job shows that it comes again. */
  doubted: boolean;
  /** Connections one after the other that ended before their second job. */
  earlyEnds: number;
  /** Why no connection is open; kept until the next one is. */
  lost: Readonly<{ layer: LostLayer; finding: Finding }> | null;
}>;

export type LostLayer = 'tcp' | 'tls' | 'stratum';

export const newLineState: LineState = {
  talk: newTalk,
  connectedAtMs: null,
  connectTookMs: null,
  securedTookMs: null,
  subscribedAtMs: null,
  askedRealMs: null,
  workingTookMs: null,
  heardAtMs: null,
  heardBytes: 0,
  doubted: false,
  earlyEnds: 0,
  lost: null,
};

export type LineReport = Readonly<{
  tcp: Finding;
  /** Of a pool over TLS. */
  tls: Finding;
  stratum: Finding;
  job: Finding;
  /** The valid job behind an `up`. */
  offered: Job | null;
  /** A job that only this host's clocks refuse, and NTP's does not: whether it counts is for `conclude` to say. */
  byNtp: Job | null;
  connectedAtMs: Millis | null;
  heardAtMs: Millis | null;
}>;

export type ReportAt = Readonly<{
  nowMs: Millis;
  maxAgeMs: Millis;
  skewMs: Millis;
  /** True Unix time at 0 of the clock that `nowMs` is of; null: no time server says. */
  ntpFromMs: number | null;
}>;

const NOT_ASKED: Finding = { is: 'unknown', why: 'aborted', detail: 'not asked yet' };

/** The findings of the layers that one connection shows. A layer above a failure fails with its reason. */
export function reportOf(state: LineState, at: ReportAt): LineReport {
  const { connectedAtMs, heardAtMs, lost } = state;
  const job = jobFinding(state, at);
  const offered = job.is === 'up' && state.talk.offer?.checked.ok ? state.talk.offer.checked.job : null;
  const stratum = lost?.finding ?? stratumFinding(state);
  const tcp = lost?.layer === 'tcp' ? lost.finding : tcpFinding(state);
  const tls = lost !== null && lost.layer !== 'stratum' ? lost.finding : tlsFinding(state);
  return { tcp, tls, stratum, job, offered, byNtp: jobByNtp(state, at), connectedAtMs, heardAtMs };
}

function tcpFinding({ connectTookMs, lost }: LineState): Finding {
  if (connectTookMs !== null) return { is: 'up', tookMs: connectTookMs };
  return lost?.finding.is === 'unknown' ? lost.finding : NOT_ASKED;
}

function tlsFinding({ securedTookMs, lost }: LineState): Finding {
  if (securedTookMs !== null) return { is: 'up', tookMs: securedTookMs };
  return lost?.finding.is === 'unknown' ? lost.finding : NOT_ASKED;
}

function stratumFinding({ talk, workingTookMs }: LineState): Finding {
  if (talk.stage !== 'working' || workingTookMs === null) return NOT_ASKED;
  return { is: 'up', tookMs: workingTookMs };
}

/** Nothing has come for so long that the connection may be dead without either end knowing, or the pool stuck. */
export const isSilent = ({ talk, connectedAtMs }: LineState, { nowMs, maxAgeMs }: ReportAt): boolean =>
  connectedAtMs !== null && nowMs - (talk.offer?.atMs ?? connectedAtMs) > maxAgeMs;

const JOBS_OF_THE_DOUBTED = 2;

/** Whether it still has to show that work comes again. */
export const staysDoubted = (doubted: boolean, { offers }: Talk): boolean => doubted && offers < JOBS_OF_THE_DOUBTED;

const EARLY_ENDS_MAX = 1; // a pool may go down once just then; one that does so each time is no pool that miners could keep

/** What the end of a connection that had served work says of the next one. */
export function afterEnd({ talk, doubted, earlyEnds }: LineState): Pick<LineState, 'doubted' | 'earlyEnds'> {
  const early = talk.offers < JOBS_OF_THE_DOUBTED ? earlyEnds + 1 : 0;
  return { earlyEnds: early, doubted: doubted || early > EARLY_ENDS_MAX };
}

function jobFinding({ talk, lost, workingTookMs, doubted }: LineState, at: ReportAt): Finding {
  const tookMs = workingTookMs ?? millis(0);
  if (talk.stage === 'working' && staysDoubted(doubted, talk)) {
    return { is: 'down', why: 'tooOld', tookMs, detail: 'work had stopped coming: a second job is waited for' };
  }
  if (talk.stage === 'working' && talk.offer !== null) return offerFinding(talk.offer, tookMs, at);
  if (lost === null) return talk.stage === 'working' ? noJob(tookMs, 'authorized, and no job came') : NOT_ASKED;
  return lost.layer === 'stratum' && lost.finding.is === 'down' ? noJob(lost.finding.tookMs) : lost.finding;
}

function offerFinding({ checked, atMs }: Offer, tookMs: Millis, { nowMs, maxAgeMs }: ReportAt): Finding {
  if (!checked.ok) return { is: 'down', why: checked.why, tookMs, detail: checked.detail };
  const ageMs = nowMs - atMs;
  const detail = `height ${checked.job.height}, ${Math.round(ageMs / 1_000)} s old`;
  if (ageMs > maxAgeMs) return { is: 'down', why: 'tooOld', tookMs, detail };
  return { is: 'up', tookMs, detail };
}

const noJob = (tookMs: Millis, detail?: string): Finding => ({
  is: 'down',
  why: 'noJob',
  tookMs,
  ...(detail === undefined ? {} : { detail }),
});

// What a pool that lives writes into its jobs is of this minute; two hours are for clocks that nobody checks.
const NTP_SKEW_MAX_MS = 600_000;

function jobByNtp({ talk, workingTookMs }: LineState, { nowMs, maxAgeMs, skewMs, ntpFromMs }: ReportAt): Job | null {
  const { offer } = talk;
  if (ntpFromMs === null || offer === null || offer.checked.ok || talk.stage !== 'working') return null;
  const job = offer.checked.outOfTime;
  if (job === undefined || workingTookMs === null || nowMs - offer.atMs > maxAgeMs) return null;
  const offMs = Math.abs(job.ntimeS * 1_000 - (ntpFromMs + offer.atMs));
  return offMs <= Math.min(NTP_SKEW_MAX_MS, skewMs) ? job : null;
}
