import { mhs } from '../cgminer.ts';
import { type Device, macOf, plainModel, round2, serialOf, whole } from '../device.ts';

/** What the REST API on port 4028 answers to a GET (protocol sheet, section 10; captured of an S19 XP). */
export const READS: Readonly<Record<string, (device: Device) => unknown>> = {
  '/summary': summary,
  '/capabilities': capabilities,
  '/network': (device) => ({
    dhcp: {
      address: device.address,
      dns: '',
      gateway: '',
      mac_address: macOf(device.look),
      netmask: '255.0.0.0',
    },
  }),
  '/temps': ({ look }) =>
    look.boards.flatMap((board, Index) =>
      board.there ? [{ Index, Data: [round2(board.boardC - 10), round2(board.boardC)], Total: 0 }] : [],
    ),
  '/temps/chip': (device) => perChip(device, () => 0),
  '/voltages': (device) => perChip(device, () => 0),
  '/clocks': (device) => perChip(device, (rateThs) => (rateThs > 0 ? MHZ : 0)),
  '/hashrate': ({ look }) =>
    look.boards.flatMap((board, Index) => {
      const one = [round2(mhs(board.rateThs) / CHIPS), 100, 0.9];
      return board.there ? [{ Index, Data: Array.from({ length: CHIPS }, () => one), Total: mhs(board.rateThs) }] : [];
    }),
  '/perpetualtune': perpetual,
  '/history': () => ({ History: [] }),
  '/log': () => '',
};

const CHIPS = 110;
const MHZ = 487.5;

const perChip = ({ look }: Device, show: (rateThs: number) => number): unknown[] =>
  look.boards.flatMap((board, Index) =>
    board.there ? [{ Index, Data: Array.from({ length: CHIPS }, () => show(board.rateThs)), Total: 0 }] : [],
  );

export const ALGORITHMS = ['VoltageOptimizer', 'ChipTune', 'BoardTune'] as const;

/** The range of a target, TH/s. */
export const targetRange = ({ look }: Device) => ({
  min: whole(look.traits.nominalThs * 0.4),
  max: whole(look.traits.nominalThs * 1.6),
});

/** Watts are what a preset of that rate would draw. */
export const wattsOf = ({ look }: Device, targetThs: number): number =>
  whole((look.traits.steadyW * targetThs) / look.traits.nominalThs);

const limitOf = (device: Device): number => device.powerLimitW ?? whole(device.look.traits.steadyW);

/** Its own words. Told to stop it is as idle as without a pool. */
export function operatingState({ look }: Device): string {
  if (look.phase === 'booting') return 'SoftRebooting';
  if (look.phase === 'ramping') return look.rateThs === 0 ? 'Initializing' : 'AdjustingClockVoltage';
  const lost = look.line.api === 'refused';
  return look.phase === 'hashing' || (look.phase === 'hung' && !lost) ? 'Mining' : 'Idling';
}

const ERRORS: Readonly<Record<string, string>> = {
  'over-temp': 'Shutdown temperature reached',
  psu: 'Power supply did not start',
  board: 'Hashboard 2 not detected',
  'pool-login': 'Pool refused the login',
};

function lastError({ look }: Device): string | null {
  if (look.line.api === 'refused' && look.phase === 'hung') return 'Mining process has ended';
  return ERRORS[look.trouble ?? ''] ?? null;
}

function summary(device: Device): unknown {
  const { look } = device;
  const used = device.pools.filter(({ url }) => url !== '');
  return {
    Hostname: `cminer${serialOf(look, '')}`,
    'OS Type': 'umcOS',
    Software: 'PowerPlay-BMS v1.5.13',
    Mining: { Algorithm: 'SHA-256', Coin: 'BTC' },
    Status: {
      'Operating State': operatingState(device),
      'Last Command': null,
      'Last Command Result': null,
      'Last Error': lastError(device),
    },
    Session: session(device),
    HBs: boardRows(device),
    HBStatus: look.boards.map(({ there }, Index) => ({ Index, Detected: there, Enabled: there && !look.asleep })),
    Fans: { 'Fan Mode': { Auto: { 'Idle Speed': 20, 'Target Temperature': 60 } }, 'Fans Speed': 70 },
    'Fans Rpm': fans(look.fanRpm),
    'Power Supply Stats': supply(look.powerW),
    PresetInfo: { 'Target Power': limitOf(device) },
    PerpetualTune: perpetual(device),
    Stratum: {
      'Config Id': 0,
      'Current Pool': look.poolAlive ? (used[0]?.url.replace(/^.*\/\//, '') ?? null) : null,
      'Current User': look.poolAlive ? (used[0]?.user ?? null) : null,
      IsPoolConnected: look.poolAlive,
      'Worker Unique Id': true,
    },
    StratumConfigs: used.map(({ url, user, pass }) => ({ pool: url, login: user, password: pass })),
    Misc: { 'Locate Miner State': device.blink, 'Shutdown Temp': 85, 'Critical Temp': 100 },
    IdleOnConnectionLost: true,
  };
}

const session = ({ look, wallS }: Device): unknown => ({
  Uptime: look.elapsedS,
  'Startup Timestamp': wallS - look.elapsedS,
  'Average MHs': mhs(look.avgThs),
  'Active HBs': look.rateThs > 0 ? look.boards.filter(({ there }) => there).length : 0,
  Accepted: look.accepted,
  Rejected: 0,
  Submitted: look.accepted,
  Difficulty: 262_144,
});

const boardRows = ({ look }: Device): unknown[] =>
  look.boards.flatMap((board, Index) => {
    if (!board.there) return [];
    const runs = board.rateThs > 0;
    const row = {
      Index,
      Hashrate: [mhs(board.rateThs), runs ? 100 : 0, 0.8],
      Temperature: round2(board.boardC),
      'Core Clock': [],
      'Core Clock Avg': runs ? MHZ : 0,
      'Input Power': runs ? whole(look.powerW / look.boards.length) : 0,
      'Input Voltage': runs ? 12.6 : 0,
    };
    return [row];
  });

/** Twelve places, most of them empty. */
const fans = (rpm: number): unknown =>
  Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`Fans Speed ${at + 1}`, at < 4 ? rpm : null]));

const supply = (powerW: number): unknown => ({
  'Input Power': powerW,
  'Input Voltage': 0,
  'Input Current': 0,
  'Output Power': 0,
  'Output Voltage': 12.6,
});

function perpetual(device: Device): unknown {
  const { nominalThs, steadyW } = device.look.traits;
  const Target = whole((limitOf(device) * nominalThs) / steadyW);
  return { Running: true, Algorithm: { VoltageOptimizer: { Optimized: false, Target, Unit: 'TH/s' } } };
}

function capabilities(device: Device): unknown {
  const { look } = device;
  const { nominalThs, steadyW } = look.traits;
  const range = targetRange(device);
  return {
    Model: plainModel(look)
      .replace(/\s*\(?(epic|powerplay)\)?/i, '')
      .replace(/^Antminer/, 'AntMiner')
      .trim(),
    'Model Subtype': 'BHB56801',
    'Default Hashrate': nominalThs,
    'Default Clock': 485,
    'Default Voltage': 12_900,
    'Max HBs': look.boards.length,
    'Miner Serial Number': serialOf(look, 'SIMP'),
    'Board Serial Numbers': look.boards.flatMap(({ there }, at) => (there ? [serialOf(look, `SIMH${at}`)] : [])),
    'Chip Type': 'BM1366',
    'Chips Per Bank': 10,
    Coins: ['BTC'],
    'Performance Estimator': { 'Chip Count': CHIPS, 'Hashes Per Second Per Chip': 894 },
    PerpetualTune: ALGORITHMS.map((algorithm) => ({ algorithm, name: algorithm, description: '', ...range })),
    'Psu Info': { FW: 25, 'Max Vout': 15_182, 'Min Vout': 11_877, 'PSU Type': 118 },
    'Temp Sensor Info': { Count: 2, Type: 'Board' },
    'Tune Presets': [0.6, 0.8, 1].map((share) => ({
      hashrate: round2(nominalThs * share),
      power: whole(steadyW * share),
      clk: whole(485 * share),
      voltage: 12_900,
    })),
  };
}
