import { poolRows } from '../cgminer.ts';
import { type Device, macOf, round2, SLOTS, threePools } from '../device.ts';
import type { Reply } from '../envelope.ts';
import type { Outcome } from '../family.ts';
import { chainRow, mhsOf, modelOf } from './chains.ts';

/** What `/api` says behind its login (protocol sheet, section 15); all of it is asked by POST. */
export type Call = (device: Device, form: URLSearchParams) => Outcome<Reply>;

const MEGA = 1e6;
const FAN_DUTY = 45;
const good = (body: Reply = {}): Outcome<Reply> => ({ reply: { success: true, ...body } });
const BAD: Outcome<Reply> = { reply: { success: false, message: 'invalid parameter' } };

export const CALLS: Readonly<Record<string, Call>> = {
  type: (device) => good({ type: modelOf(device), isJustManage: false }),
  overview: (device) => {
    const version = { hwver: 'g1', ethaddr: macOf(device.look), swversion: 't3_20200702_025013' };
    return good({ type: modelOf(device), network: { dhcp: 'dhcp', ipaddress: device.address }, version });
  },
  getAll: (device) => good({ all: all(device) }),
  summary: (device) => {
    const { now, avg } = mhsOf(device);
    const { elapsedS, accepted } = device.look;
    const row = { Elapsed: elapsedS, 'MHS av': round2(avg), 'MHS 5s': round2(now), Accepted: accepted, Rejected: 0 };
    return good({ SUMMARY: [row] });
  },
  pools: (device) => good({ pools: poolRows(device) }),
  getErrorDetail: ({ look }) => good({ code: look.trouble === null ? 0 : (CODES[look.trouble] ?? 0) }),
  reboot: () => ({ ...good(), action: 'reboot' }),
  restartCgMiner: () => ({ ...good(), action: 'restart' }),
  poweroff: ({ look }) => ({ ...good(), action: look.asleep ? null : 'sleep' }),
  updatePools: (_, form) => {
    const slots = Array.from({ length: SLOTS }, (_, at) => ({
      url: form.get(`Pool${at + 1}`) ?? '',
      user: form.get(`UserName${at + 1}`) ?? '',
      pass: form.get(`Password${at + 1}`) ?? '',
    }));
    return slots[0]?.url === '' ? BAD : { ...good(), change: { pools: threePools(slots) } };
  },
};

// The sheet gives the range of codes, 21 to 42, and not what each of them means.
const CODES: Readonly<Record<string, number>> = { board: 21, psu: 22, 'over-temp': 32 };

/** `Hash Rate H` is in H/s; both places are given, as the sheet does not tell them apart. */
function all(device: Device): Reply {
  const { look } = device;
  const { now, boards } = mhsOf(device);
  const chain = look.boards.map((_, ASC) => {
    const rate = boards[ASC] ?? 0;
    return { ASC, ...chainRow(device, ASC), 'Hash Rate': round2(rate), 'Hash Rate H': Math.round(rate * MEGA) };
  });
  const rates = { 'Hash Rate': round2(now), 'Hash Rate H': Math.round(now * MEGA) };
  return {
    total_hash: rates,
    ...rates,
    chain,
    power: look.powerW,
    fansSpeed: FAN_DUTY,
    running_mode: { level: 1 },
    temp: round2(Math.max(...look.boards.map(({ chipC }) => chipC))),
  };
}
