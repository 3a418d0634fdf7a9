import type { LiveMessage, SiteView } from '../../shared/view.ts';
import type { AuditRow, RestartSummary, StoredLog, StoredOutage, VerdictRow } from '../store/store.ts';

/** Who wants it, and why: both are audited as they are. */
export type Actor = Readonly<{ actor: string; reason: string }>;

export const ACTS = ['approve', 'pause', 'resume', 'abort'] as const;
export type Act = (typeof ACTS)[number];

/** A refusal carries a code and a sentence that says what is missing. */
export type Answer = Readonly<{ ok: true; restart: string }> | Readonly<{ ok: false; code: string; reason: string }>;

/** The plan as JSON. Its shape belongs to the planner, which this room does not know; the API passes it on as it is. */
export type PlanView = object;

/** What the API needs of the controller; `controller/main.ts` joins the two. */
export type ControllerPort = Readonly<{
  view(): SiteView;
  /**
   * A whole view first, at once, then changes; returns the unsubscribe. Changes are coalesced by the controller
   * (at most 4 in a real second).
   */
  subscribe(listener: (message: LiveMessage) => void): () => void;
  /** Plans and arms a restart. Audited by the implementation, refused or not. */
  start(by: Actor): Promise<Answer>;
  /** Acts on the running restart. Audited by the implementation, refused or not. */
  act(act: Act, by: Actor): Promise<Answer>;
  plan(): PlanView;
  /** Entries after `afterId`, oldest first. */
  log(restart: string, afterId: number, limit: number): Promise<readonly StoredLog[]>;
  /** Newest first. */
  restarts(limit: number): Promise<readonly RestartSummary[]>;
  /** Newest first. */
  outages(limit: number): Promise<readonly StoredOutage[]>;
  /** Newest first. */
  verdicts(limit: number): Promise<readonly VerdictRow[]>;
  /** Newest first. */
  audit(limit: number): Promise<readonly AuditRow[]>;
}>;
