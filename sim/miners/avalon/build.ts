import type { Look } from '../../plant/look.ts';
import { hashOf } from '../../plant/traits.ts';
import { macOf, plainModel } from '../device.ts';

/** The generations that answer differently: A10 (2019), those after it, and the home models (protocol sheet, 6). */
export type Build = Readonly<{
  kind: 'a10' | 'a-series' | 'home';
  prod: string;
  model: string;
  firmware: string;
  core: string;
  boards: number;
  chips: number;
  dna: string;
  /** Without colons, as they print it. */
  mac: string;
}>;

export function buildOf(look: Look): Build {
  const plain = plainModel(look);
  const ids = { dna: `02010000${hashOf(look.traits.miner).toString(16).padStart(8, '0')}`, mac: bareMac(look) };
  const home = /\b(Q|Mini|Nano)\b.*$/i.exec(plain)?.[0];
  if (home !== undefined) {
    const firmware = '25052801_14a19a2';
    const chips = 160;
    return { kind: 'home', prod: `Avalon ${home}`, model: home, firmware, core: 'A3197S', boards: 1, chips, ...ids };
  }
  const number = /\d{3,4}/.exec(plain)?.[0] ?? '1346';
  const old = number.startsWith('10');
  const model = `${number}-${Math.round(look.traits.nominalThs)}`;
  return {
    kind: old ? 'a10' : 'a-series',
    prod: `AvalonMiner ${model}`,
    model,
    firmware: old ? '19101244_fe411a8_71edeca' : '23042501_6d4cd98_d3a493a',
    core: old ? 'A3205' : 'A3200C',
    boards: look.boards.length,
    chips: old ? 114 : 120,
    ...ids,
  };
}

const bareMac = (look: Look): string => macOf(look).replaceAll(':', '').toLowerCase();
