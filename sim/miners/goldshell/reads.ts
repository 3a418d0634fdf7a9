import { ratesOf } from '../altcoin.ts';
import { counters, poolRows, type Reads, status } from '../cgminer.ts';
import { type Device, macOf, plainModel, round2 } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';

/** Reads of a Goldshell (protocol sheet, section 11; captures of CK5, HS5 and LT5). Rates are MH/s of each coin. */
const BY = 'bfgminer 5.4.2';

type Kind = Readonly<{ sign: RegExp; nominalMhs: number; chips: number; scrypt: boolean }>;

// Rates as the captures sum them up.
const KINDS: readonly Kind[] = [
  { sign: /lt\d|doge/i, nominalMhs: 1_914, chips: 40, scrypt: true },
  { sign: /hs\d/i, nominalMhs: 5_444_700, chips: 46, scrypt: false },
  { sign: /./, nominalMhs: 12_219_500, chips: 46, scrypt: false },
];

export const modelOf = ({ look }: Device): string => plainModel(look).replace(/^goldshell\s+/i, '');

function kindOf(device: Device): Kind {
  const model = modelOf(device);
  return KINDS.find(({ sign }) => sign.test(model)) ?? (KINDS[0] as Kind);
}

export const mcbStatus = (device: Device): Reply => ({
  model: `Goldshell-${modelOf(device)}`,
  firmware: '2.2.4',
  hardware: 'V1.0',
});

const celsius = (value: number): string => `${value.toFixed(1)} °C`;

/** What `/mcb/cgminer` has of the boards; none while the mining process is down. */
export function devs(device: Device, plan: number): Reply {
  const { look } = device;
  const kind = kindOf(device);
  const { boards, avg } = ratesOf(look, kind.nominalMhs);
  const up = look.line.api === 'open' ? look.boards : [];
  const data = up.flatMap(({ there, boardC, chipC }, id) => {
    if (!there) return [];
    const rpm = `${look.fanRpm} rpm`;
    // Scrypt models have a field for each of four sensors, of which one is fitted.
    const heat = kind.scrypt
      ? {
          r_temp: celsius(chipC),
          l_temp: celsius(0),
          t_temp: celsius(0),
          m_temp: celsius(0),
          fanspeed: `${rpm} / ${rpm}`,
        }
      : { temp: `${celsius(chipC)} / ${celsius(boardC)}`, fanspeed: [rpm, rpm, rpm, rpm].join(' / ') };
    const row = {
      id,
      valid: kind.scrypt ? 0 : 15,
      hashrate: round2(boards[id] ?? 0),
      av_hashrate: round2(avg / look.boards.length),
      accepted: Math.floor(look.accepted / look.boards.length),
      rejected: 0,
      hwerrors: 0,
      hwerr_ration: 0,
      nonces: look.accepted,
      time: look.elapsedS,
      powerplan: plan,
      minerstatus: 0,
      ...heat,
    };
    return [row];
  });
  return { status: 2, data };
}

export const pools = ({ look, pools: slots }: Device): Reply[] =>
  slots
    .filter(({ url }) => url !== '')
    .map(({ url, user, pass }, at) => ({
      url,
      legal: true,
      active: at === 0 && look.poolAlive,
      dragid: at,
      user,
      'pool-priority': at,
      pass,
    }));

export const nameOf = ({ look }: Device): string => macOf(look).toLowerCase();

/** Over RPC, as older units have it. */
export const RPC_READS: Reads = { version, summary, devs: rpcDevs, devdetails, pools: rpcPools };
export const RPC_BY = BY;

function version(device: Device): Reply {
  const row = { BFGMiner: '5.4.2', API: '3.3' };
  return envelope(status(device, BY, { code: 22, msg: 'BFGMiner versions' }), { VERSION: [row] });
}

function summary(device: Device): Reply {
  const { now, avg } = ratesOf(device.look, kindOf(device).nominalMhs);
  const row = { Elapsed: device.look.elapsedS, 'MHS av': round2(avg), 'MHS 20s': round2(now), ...counters(device) };
  return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
}

function rpcDevs(device: Device): Reply {
  const { look } = device;
  const { boards, avg } = ratesOf(look, kindOf(device).nominalMhs);
  const DEVS = look.boards.flatMap(({ there, boardC, chipC }, PGA) => {
    if (!there) return [];
    const row = {
      PGA,
      Name: 'GLD',
      ID: PGA,
      Enabled: 'Y',
      Status: 'Alive',
      'Device Elapsed': look.elapsedS,
      'MHS av': round2(avg / look.boards.length),
      'MHS 20s': round2(boards[PGA] ?? 0),
      'tstemp-1': celsius(boardC),
      'tstemp-2': celsius(chipC),
      fanspeed: `${look.fanRpm} rpm / ${look.fanRpm} rpm`,
    };
    return [row];
  });
  return envelope(status(device, BY, { code: 9, msg: `${DEVS.length} PGA(s)` }), { DEVS });
}

function devdetails(device: Device): Reply {
  const { chips } = kindOf(device);
  const DEVDETAILS = device.look.boards.map(({ there }, index) => ({
    DEVDETAILS: index,
    Name: 'GLD',
    ID: index,
    Driver: 'goldshell',
    'chips-nr': there ? chips : 0,
  }));
  return envelope(status(device, BY, { code: 69, msg: 'Device Details' }), { DEVDETAILS });
}

function rpcPools(device: Device): Reply {
  const POOLS = poolRows(device);
  return envelope(status(device, BY, { code: 7, msg: `${POOLS.length} Pool(s)` }), { POOLS });
}
