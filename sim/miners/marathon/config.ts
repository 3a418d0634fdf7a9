import type { PlantAction } from '../../plant/fault.ts';
import { type Device, whole } from '../device.ts';
import { parseObject, type Reply } from '../envelope.ts';
import type { Change } from '../family.ts';
import { slotsIn } from '../slots.ts';

/** `miner_config` is one document, read and written whole (protocol sheet, section 14): what a write leaves out is gone. */
export type Config = Readonly<{
  read(device: Device): Reply;
  /** null: not taken. */
  write(device: Device, body: string): Readonly<{ action: PlantAction | null; change: Change }> | null;
}>;

const FIRST: Reply = {
  mode: {
    'work-mode-selector': 'Auto',
    concorde: { 'mode-select': 'PowerTarget', 'power-target': 0 },
    fixed: { frequency: '525', voltage: '13.2' },
    stock: {},
  },
  fans: { 'override-fan-control': false, 'fan-pwm': 100 },
  advanced: { 'override-frequency-ramp': false },
};
const MODES = ['Auto', 'Fixed', 'Stock', 'Sleep'];

export function newConfig(): Config {
  let kept = FIRST;
  let awakeMode = 'Auto';
  return {
    read(device) {
      const mode = objectAt(kept, 'mode');
      const power = device.powerLimitW ?? whole(device.look.traits.steadyW);
      return {
        ...kept,
        mode: {
          ...mode,
          'work-mode-selector': device.look.asleep ? 'Sleep' : awakeMode,
          concorde: { ...objectAt(mode, 'concorde'), 'power-target': power },
        },
        pools: device.pools,
      };
    },
    write(device, body) {
      const { pools, ...rest } = parseObject(body) ?? {};
      const mode = objectAt(rest, 'mode');
      const selector = String(mode['work-mode-selector']);
      const slots = slotsIn(pools);
      if (!MODES.includes(selector) || slots === null) return null;
      const now = objectAt(this.read(device), 'mode');
      const target = Number(objectAt(mode, 'concorde')['power-target']);
      if (!device.look.heedless) {
        kept = rest;
        if (selector !== 'Sleep') awakeMode = selector;
      }
      const same = JSON.stringify(mode) === JSON.stringify(now);
      const change = { pools: slots, ...(target > 0 ? { powerLimitW: target } : {}) };
      return { action: actionOf(selector === 'Sleep', device.look.asleep, same), change };
    },
  };
}

function actionOf(sleep: boolean, asleep: boolean, same: boolean): PlantAction | null {
  if (sleep) return asleep ? null : 'sleep';
  if (asleep) return 'wake';
  return same ? null : 'restart';
}

function objectAt(value: Reply, key: string): Reply {
  const found = value[key];
  return typeof found === 'object' && found !== null ? (found as Reply) : {};
}
