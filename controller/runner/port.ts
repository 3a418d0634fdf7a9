import type { LiveMessage, SiteView } from '../../shared/view.ts';
import type { Act, Actor, Answer, ControllerPort, PlanView } from '../api/port.ts';
import { ENDED, type Restart } from '../restart/restart.ts';
import type { Store } from '../store/store.ts';
import type { Runner, Saved } from './runner.ts';

export type PortOptions = Readonly<{
  site: string;
  runner: Runner;
  store: Store;
  view(): SiteView;
  subscribe(listener: (message: LiveMessage) => void): () => void;
  plan(): PlanView;
  begin(): Promise<Begun>;
  wallMs(): number;
}>;

/** How the beginning of a restart ended. */
export type Begun = Saved | 'open' | Readonly<{ infeasible: string }>;

/** What the API shows and does; every act is on record before its answer leaves, refused or not. */
export function controllerPort(options: PortOptions): ControllerPort {
  const { runner, store, site } = options;
  const audited = async (action: string, by: Actor, answer: Answer): Promise<Answer> => {
    const target = runner.current()?.restart ?? site;
    const outcome = answer.ok ? 'ok' : answer.code;
    // An act that was taken must not be called refused because its line of the audit could not be written: what was
    // saved with the restart names the actor too.
    await store
      .appendAudit({ atMs: options.wallMs(), actor: by.actor, action, target, reason: by.reason, outcome })
      .catch(() => undefined);
    return answer;
  };
  return {
    view: options.view,
    subscribe: options.subscribe,
    plan: options.plan,
    start: async (by) => audited('start', by, begunAnswer(await options.begin(), runner.current())),
    act: async (act, by) => audited(act, by, await perform(runner, act, by)),
    log: (restart, afterId, limit) => store.log(restart, afterId, limit),
    restarts: (limit) => store.restarts(site, limit),
    outages: (limit) => store.outages(site, limit),
    verdicts: (limit) => store.verdicts(site, limit),
    audit: (limit) => store.audit(limit),
  };
}

const refusal = (code: string, reason: string): Answer => ({ ok: false, code, reason });

async function perform(runner: Runner, act: Act, by: Actor): Promise<Answer> {
  const restart = runner.current();
  if (restart === null || ENDED.has(restart.state)) return refusal('NO_RESTART', 'no restart is open');
  const why = refuseAct(restart, act);
  if (why !== null) return why;
  const saved = await runner.ask({ kind: 'operator', act, ...by });
  return saved === 'saved' ? { ok: true, restart: restart.restart } : notSaved(saved);
}

/** What would change nothing is refused, so that nobody believes it did. */
function refuseAct({ state, pauseReasons }: Restart, act: Act): Answer | null {
  switch (act) {
    case 'approve':
      return state === 'AWAITING_APPROVAL' ? null : refusal('NOT_AWAITING_APPROVAL', `the restart is ${state}`);
    case 'resume': {
      const waits = state === 'HALTED' || pauseReasons.OPERATOR !== undefined;
      return waits ? null : refusal('NOT_PAUSED', `no person has paused it: the restart is ${state}`);
    }
    case 'pause':
      return pauseReasons.OPERATOR === undefined ? null : refusal('PAUSED_ALREADY', 'a person has paused it already');
    case 'abort':
      return state === 'ABORTING' ? refusal('ABORTING_ALREADY', 'it is being aborted already') : null;
  }
}

function begunAnswer(begun: Begun, restart: Restart | null): Answer {
  if (typeof begun === 'object') return refusal('PLAN_INFEASIBLE', begun.infeasible);
  if (begun === 'open') return refusal('RESTART_OPEN', `a restart is open: ${restart?.restart} is ${restart?.state}`);
  if (begun !== 'saved' || restart === null) return notSaved(begun);
  return { ok: true, restart: restart.restart };
}

function notSaved(saved: Saved): Answer {
  if (saved === 'stale') return refusal('STALE', 'another controller has taken the site over');
  return refusal('STORE', 'the store cannot be written: nothing was changed');
}
