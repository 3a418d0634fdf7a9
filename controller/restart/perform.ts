import type { Effect } from './restart.ts';

export type EffectKind = Effect['kind'];

/** Every effect has its performer: a new kind does not compile until someone performs it. */
export type Performers = {
  readonly [K in EffectKind]: (effect: Extract<Effect, { kind: K }>) => Promise<void>;
};
