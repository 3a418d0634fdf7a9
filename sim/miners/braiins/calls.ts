import { type Device, macOf, serialOf, threePools, whole } from '../device.ts';
import type { Bench, Call, CallReply, Outcome } from '../family.ts';
import { newSessions, type Sessions } from '../sessions.ts';
import { type Entry, message, messagesIn, numberIn, opened, textIn, type Wire } from '../wire.ts';
import { modelOf, OLD_FIRMWARE, powerRange, processGone, statusOf, target, troubleOf } from './reads.ts';
import type { Own } from './writes.ts';

/** The gRPC API of 23.03 and later, by the field numbers of the protocol sheet (7.3). */
type Made = Readonly<{ device: Device; own: Own; message: Uint8Array }>;
type Method = (made: Made) => Outcome<CallReply>;

const V1 = '/braiins.bos.v1';
const LOGIN = `${V1}.AuthenticationService/Login`;
const OPEN = '/braiins.bos.ApiVersionService/GetApiVersion';

/** The idle time after which a token is void. */
const TOKEN_LIFE_S = 3_600;

const said = (...entries: readonly Entry[]): { reply: CallReply } => ({ reply: { message: message(...entries) } });
const refused = (refuses: 'UNAUTHENTICATED' | 'INVALID_ARGUMENT', why: string): Outcome<CallReply> => ({
  reply: { refuses, why },
});

/** Every unit has a message of its own, with its one field. */
const unit = (value: number): Uint8Array => message([1, { double: value }]);
const watts = (value: number): Uint8Array => message([1, whole(value)]);
const ghs = (ths: number): Uint8Array => unit(ths * 1_000);

const solver = (rates: Readonly<{ nowThs: number; avgThs: number; nominalThs: number }>): Uint8Array => {
  const windows = Array.from({ length: 10 }, (_, at): Entry => [at + 1, ghs(at < 4 ? rates.nowThs : rates.avgThs)]);
  return message([1, message(...windows)], [2, ghs(rates.nominalThs)], [3, unit(0)]);
};
const poolStats = (accepted: number): Uint8Array => message([1, accepted], [2, 0], [3, 0], [4, 131_072]);

const READS: Readonly<Record<string, (device: Device, own: Own) => { reply: CallReply }>> = {
  'MinerService/GetMinerDetails': (device, { stopped }) => {
    const { look } = device;
    const told = { device, stopped };
    const model = modelOf(device);
    return said(
      [1, serialOf(look, 'uid')],
      [2, message([1, 1], [3, model], [4, model])],
      [3, 6],
      [4, 5],
      [5, message([1, OLD_FIRMWARE], [2, '2022-09-13-0-11012d53-22.08-plus'], [3, true])],
      [6, 'Antminer'],
      [7, macOf(look).toLowerCase()],
      [9, ghs(look.traits.nominalThs)],
      [10, processGone(told) ? 0 : look.elapsedS],
      [11, look.uptimeS],
      [12, statusOf(told)],
      [13, '4.9.38'],
      [16, serialOf(look, 'SIMB')],
    );
  },
  'MinerService/GetMinerStats': ({ look }) => {
    const { rateThs, avgThs, powerW, traits } = look;
    const efficiency = rateThs > 0 ? powerW / rateThs : 0;
    return said(
      [1, poolStats(look.accepted)],
      [2, solver({ nowThs: rateThs, avgThs, nominalThs: rateThs > 0 ? traits.nominalThs : 0 })],
      [3, message([1, watts(powerW)], [2, unit(efficiency)])],
    );
  },
  'MinerService/GetHashboards': ({ look }) => {
    const rows = look.boards.flatMap((board, at): Entry[] => {
      if (!board.there) return [];
      const nominalThs = look.traits.nominalThs / look.boards.length;
      const fields: Entry[] = [
        [1, String(at + 1)],
        [2, true],
        [3, message([1, 110])],
        [4, unit(12.94)],
        [5, unit(486_704_545)],
        [6, message([2, 1], [3, unit(whole(board.chipC))])],
        [7, unit(whole(board.boardC))],
        [8, solver({ nowThs: board.rateThs, avgThs: look.avgThs / look.boards.length, nominalThs })],
        [10, unit(whole(look.inletC))],
        [11, unit(whole(look.outletC))],
        [12, serialOf(look, `SIMH${at}`)],
      ];
      return [[1, message(...fields)]];
    });
    return said(...rows);
  },
  'MinerService/GetErrors': (device) => {
    const trouble = troubleOf(device);
    if (trouble === null) return said();
    const codes = trouble.error_codes.map(
      ({ code, reason, hint }): Entry => [3, message([1, code], [2, reason], [3, hint])],
    );
    const parts = trouble.components.map(({ name, index }): Entry => [4, message([1, name], [2, index])]);
    const at = new Date(device.wallS * 1_000).toISOString();
    return said([1, message([1, at], [2, trouble.message], ...codes, ...parts)]);
  },
  'CoolingService/GetCoolingState': ({ look }) =>
    said(...[0, 1, 2, 3].map((at): Entry => [1, message([1, at], [2, look.fanRpm], [3, { double: 0.8 }])])),
  'PoolService/GetPoolGroups': poolGroups,
  'PerformanceService/GetTunerState': (device) =>
    said([1, device.look.phase === 'ramping' ? 3 : 2], [2, message([2, watts(target(device).watt)])]),
  'ActionsService/GetLocateDeviceStatus': ({ blink }) => said([1, blink]),
};

function poolGroups({ look, pools }: Device): { reply: CallReply } {
  const rows = pools.flatMap(({ url, user }, at): Entry[] => {
    if (url === '') return [];
    const active = look.poolAlive && at === 0;
    const state: Entry[] = [
      [4, true],
      [5, look.poolAlive],
      [6, active],
      [7, poolStats(at === 0 ? look.accepted : 0)],
    ];
    return [[4, message([1, `pool${at}`], [2, url], [3, user], ...state)]];
  });
  return said([1, message([1, 'group'], [2, message([1, 1])], ...rows, [5, '0'])]);
}

const SAVE_ACTIONS = 3;
const changing = (was: boolean): { reply: CallReply } => said([1, was]);

const WRITES: Readonly<Record<string, Method>> = {
  'ActionsService/Restart': () => ({ ...changing(false), action: 'restart' }),
  'ActionsService/Reboot': () => ({ ...said(), action: 'reboot' }),
  'ActionsService/PauseMining': ({ device, own }) => sleep(device.look.asleep, own, false),
  'ActionsService/Stop': ({ device, own }) => sleep(device.look.asleep, own, true),
  'ActionsService/ResumeMining': ({ device: { look } }) => ({
    ...changing(!look.asleep),
    action: look.asleep ? 'wake' : null,
  }),
  'ActionsService/Start': ({ device: { look } }) => ({
    ...changing(!look.asleep),
    action: look.asleep ? 'wake' : null,
  }),
  'ActionsService/SetLocateDeviceStatus': (made) => {
    const blink = numberIn(opened(made.message), 1) === 1;
    return { ...said([1, blink]), change: { blink } };
  },
  'PerformanceService/SetPowerTarget': ({ device, message: sent }) => {
    const asked = opened(sent);
    const watt = numberIn(messagesIn(asked, 2)[0] ?? null, 1);
    const { min, max } = powerRange(device);
    if (!isSaving(numberIn(asked, 1))) return refused('INVALID_ARGUMENT', 'save_action is not set');
    if (watt < min.watt || watt > max.watt) return refused('INVALID_ARGUMENT', `not in ${min.watt}..${max.watt} W`);
    return { ...said([1, watts(watt)]), change: { powerLimitW: watt } };
  },
  // The whole of the groups: those not named are gone.
  'PoolService/SetPoolGroups': ({ device, message: sent }) => {
    const asked = opened(sent);
    const pools = messagesIn(asked, 2)
      .flatMap((group) => messagesIn(group, 5))
      .map((pool) => ({ url: textIn(pool, 2), user: textIn(pool, 3), pass: textIn(pool, 4) }));
    if (!isSaving(numberIn(asked, 1))) return refused('INVALID_ARGUMENT', 'save_action is not set');
    if ((pools[0]?.url ?? '') === '') return refused('INVALID_ARGUMENT', 'no pools');
    const change = { pools: threePools(pools) };
    return { ...poolGroups({ ...device, ...change }), change };
  },
};

const isSaving = (action: number): boolean => action >= 1 && action <= SAVE_ACTIONS;

function sleep(was: boolean, own: Own, stops: boolean): Outcome<CallReply> {
  own.stopped = stops;
  return { ...changing(was), action: was ? null : 'sleep' };
}

export const CALLS: readonly string[] = [
  OPEN,
  LOGIN,
  ...[...Object.keys(READS), ...Object.keys(WRITES)].map((method) => `${V1}.${method}`),
];

export function answerCalls(bench: Bench, own: Own): (device: Device, call: Call) => Outcome<CallReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: TOKEN_LIFE_S * 1_000, idle: true });
  return (device, { path, authorization, message: sent }) => {
    // Its fields are not in the sheet.
    if (path === OPEN) return said();
    if (path === LOGIN) return login({ device, own, message: sent }, bench, sessions);
    if (!sessions.alive(authorization ?? undefined, bench.monoMs())) return refused('UNAUTHENTICATED', 'log in first');
    const method = path.slice(V1.length + 1);
    const read = READS[method];
    if (read !== undefined) return read(device, own);
    const outcome = WRITES[method]?.({ device, own, message: sent }) ?? { reply: null };
    if (outcome.action === 'reboot' && !device.look.heedless) sessions.clear();
    return outcome;
  };
}

function login({ device, message: sent }: Made, bench: Bench, sessions: Sessions): Outcome<CallReply> {
  const { user, password } = bench.account(device);
  const asked = opened(sent);
  if (textIn(asked, 1) !== user || textIn(asked, 2) !== password) return refused('UNAUTHENTICATED', 'wrong password');
  const token: Wire = sessions.open(bench.monoMs());
  return said([1, token], [2, TOKEN_LIFE_S]);
}
