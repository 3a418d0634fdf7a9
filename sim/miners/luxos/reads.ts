import { counters, ghs, mhs, poolRows, type Reads, status } from '../cgminer.ts';
import { type Device, macOf, plainModel, serialOf, whole } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';
import { profileOf, profilesOf } from './profiles.ts';

/** Reads need no session (protocol sheet, section 8). */
export const BY = 'LUXminer';

type Said = Readonly<{ code: number; msg: string }>;
const good = (device: Device, said: Said, body: Reply): Reply => envelope(status(device, BY, said), body);

export const modelOf = ({ look }: Device): string =>
  plainModel(look)
    .replace(/\s*\(?lux(os|or)?\)?/i, '')
    .trim();

// The codes of temps, fans, power and the like are not in the sheet; any but an error's will do.
const SOME = 300;

export const READS: Reads = {
  version: (device) =>
    good(
      device,
      { code: 22, msg: 'LUXminer versions' },
      {
        VERSION: [
          {
            API: '3.7',
            CompileTime: 'Mon Sep 01 10:00:00 UTC 2025',
            LUXminer: '2025.9.1.100000-0a1b2c3d',
            Miner: serialOf(device.look, 'SIML'),
            Type: modelOf(device),
          },
        ],
      },
    ),
  config: (device) => good(device, { code: 33, msg: 'LUXminer config' }, { CONFIG: [config(device)] }),
  summary: (device) => good(device, { code: 11, msg: 'Summary' }, { SUMMARY: [summary(device)] }),
  stats: (device) => good(device, { code: 70, msg: 'LUXminer stats' }, { STATS: stats(device) }),
  devs: (device) => good(device, { code: 9, msg: '3 ASC(s)' }, { DEVS: devs(device) }),
  devdetails: (device) =>
    good(
      device,
      { code: 69, msg: 'Device Details' },
      {
        DEVDETAILS: boards(device).map(({ ID }) => ({
          DEVDETAILS: ID,
          ID,
          Name: 'BTM_SOC',
          Model: modelOf(device),
          Chips: CHIPS,
          Frequency: profileOf(device).mhz,
          Voltage: 13.2,
        })),
      },
    ),
  temps: (device) => good(device, { code: SOME, msg: 'Temps' }, temps(device)),
  fans: (device) =>
    good(
      device,
      { code: SOME, msg: 'Fans' },
      {
        FANS: [0, 1, 2, 3].map((ID) => ({ FAN: ID, ID, RPM: device.look.fanRpm, Speed: 70 })),
        FANCTRL: [{ FanSpeed: -1, MinFans: 2 }],
      },
    ),
  power: (device) => {
    const Watts = isPowered(device) ? device.look.powerW : 0;
    return good(device, { code: SOME, msg: 'Power' }, { POWER: [{ Watts, PSU: true }] });
  },
  pools: (device) => good(device, { code: 7, msg: 'Pools' }, { POOLS: poolRows(device) }),
  groups: (device) =>
    good(device, { code: 324, msg: 'List groups' }, { GROUPS: [{ GROUP: 0, Name: 'default', Quota: 1 }] }),
  profiles: (device) => good(device, { code: SOME, msg: 'Profiles' }, { PROFILES: profileRows(device) }),
  events: (device) => good(device, { code: SOME, msg: 'Events' }, { EVENTS: events(device) }),
  limits: (device) =>
    good(
      device,
      { code: SOME, msg: 'Limits' },
      {
        LIMITS: [{ FrequencyMin: 50, FrequencyMax: 900, FanSpeedMin: 10, FanSpeedMax: 100 }],
      },
    ),
  atm: (device) =>
    good(
      device,
      { code: 339, msg: 'ATM configuration values' },
      {
        ATM: [{ Enabled: false, MaxProfile: '', MinProfile: '', PostRampMinutes: 1, StartupMinutes: 1, TempWindow: 3 }],
      },
    ),
  tempctrl: (device) =>
    good(
      device,
      { code: SOME, msg: 'Temperature control' },
      {
        TEMPCTRL: [{ Mode: 'Automatic', Target: 60, Hot: 70, Dangerous: 80 }],
      },
    ),
};

const CHIPS = 110;

/** All slots: a board that is gone is still listed, without chips. */
const boards = ({ look }: Device) => look.boards.map((board, ID) => ({ board, ID }));

const isPowered = ({ look }: Device): boolean => !look.asleep && look.trouble !== 'psu';

const STATUSES: Readonly<Record<string, string>> = { 'over-temp': 'Overheat', psu: 'PSU failure' };

function config(device: Device): Reply {
  const { look } = device;
  const profile = profileOf(device);
  return {
    Hostname: 'LUXminer',
    MACAddr: macOf(look).toLowerCase(),
    IPAddr: device.address,
    Model: modelOf(device),
    SerialNumber: serialOf(look, 'SIML'),
    ControlBoard: 'AMLogic',
    PSULabel: 'APW121417',
    NameplateTHS: look.traits.nominalThs,
    Profile: profile.name,
    ProfileStep: String(profile.step),
    CurtailMode: look.asleep ? 'Sleep' : 'None',
    SystemStatus: STATUSES[look.trouble ?? ''] ?? 'Normal',
    IsPowerSupplyOn: isPowered(device),
    IsTuning: false,
    IsAtmEnabled: false,
    RedLed: device.blink ? 'blink' : 'auto',
    GreenLed: 'auto',
  };
}

function summary(device: Device): Reply {
  const { look } = device;
  const [now, avg] = [ghs(look.rateThs), ghs(look.avgThs)];
  const short = { 'GHS 5s': now, 'GHS 1m': now };
  const long = { 'GHS 5m': avg, 'GHS 15m': avg, 'GHS 30m': avg, 'GHS 24h': avg, 'GHS av': avg };
  return { Elapsed: look.elapsedS, ...short, ...long, ...counters(device) };
}

function stats(device: Device): Reply[] {
  const { look } = device;
  const head = { STATS: 0, ID: 'BTM_SOC0', Type: modelOf(device), Miner: 'uart_trans.1.3' };
  const chains = boards(device).map(({ board, ID }) => {
    const four = (warm: number): string => (board.there ? Array.from({ length: 4 }, () => whole(warm)).join('-') : '');
    return {
      [`chain_acn${ID + 1}`]: board.there ? CHIPS : 0,
      [`chain_rate${ID + 1}`]: ghs(board.rateThs).toFixed(2),
      [`freq${ID + 1}`]: board.rateThs > 0 ? profileOf(device).mhz : 0,
      [`temp_pcb${ID + 1}`]: four(board.boardC),
      [`temp_chip${ID + 1}`]: four(board.chipC),
    };
  });
  const fans = Object.fromEntries([1, 2, 3, 4].map((n) => [`fan${n}`, look.fanRpm]));
  const total = { total_rateideal: ghs(look.traits.nominalThs), total_acn: CHIPS * chains.length };
  const rates = { 'GHS 5s': ghs(look.rateThs), 'GHS av': ghs(look.avgThs) };
  const body = { STATS: 1, Elapsed: look.elapsedS, ...rates, fan_num: 4, ...fans, ...total };
  return [head, { ...body, ...Object.assign({}, ...chains) }];
}

function devs(device: Device): Reply[] {
  const { look } = device;
  const [avg, nominal] = [look.avgThs / look.boards.length, look.traits.nominalThs / look.boards.length];
  return boards(device).map(({ board, ID }) => ({
    ASC: ID,
    Board: ID,
    ID,
    Name: 'BTM_SOC',
    Enabled: 'Y',
    Status: board.there ? 'Alive' : 'Dead',
    Temperature: board.there ? whole(board.boardC) : 0,
    'MHS 5s': mhs(board.rateThs),
    'MHS 1m': mhs(board.rateThs),
    'MHS 5m': mhs(avg),
    'MHS av': mhs(avg),
    'Nominal MHS': board.there ? mhs(nominal) : 0,
    SerialNumber: serialOf(look, `SIMH${ID}`),
    IsRamping: look.phase === 'ramping',
    IsUserShutdown: look.asleep,
    'Device Elapsed': look.elapsedS,
  }));
}

/** The corners of each board, and which of them the air meets first. */
function temps(device: Device): Reply {
  const { look } = device;
  const TEMPS = boards(device).flatMap(({ board, ID }) => {
    if (!board.there) return [];
    const [cool, warm] = [whole(board.boardC - 6), whole(board.boardC)];
    return [{ TEMP: ID, ID, Board: warm, Chip: 0, TopLeft: cool, BottomLeft: cool, TopRight: warm, BottomRight: warm }];
  });
  const labels = [
    { Label: 'Intake', Sensors: ['TopLeft', 'BottomLeft'] },
    { Label: 'Exhaust', Sensors: ['TopRight', 'BottomRight'] },
  ];
  return { TEMPS, METADATA: look.boards.length > 0 ? labels : [] };
}

const profileRows = (device: Device): Reply[] =>
  profilesOf(device).map(({ name, step, mhz, rateThs, watts }) => ({
    'Profile Name': name,
    Frequency: mhz,
    Voltage: 13.2,
    Hashrate: rateThs,
    Watts: watts,
    Step: String(step),
    IsTuned: step === 0,
    IsDynamic: false,
  }));

const TROUBLES = {
  'over-temp': { Code: 101, Description: 'Temperature is above the limit' },
  psu: { Code: 201, Description: 'Power supply does not come on' },
  board: { Code: 301, Description: 'Hashboard is missing' },
  'pool-login': { Code: 401, Description: 'Pool refuses the worker' },
  pool: { Code: 402, Description: 'No pool answers' },
} as const;

function events({ look, wallS }: Device): Reply[] {
  if (look.trouble === null) return [];
  const CreatedAt = new Date(wallS * 1_000).toISOString();
  return [{ ...TROUBLES[look.trouble], Target: look.trouble === 'board' ? 'board:2' : 'miner', CreatedAt }];
}
