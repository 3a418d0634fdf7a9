/** What an order to a miner came to, as far as the miner's own answer says. Only a later reading can show success. */
export type Outcome =
  | Readonly<{ ok: true; detail: string | null }>
  | Readonly<{ ok: false; code: OutcomeCode; detail: string }>;

/** `no_reply` is uncertain, never plain failure: a rebooting miner often closes before it answers. */
export type OutcomeCode = 'refused' | 'unsupported' | 'auth_failed' | 'no_reply';

/** The steps of the remedy ladder, least first. */
export const RUNGS = ['wait', 'wake', 'restart', 'reboot', 'power_cycle', 'ticket'] as const;
export type Rung = (typeof RUNGS)[number];

/** The rungs that push a miner. */
export type Push = 'wake' | 'restart' | 'reboot' | 'power_cycle';
