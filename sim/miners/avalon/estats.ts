import { ghs } from '../cgminer.ts';
import { type Device, whole } from '../device.ts';
import { type Build, buildOf } from './build.ts';

/** The one long string of `Key[value]` items that says all of a module (protocol sheet, 6.3). */
export function moduleText(device: Device): string {
  const build = buildOf(device.look);
  return [...head(device, build), ...heat(device, build), ...work(device, build), ...tail(device, build)]
    .map(([key, value]) => `${key}[${value}]`)
    .join(' ');
}

type Items = readonly (readonly [string, string | number])[];

// What an idle Q shows; a bare "not 0" is all that the sheet says of other models.
const SOFT_OFF = 4;

export const works = ({ look }: Device): boolean => look.phase === 'ramping' || look.phase === 'hashing';

function head(device: Device, { kind, model, firmware, dna, boards }: Build): Items {
  const { look } = device;
  const there = kind === 'home' ? boards : look.boards.filter((board) => board.there).length;
  const state = works(device) ? 'In Work' : 'In Idle';
  const gap = kind === 'home' ? '' : ' ';
  return [
    ['Ver', `${model}-${firmware}`],
    ['DNA', dna],
    ...(kind === 'home' ? ([['STATE', works(device) ? 1 : 2]] as const) : ([['MEMFREE', '2059656.2059656']] as const)),
    ['NETFAIL', '0 0 0 0 0 0 0 0'],
    ['SYSTEMSTATU', `Work: ${state}, Hash Board: ${there}${gap}`],
    ['Elapsed', look.elapsedS],
    ['BOOTBY', '0x01.00000000'],
    ['LW', look.accepted * 12],
    ['MH', perBoard(device, () => '0')],
    ['HW', 0],
    ['DH', '0.736%'],
  ];
}

const perBoard = (device: Device, show: (board: Device['look']['boards'][number]) => string): string => {
  const { boards } = device.look;
  if (buildOf(device.look).kind !== 'home') return boards.map(show).join(' ');
  return boards[0] ? show(boards[0]) : '';
};

function heat(device: Device, { kind, boards }: Build): Items {
  const { look } = device;
  const warm = works(device) ? Math.max(...look.boards.map(({ chipC }) => chipC)) : 0;
  const fans = kind === 'a-series' ? 2 : 4;
  const rpm = kind === 'home' && !works(device) ? 0 : look.fanRpm;
  const sensors: Items =
    kind === 'home'
      ? [
          ['ITemp', whole(look.inletC)],
          ['HBITemp', whole(look.inletC + 8)],
          ['HBOTemp', whole(look.outletC)],
        ]
      : [['Temp', whole(look.inletC)]];
  return [
    ...sensors,
    ['TMax', whole(warm)],
    ['TAvg', whole(Math.max(0, warm - 8))],
    ...(kind === 'home' ? ([['TarT', 65]] as const) : []),
    ...Array.from({ length: fans }, (_, at) => [`Fan${at + 1}`, rpm] as const),
    ['FanR', works(device) ? '80%' : '0%'],
    ['PS', powerSupply(device)],
    ['MTmax', list(device, boards, (board) => String(whole(board.there ? board.chipC : 0)))],
    ['MTavg', list(device, boards, (board) => String(whole(board.there ? board.chipC - 8 : 0)))],
  ];
}

const list = (device: Device, boards: number, show: (board: Device['look']['boards'][number]) => string): string =>
  boards === device.look.boards.length ? device.look.boards.map(show).join(' ') : perBoard(device, show);

// Error bits, control voltage, hash voltage, current, watts, set voltage, and on newer ones what comes in.
export function powerSupply(device: Device): string {
  const { look } = device;
  const newer = buildOf(look).kind === 'a10' ? [] : [whole(look.powerW * 1.07)];
  const bits = look.trouble === 'psu' ? 32 : 0;
  if (!works(device)) return [bits, 1_216, 1, 0, 0, 1_320, ...newer].join(' ');
  return [bits, 1_214, 1_316, whole(look.powerW / 13.1), look.powerW, 1_320, ...newer].join(' ');
}

function work(device: Device, { kind, chips, boards, core }: Build): Items {
  const { look } = device;
  const now = ghs(look.rateThs).toFixed(2);
  const rates = boards === 1 ? now : look.boards.map(({ rateThs }) => ghs(rateThs).toFixed(2)).join(' ');
  return [
    // The A10 has no rate of the moment but those of its boards.
    ...(kind === 'a10' ? [] : ([['GHSspd', now]] as const)),
    ['GHSmm', ghs(look.traits.nominalThs).toFixed(2)],
    ['GHSavg', ghs(look.avgThs).toFixed(2)],
    ['WU', ghs(look.avgThs * 13).toFixed(2)],
    ['Freq', works(device) ? '632.65' : '0.00'],
    ...(kind === 'home' ? [] : ([['Led', device.blink ? 1 : 0]] as const)),
    ['MGHS', rates],
    ['TA', chips * boards],
    ['Core', core],
    ['PING', look.poolAlive ? 22 : 0],
    ...(kind === 'a10' ? [] : ([['SoftOFF', look.asleep ? SOFT_OFF : 0]] as const)),
  ];
}

// 513: an abnormal board; 128: overheat.
function boardCodes({ look }: Device, boards: number): string {
  const code = (there: boolean): number => (!there ? 513 : look.trouble === 'over-temp' ? 128 : 0);
  if (boards === 1) return String(code(look.trouble !== 'board'));
  return look.boards.map(({ there }) => code(there)).join(' ');
}

function tail(device: Device, { kind, chips, boards }: Build): Items {
  const { look } = device;
  const chip = (at: number): string => {
    const chipC = look.boards[at]?.chipC ?? 0;
    return Array.from({ length: chips }, (_, n) => whole(chipC - (n % 9))).join('  ');
  };
  const maps: Items = Array.from({ length: boards }, (_, at) => [`PVT_T${at}`, ` ${chip(at)}`]);
  const home: Items = [
    ['WORKMODE', 0],
    ['WORKLEVEL', 0],
    ['MPO', device.powerLimitW ?? whole(look.traits.steadyW)],
  ];
  return [
    ['ECHU', boardCodes(device, boards)],
    ['ECMM', 0],
    ...maps,
    ['CRC', 0],
    ['COMCRC', 0],
    ...(kind === 'home' ? home : []),
  ];
}
