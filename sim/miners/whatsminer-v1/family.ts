import type { Device } from '../device.ts';
import type { Reply, Request } from '../envelope.ts';
import type { Bench, Family, Outcome } from '../family.ts';
import { answererOf } from '../whatsminer/family.ts';
import { invalidJson } from '../whatsminer/rpc.ts';

/** Firmware from before the summer of 2022: V2's API in its first form (captures of an M20S). */
export const whatsminerV1: Family = {
  family: 'whatsminer-v1',
  account: { user: 'admin', password: 'admin' },
  doors: (bench) => [{ port: 'rpc', side: 'api', speaks: 'rpc', answer: older(bench) }],
};

const FIRMWARE = '20210322.22.REL';
const API = 'whatsminer v1.4.0';

function older(bench: Bench): (device: Device, asked: Request | null, client: string) => Outcome<Reply> {
  const newer = answererOf(bench);
  return (device, asked, client) => {
    if (asked?.command === 'edevs') return { reply: { ...invalidJson(device), Code: 14, Msg: 'invalid cmd' } };
    const outcome = newer(device, asked, client);
    const shape = SHAPES[asked?.command ?? ''];
    return outcome.reply === null || !shape ? outcome : { ...outcome, reply: shape(outcome.reply) };
  };
}

/** What its replies have otherwise than those of V2. */
const SHAPES: Readonly<Record<string, (reply: Reply) => Reply>> = {
  summary: (reply) => ({ ...reply, SUMMARY: (reply.SUMMARY as Reply[]).map(summaryRow) }),
  status: (reply) => {
    const { mineroff, btmineroff } = reply.Msg as Reply;
    return said(reply, { 'Firmware Version': `'${FIRMWARE}'`, btmineroff: btmineroff ?? mineroff });
  },
  version: (reply) => said(reply, { api_ver: API, fw_ver: FIRMWARE }),
  get_version: (reply) => said(reply, { api_ver: API, fw_ver: FIRMWARE }),
  get_psu: (reply) => said(reply, { hw_version: '', model: 'P21-12-3600-E', name: 'P21', sw_version: '102220.009' }),
};

const said = (reply: Reply, msg: Reply): Reply => ({ ...reply, Msg: msg, Description: API });

/** Neither the air before the fans nor the end of tuning is told. */
function summaryRow(row: Reply): Reply {
  const { 'Env Temp': _air, 'Power Rate': _rate, 'Btminer Fast Boot': _boot, 'Upfreq Complete': _tuned, ...kept } = row;
  const boards = { Voltage: 1_180, 'Power Current': 261, Power_RT: kept.Power };
  return { ...kept, 'Firmware Version': `'${FIRMWARE}'`, ...boards };
}
