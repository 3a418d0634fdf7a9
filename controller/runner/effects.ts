import type { Log } from '../../shared/log.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { Performers } from '../restart/perform.ts';
import type { Effect } from '../restart/restart.ts';
import type { Store } from '../store/store.ts';

export type Effects = Readonly<{
  /** Begins everything that is saved and not begun yet, oldest first. */
  begin(): Promise<void>;
  /** Carries out at once, and without a trace in the store, what can do no harm when it is done twice. */
  now(effects: readonly Effect[]): void;
}>;

type Options = Readonly<{ store: Store; site: string; performers: Performers; log: Log }>;

/**
 * INVARIANTS
 * - An effect is begun only after the decision that holds it is durable, and once in the life of a process.
 * - It counts as performed only after it has ended; a crash in between leaves it to the next process.
 */
export function createEffects({ store, site, performers, log }: Options): Effects {
  const begun = new Set<number>();
  let ended: number[] = [];
  let marking = false;

  const mark = async (): Promise<void> => {
    if (marking || ended.length === 0) return;
    marking = true;
    const ids = ended;
    ended = [];
    try {
      await store.markPerformed(ids);
      for (const id of ids) begun.delete(id);
    } catch (error) {
      // It stays begun, so it is not done again; marking is tried with the next one.
      log.warn({ error: (error as Error).message }, 'effects not marked');
      ended.push(...ids);
    }
    marking = false;
  };
  const run = async (id: number, effect: Effect): Promise<void> => {
    try {
      await perform(performers, effect);
    } catch (error) {
      log.error({ kind: effect.kind, error: String(error) }, 'an effect failed');
    }
    ended.push(id);
    await null; // others that end in the same turn are marked together
    void mark();
  };

  return {
    async begin() {
      void mark();
      for (const { id, body } of await store.pendingEffects(site)) {
        if (begun.has(id)) continue;
        begun.add(id);
        void run(id, body as Effect);
      }
    },
    now(effects) {
      for (const effect of effects) {
        if (effect.kind === 'ask' || effect.kind === 'revoke') void perform(performers, effect);
      }
    },
  };
}

function perform(performers: Performers, effect: Effect): Promise<void> {
  switch (effect.kind) {
    case 'order':
      return performers.order(effect);
    case 'revoke':
      return performers.revoke(effect);
    case 'ask':
      return performers.ask(effect);
    case 'ticket':
      return performers.ticket(effect);
    case 'log':
      return performers.log(effect);
    default:
      return unreachable(effect);
  }
}
