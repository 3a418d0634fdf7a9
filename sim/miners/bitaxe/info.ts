import type { Device, PoolSlot } from '../device.ts';
import { macOf, plainModel, round2, whole } from '../device.ts';
import type { Reply } from '../envelope.ts';

/** `GET /api/system/info` (protocol sheet, section 16; captures of a Gamma 601 and a NerdQAxe++). Rates are GH/s. */

/** What the operator has set beside the pools. */
export type Tuning = { frequency: number; coreVoltage: number };

/** Builds before 2.6 know no pause, no averages and no expected rate. */
export const isOld = ({ look }: Device): boolean => /max|ultra|supra/i.test(plainModel(look));

export function common(device: Device, tuning: Tuning): Reply {
  const { look } = device;
  const [pool, fallback] = device.pools;
  const chipC = Math.max(...look.boards.map(({ chipC }) => chipC));
  return {
    power: round2(look.powerW),
    voltage: 5_093.75,
    current: round2((look.powerW / 5.09375) * 1_000),
    temp: round2(chipC),
    vrTemp: whole(chipC + 4),
    hashRate: round2(look.rateThs * 1_000),
    bestDiff: 49_224_525,
    freeHeap: 8_212_708,
    coreVoltage: tuning.coreVoltage,
    coreVoltageActual: look.rateThs > 0 ? tuning.coreVoltage - 6 : 0,
    frequency: tuning.frequency,
    ssid: 'farm',
    macAddr: macOf(look),
    wifiStatus: 'Connected!',
    wifiRSSI: -44,
    sharesAccepted: look.accepted,
    sharesRejected: 0,
    uptimeSeconds: look.uptimeS,
    ASICModel: 'BM1370',
    ...stratum('', pool),
    ...stratum('fallback', fallback),
    fanspeed: look.rateThs > 0 ? 48 : 25,
    fanrpm: look.fanRpm,
    autofanspeed: 1,
  };
}

/** Host and port apart, and no scheme. */
function stratum(prefix: string, pool: PoolSlot | undefined): Reply {
  const [, host = '', port = ''] = /^(?:.*\/\/)?([^:/]*):?(\d*)/.exec(pool?.url ?? '') ?? [];
  const name = (key: string): string => (prefix === '' ? `s${key}` : `${prefix}S${key}`);
  return {
    [name('tratumURL')]: host,
    [name('tratumPort')]: Number(port),
    [name('tratumUser')]: pool?.user ?? '',
  };
}

export function info(device: Device, tuning: Tuning): Reply {
  const { look, address } = device;
  const old = { hostname: 'bitaxe', version: 'v2.4.5', boardVersion: '204', ...common(device, tuning) };
  if (isOld(device)) return old;
  return {
    ...old,
    version: 'v2.12.2',
    axeOSVersion: 'v2.12.2',
    boardVersion: '601',
    // No second sensor.
    temp2: -1,
    maxPower: 40,
    nominalVoltage: 5,
    hashRate_1m: round2(look.rateThs * 1_000),
    hashRate_10m: round2(look.avgThs * 1_000),
    hashRate_1h: round2(look.avgThs * 1_000),
    expectedHashrate: whole(look.traits.nominalThs * 1_000),
    errorPercentage: 0,
    poolDifficulty: 1_000,
    isUsingFallbackStratum: 0,
    sharesRejectedReasons: [],
    responseTime: look.poolAlive ? 18.5 : 0,
    ipv4: address,
    fan2rpm: 0,
    temptarget: 60,
    miningPaused: look.asleep,
    overheat_mode: look.trouble === 'over-temp' ? 1 : 0,
    // The key is there while there is a fault.
    ...(look.trouble === 'psu' ? { power_fault: 'Power fault detected' } : {}),
  };
}

export const asic = ({ look }: Device): Reply => ({
  ASICModel: 'BM1370',
  deviceModel: plainModel(look).replace(/^bitaxe\s+/i, ''),
  swarmColor: 'purple',
  asicCount: 1,
  defaultFrequency: 525,
  frequencyOptions: [400, 490, 525, 550, 575, 600, 625],
  defaultVoltage: 1_150,
  voltageOptions: [1_100, 1_150, 1_200],
});
