import type { Act, Actor, Answer, ControllerPort } from '../../../controller/api/port.ts';
import type { LiveMessage, SiteView } from '../../../shared/view.ts';
import { aView } from './view.ts';

export type TestPort = ControllerPort &
  Readonly<{
    acts: (Actor & { act: Act | 'start' })[];
    listeners: Set<(message: LiveMessage) => void>;
    tell(message: LiveMessage): void;
    show(view: SiteView): void;
    answerWith(answer: Answer): void;
    failWith(error: Error | null): void;
    asked: unknown[][];
  }>;

/** A controller that shows what it is told to and remembers what it was asked. */
export function testPort(first: SiteView = aView()): TestPort {
  let view = first;
  let answer: Answer = { ok: true, restart: 'r-1' };
  let failure: Error | null = null;
  const acts: TestPort['acts'] = [];
  const asked: unknown[][] = [];
  const listeners = new Set<(message: LiveMessage) => void>();
  const list = async <T>(rows: readonly T[], ...question: unknown[]): Promise<readonly T[]> => {
    asked.push(question);
    if (failure) throw failure;
    return rows;
  };
  const act = async (name: Act | 'start', by: Actor): Promise<Answer> => {
    if (failure) throw failure;
    acts.push({ act: name, ...by });
    return answer;
  };
  return {
    acts,
    asked,
    listeners,
    view: () => view,
    subscribe(listener) {
      listener({ kind: 'whole', view });
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: (by) => act('start', by),
    act,
    plan: () => ({ miners: view.miners.length, feasible: true }),
    log: (restart, afterId, limit) =>
      list([{ id: 7, atMs: 1, kind: 'wave', body: { wave: 1 } }], 'log', restart, afterId, limit),
    restarts: (limit) => list([{ restart: 'r-1', state: 'RUNNING', ended: false, header: {} }], 'restarts', limit),
    outages: (limit) =>
      list(
        [{ site: 's', outage: 1, startedMs: 1, endedMs: null, windows: [], cost: null, power: null }],
        'outages',
        limit,
      ),
    verdicts: (limit) =>
      list(
        [{ atMs: 1, agent: 'a1', uplink: 'isp-1', was: null, state: 'DOWN', label: null, whyNot: 'tcp.timeout' }],
        'verdicts',
        limit,
      ),
    audit: (limit) =>
      list([{ atMs: 1, actor: 'ann', action: 'pause', target: 'r-1', reason: 'heat', outcome: 'ok' }], 'audit', limit),
    tell(message) {
      for (const listener of [...listeners]) listener(message);
    },
    show(next) {
      view = next;
    },
    answerWith(next) {
      answer = next;
    },
    failWith(error) {
      failure = error;
    },
  };
}
