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
  subscribedAtMs: Millis | null;
  askedRealMs: Millis | null;
  /** From the subscription to the authorized worker, real time. */
  workingTookMs: Millis | null;
  heardAtMs: Millis | null;
  heardBytes: number;
  /** Work had stopped coming on the connection before this one: only a second job shows that it comes again. */
  doubted: boolean;
  /** Why no connection is open; kept until the next one is. */
  lost: Readonly<{ layer: 'tcp' | 'stratum'; finding: Finding }> | null;
}>;

export const newLineState: LineState = {
  talk: newTalk,
  connectedAtMs: null,
  connectTookMs: null,
  subscribedAtMs: null,
  askedRealMs: null,
  workingTookMs: null,
  heardAtMs: null,
  heardBytes: 0,
  doubted: false,
  lost: null,
};

export type LineReport = Readonly<{
  tcp: Finding;
  stratum: Finding;
  job: Finding;
  /** The valid job behind an `up`. */
  offered: Job | null;
  connectedAtMs: Millis | null;
  heardAtMs: Millis | null;
}>;

export type ReportAt = Readonly<{ nowMs: Millis; maxAgeMs: Millis }>;

const NOT_ASKED: Finding = { is: 'unknown', why: 'aborted', detail: 'not asked yet' };

/** The findings of the three layers that one connection shows. A layer above a failure fails with its reason. */
export function reportOf(state: LineState, at: ReportAt): LineReport {
  const { connectedAtMs, heardAtMs, lost } = state;
  const job = jobFinding(state, at);
  const offered = job.is === 'up' && state.talk.offer?.checked.ok ? state.talk.offer.checked.job : null;
  const stratum = lost?.finding ?? stratumFinding(state);
  const tcp = lost?.layer === 'tcp' ? lost.finding : tcpFinding(state);
  return { tcp, stratum, job, offered, connectedAtMs, heardAtMs };
}

function tcpFinding({ connectTookMs, lost }: LineState): Finding {
  if (connectTookMs !== null) return { is: 'up', tookMs: connectTookMs };
  return lost?.finding.is === 'unknown' ? lost.finding : NOT_ASKED;
}

function stratumFinding({ talk, workingTookMs }: LineState): Finding {
  if (talk.stage !== 'working' || workingTookMs === null) return NOT_ASKED;
  return { is: 'up', tookMs: workingTookMs };
}

/** Nothing has come for so long that the connection may be dead without either end knowing, or the pool stuck. */
export const isSilent = ({ talk, connectedAtMs }: LineState, { nowMs, maxAgeMs }: ReportAt): boolean =>
  connectedAtMs !== null && talk.offer !== null && nowMs - talk.offer.atMs > maxAgeMs;

const JOBS_OF_THE_DOUBTED = 2;

/** Whether it still has to show that work comes again. */
export const staysDoubted = (doubted: boolean, { offers }: Talk): boolean => doubted && offers < JOBS_OF_THE_DOUBTED;

function jobFinding({ talk, lost, workingTookMs, doubted }: LineState, at: ReportAt): Finding {
  const tookMs = workingTookMs ?? millis(0);
  if (talk.stage === 'working' && staysDoubted(doubted, talk)) {
    return { is: 'down', why: 'tooOld', tookMs, detail: 'no work came for long: a second job is waited for' };
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
