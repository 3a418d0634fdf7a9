import { type Device, macOf, plainModel, whole } from '../device.ts';
import type { Reply } from '../envelope.ts';

/** `data` of `userpanel` (protocol sheet, section 12; captures of KS3M and AL3). Figures carry the unit's letter. */
export function panel(device: Device): Reply {
  const { look, blink } = device;
  const unit = unitOf(device);
  return {
    model: 'none',
    algo: 'none',
    online: look.poolAlive,
    firmver1: 'BOOT_2_0.BIN',
    firmver2: 'image_1.0',
    softver1: `10306_${modelOf(device).toLowerCase()}_miner`,
    softver2: `10306_${modelOf(device).toLowerCase()}_bg`,
    firmtype: 'Factory',
    ...network(device),
    locate: blink,
    rtpow: unit.print(look.rateThs, 0),
    avgpow: unit.print(look.avgThs, 0),
    reject: 0,
    runtime: runtime(look.elapsedS),
    unit: unit.letter,
    powstate: look.phase === 'hashing' || look.phase === 'ramping',
    netstate: look.poolAlive,
    fanstate: true,
    tempstate: look.trouble !== 'over-temp',
    fancount: '4',
    fans: [look.fanRpm, look.fanRpm, look.fanRpm, look.fanRpm],
    pools: pools(device),
    boards: boards(device),
  };
}

const modelOf = ({ look }: Device): string => plainModel(look).replace(/^iceriver\s+/i, '');

type Unit = Readonly<{ letter: 'G' | 'T'; print(ths: number, digits: number): string }>;

/** The plant's TH/s are those of the coin here: KAS and ALPH are counted in them. */
function unitOf(device: Device): Unit {
  if (/ks5/i.test(modelOf(device))) return { letter: 'T', print: (ths) => `${ths.toFixed(2)}T` };
  return { letter: 'G', print: (ths, digits) => `${(ths * 1_000).toFixed(digits)}G` };
}

export function network({ look, address }: Device): Reply {
  return {
    nic: 'eth0',
    mac: macOf(look).toLowerCase().replaceAll(':', '-'),
    ip: address,
    netmask: '255.0.0.0',
    host: 'iceriver',
    dhcp: true,
    gateway: '',
    dns: '',
  };
}

/** dd:hh:mm:ss */
function runtime(elapsedS: number): string {
  const parts = [elapsedS / 86_400, (elapsedS / 3_600) % 24, (elapsedS / 60) % 60, elapsedS % 60];
  return parts.map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
}

export const pools = ({ look, pools: slots }: Device): Reply[] =>
  slots.map(({ url, user, pass }, index) => {
    const works = url !== '' && look.poolAlive;
    return {
      no: index + 1,
      addr: url,
      user,
      pass,
      connect: works && index === 0,
      diff: works && index === 0 ? '70368.74 G' : '0.00 G',
      priority: index + 1,
      accepted: index === 0 ? look.accepted : 0,
      rejected: 0,
      diffa: 0,
      diffr: 0,
      state: works ? 1 : 0,
      lsdiff: 0,
      lstime: '00:00:00',
    };
  });

const CHIPS = 18;

/** A board counts from 1; `chipsuc` and `idealpow` are 0 on these devices whatever it does. */
function boards(device: Device): Reply[] {
  const { look } = device;
  const unit = unitOf(device);
  return look.boards.map(({ there, rateThs, boardC, chipC }, index) => ({
    no: index + 1,
    chipnum: there ? CHIPS : 0,
    chipsuc: 0,
    error: 0,
    freq: rateThs > 0 ? 875 : 0,
    rtpow: unit.print(rateThs, 2),
    avgpow: unit.print(there ? look.avgThs / look.boards.length : 0, 2),
    idealpow: unit.print(0, 2),
    tempnum: '(null)',
    pcbtemp: '0.00-0.00-0.00-0.00',
    intmp: there ? whole(boardC) : 0,
    outtmp: there ? whole(chipC) : 0,
    state: there,
  }));
}
