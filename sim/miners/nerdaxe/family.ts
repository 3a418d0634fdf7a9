import { BAD, DONE, NOT_FOUND } from '../bitaxe/family.ts';
import { common, type Tuning } from '../bitaxe/info.ts';
import { FIRST_TUNING, patched } from '../bitaxe/settings.ts';
import { type Device, plainModel, round2 } from '../device.ts';
import type { Reply } from '../envelope.ts';
import { type Family, htmlReply, jsonReply, type Outcome, type WebReply, type WebRequest } from '../family.ts';

/** The NerdQAxe's firmware: AxeOS with four chips, a switch-off, and writes that may want a one-time code. */
export const nerdaxe: Family = {
  family: 'nerdaxe',
  account: { user: '', password: '' },
  doors: () => [{ port: 'http', side: 'web', speaks: 'http', answer: web() }],
};

const HOME = htmlReply('<html><head><title>NerdQAxe AxeOS</title></head><body><app-root></app-root></body></html>');
const UNAUTHORISED = jsonReply({ error: 'Unauthorized' }, 401);
const CHIPS = 4;

/** It has no password that could have been changed; instead its one-time code has been switched on. */
const wantsCode = ({ look }: Device): boolean => look.password === 'other';

function web(): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const tuning: Tuning = { ...FIRST_TUNING };
  return (device, { method, path, body }) => {
    if (method !== 'GET' && wantsCode(device)) return { reply: UNAUTHORISED };
    if (method === 'POST') return post(device, path);
    if (method === 'PATCH') {
      const change = path === '/api/system' ? patched(device, tuning, body) : null;
      return change === null ? { reply: BAD } : { reply: DONE, change };
    }
    if (path === '/') return { reply: HOME };
    if (path === '/api/system/info') return { reply: jsonReply(info(device, tuning)) };
    return { reply: path === '/api/system/asic' ? jsonReply(asic(device)) : NOT_FOUND };
  };
}

function post(device: Device, path: string): Outcome<WebReply> {
  const { asleep } = device.look;
  switch (path) {
    // Once it is shut down, only starting anew brings it back.
    case '/api/system/restart':
      return { reply: DONE, action: asleep ? 'wake' : 'reboot' };
    case '/api/system/shutdown':
      return { reply: DONE, action: asleep ? null : 'sleep' };
    case '/api/v2/identify':
      return { reply: DONE, change: { blink: !device.blink } };
    default:
      return { reply: NOT_FOUND };
  }
}

function info(device: Device, tuning: Tuning): Reply {
  const { look, address } = device;
  const base = common(device, tuning);
  const rpm = look.fanRpm;
  const pools = [{ connected: look.poolAlive, poolDifficulty: 16_384, accepted: look.accepted, rejected: 0 }];
  return {
    ...base,
    version: 'v1.1.0',
    hostname: 'nerdqaxe',
    hostip: address,
    deviceModel: plainModel(look),
    asicCount: CHIPS,
    // Its chips have no sensors of their own.
    asicTemps: Array(CHIPS).fill(0),
    voltage: 12_250,
    // Milliamperes, and amperes once more.
    current: round2((look.powerW / 12.25) * 1_000),
    currentA: round2(look.powerW / 12.25),
    maxPower: 100,
    minPower: 52,
    hashRate_1m: round2(look.rateThs * 1_000),
    hashRate_10m: round2(look.avgThs * 1_000),
    hashRate_1h: round2(look.avgThs * 1_000),
    hashRate_1d: round2(look.avgThs * 1_000),
    fanrpm2: rpm,
    fanCount: 2,
    fans: ['M2', 'M1'].map((label) => ({ label, rpm, speedPerc: 54 })),
    shutdown: look.asleep,
    otp: wantsCode(device),
    defaultFrequency: FIRST_TUNING.frequency,
    stratum: { poolMode: 0, usingFallback: false, pools },
    overheat_temp: 70,
  };
}

const asic = ({ look }: Device): Reply => ({
  ASICModel: 'BM1370',
  deviceModel: plainModel(look),
  asicCount: CHIPS,
  defaultFrequency: FIRST_TUNING.frequency,
  defaultVoltage: FIRST_TUNING.coreVoltage,
  frequencyOptions: [500, 525, 550, 575, 600],
  voltageOptions: [1_120, 1_150, 1_180, 1_200],
});
