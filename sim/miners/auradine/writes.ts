import { status } from '../cgminer.ts';
import { type Device, round2, whole } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';
import type { Outcome } from '../family.ts';
import { slotsIn } from '../slots.ts';
import { SYSTEM } from './reads.ts';

/** What a POST asks for, by path (protocol sheet, section 13). The mode that it wakes in is kept beside the plant. */
export type Modes = { awake: string };

export const MODE_CODE = 540;

export function mode(device: Device, modes: Modes): Reply {
  const { look, powerLimitW } = device;
  const row = {
    Mode: powerLimitW === null ? modes.awake : 'custom',
    Power: powerLimitW ?? whole(look.traits.steadyW),
    Sleep: look.asleep ? 'on' : 'off',
    Ths: round2(look.traits.nominalThs),
  };
  const msg = `Operating mode: '${row.Mode}', sleep: '${look.asleep}'`;
  return envelope(status(device, SYSTEM, { code: MODE_CODE, msg }), { Mode: [row] });
}

type Write = (device: Device, body: Reply, modes: Modes) => Outcome<Reply>;

const done = (device: Device, code: number, msg: string): Reply => envelope(status(device, SYSTEM, { code, msg }));
export const failed = (device: Device, code: number, msg: string): Reply =>
  envelope(status(device, SYSTEM, { letter: 'E', code, msg }));

export const WRITES: Readonly<Record<string, Write>> = {
  '/mode': setMode,
  '/restart': (device, body) => {
    if (body.command !== 'restart') return { reply: failed(device, 580, 'Invalid command') };
    const action = body.parameter === 'gcminer' ? 'restart' : 'reboot';
    return { reply: done(device, 580, 'Restarting'), action };
  },
  '/led': (device, { code }) => {
    if (code !== 2 && code !== 3) return { reply: failed(device, 530, 'Invalid LED code') };
    return { reply: done(device, 530, 'LED set'), change: { blink: code === 3 } };
  },
  '/updatepools': (device, body) => {
    const pools = slotsIn(body.pools);
    if (pools === null) return { reply: failed(device, 600, 'Invalid pools') };
    return { reply: done(device, 600, 'Pools updated'), change: { pools } };
  },
};

const NAMED_MODES = ['eco', 'normal', 'turbo'];

function setMode(device: Device, body: Reply, modes: Modes): Outcome<Reply> {
  const { asleep, heedless } = device.look;
  const reply = done(device, MODE_CODE, 'Mode set');
  const refused: Outcome<Reply> = { reply: failed(device, MODE_CODE, 'Invalid mode') };
  if (body.command !== 'mode') return refused;
  if (body.sleep === 'on') return { reply, action: asleep ? null : 'sleep' };
  if (body.sleep === 'off') return { reply, action: asleep ? 'wake' : null };
  // A change of mode starts the miner anew.
  const action = asleep ? null : 'restart';
  if (body.mode === 'custom' && body.tune === 'power' && typeof body.power === 'number' && body.power > 0) {
    return { reply, action, change: { powerLimitW: body.power } };
  }
  if (!NAMED_MODES.includes(String(body.mode))) return refused;
  if (!heedless) modes.awake = String(body.mode);
  return { reply, action, change: { powerLimitW: null } };
}
