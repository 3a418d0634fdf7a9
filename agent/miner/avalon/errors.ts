import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import type { Read } from '../normalise.ts';
import { type Module, modulesOf, numbers } from './module.ts';

type Fault = MinerSnapshot['errors'][number];

/** Bits of the power supply's first figure (fact sheet 6.3). */
const SUPPLY_BITS: readonly (readonly [bit: number, words: string])[] = [
  [1, 'input voltage too low'],
  [2, 'too hot'],
  [4, 'too hot'],
  [8, 'too hot'],
  [16, 'too much current on the input side'],
  [32, 'output voltage too low'],
  [64, 'too much current on the output side'],
  [128, 'current not shared'],
  [256, 'too much current on one rail'],
  [512, 'too much current on one rail'],
  [1_024, 'too much current on one rail'],
  [2_048, 'fan'],
];

/** Of a board. 16, 512 and 528 stand in captures of devices that hash at full rate: they say nothing of a fault. */
const BOARD_CODES: Readonly<Record<number, string>> = { 128: 'too hot', 513: 'is abnormal' };

/** What the modules themselves call a fault; those of a chain are named by their place in it. */
export const faults: Read<MinerSnapshot['errors']> = (reply) => {
  const modules = modulesOf(reply);
  if (modules.length === 0) return null;
  return modules.flatMap((module, at) => {
    const where = modules.length > 1 ? `module ${at}: ` : '';
    return faultsOf(module).map(({ code, message }) => ({ code, message: `${where}${message}` }));
  });
};

/** The same, asked for whether there is any. */
export const faulty: Read<boolean> = (reply) => {
  const found = faults(reply);
  return found === null ? null : found.length > 0;
};

const faultsOf = (module: Module): readonly Fault[] => [
  ...supplyFaults(module),
  ...boardFaults(module),
  ...mmFaults(module),
];

function supplyFaults(module: Module): readonly Fault[] {
  const figures = numbers(module, 'PS');
  if (figures.length === 0) return [];
  if (figures.every((figure) => figure === 0)) {
    return [{ code: 'PS', message: 'nothing is heard of the power supply' }];
  }
  const [bits] = figures;
  return SUPPLY_BITS.filter(([bit]) => ((bits ?? 0) & bit) !== 0).map(([bit, words]) => ({
    code: `PS ${bit}`,
    message: `power supply: ${words}`,
  }));
}

const boardFaults = (module: Module): readonly Fault[] =>
  numbers(module, 'ECHU').flatMap((code, board) => {
    const words = BOARD_CODES[code ?? 0];
    return words === undefined ? [] : [{ code: `ECHU ${code}`, message: `board ${board} ${words}` }];
  });

const mmFaults = (module: Module): readonly Fault[] =>
  numbers(module, 'ECMM')[0] === 1 ? [{ code: 'ECMM 1', message: 'the control module has a fault' }] : [];
