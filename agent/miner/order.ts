/** What can be ordered of a miner itself. Cutting its power is an outlet's business, not a driver's. */
export const MINER_ACTIONS = ['restart', 'reboot', 'sleep', 'wake', 'locate', 'powerLimit', 'pools'] as const;
export type MinerAction = (typeof MINER_ACTIONS)[number];

export type PoolSetting = Readonly<{ url: string; worker: string; password: string }>;

export type MinerOrder =
  | Readonly<{ action: 'restart' }>
  | Readonly<{ action: 'reboot' }>
  | Readonly<{ action: 'sleep' }>
  | Readonly<{ action: 'wake' }>
  | Readonly<{ action: 'locate'; on: boolean }>
  /** Whole watts; families that know steps only take the highest one that is not above it. */
  | Readonly<{ action: 'powerLimit'; powerW: number }>
  /** All of them, in order; what was configured before is gone. */
  | Readonly<{ action: 'pools'; pools: readonly PoolSetting[] }>;

export type OrderOf<K extends MinerAction> = Extract<MinerOrder, { action: K }>;
