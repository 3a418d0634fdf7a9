import { createServer, type Socket } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { close, open } from './replay.ts';

/** A LuxOS on a real socket, as far as an agent can tell: one session at a time, and pools that move up. */
export type LuxMiner = Readonly<{
  target: Target;
  /** What was said, as `command parameter`; reads are left out. */
  heard: readonly string[];
  /** Whether a session is open now. */
  taken(): boolean;
  pools(): readonly LuxPool[];
  close(): Promise<void>;
}>;
export type LuxPool = Readonly<{ url: string; user: string }>;
type Reply = object | null;

export type LuxOptions = Readonly<{
  /** Somebody else holds the session. */
  busy?: boolean;
  /** Answers of commands that are not, or not so, the device's own; null closes the line. */
  says?: Readonly<Record<string, Reply | ((parameter: string, count: number) => Reply | undefined)>>;
  pools?: readonly LuxPool[];
}>;

const status = (letter: string, code: number, message: string, more: object = {}): object => ({
  STATUS: [{ STATUS: letter, When: 1, Code: code, Msg: message, Description: 'LUXminer' }],
  ...more,
  id: 1,
});
export const fine = (key: string, entries: readonly object[]): object => status('S', 1, key, { [key]: entries });
export const no = (code: number, message: string): object => status('E', code, message);

/** Shapes from the fact sheet, section 8; the captures have the version, the groups and the ATM only. */
export const READS: Readonly<Record<string, object>> = {
  version: fine('VERSION', [{ API: '3.7', LUXminer: '2024.9.1.1', Type: 'Antminer S19j Pro' }]),
  config: fine('CONFIG', [
    {
      ...{ Hostname: 'lux-rig', MACAddr: '02:11:22:33:44:55', Model: 'Antminer S19j Pro', SerialNumber: 'SN1' },
      ...{ NameplateTHS: 104, Profile: '600MHz', CurtailMode: 'None', SystemStatus: 'Normal', RedLed: 'auto' },
      ...{ ControlBoard: 'amlogic' },
    },
  ]),
  summary: fine('SUMMARY', [{ Elapsed: 3_600, 'GHS 5s': 101_500.5, 'GHS av': 100_250 }]),
  devs: fine('DEVS', [
    ...[0, 1, 2].map((ASC) => ({
      ...{ ASC, 'MHS 5s': 33_800_000 + ASC, 'Nominal MHS': 34_000_000, SerialNumber: `B${ASC}` },
      ...{ IsRamping: false, IsUserShutdown: ASC === 2, Status: 'Alive' },
    })),
  ]),
  temps: {
    ...fine('TEMPS', [
      ...[0, 1, 2].map((ID) => ({
        ID,
        TEMP: ID,
        TopLeft: 40 + ID,
        TopRight: 41,
        BottomLeft: 60,
        BottomRight: 61 + ID,
      })),
    ]),
    METADATA: [
      { TopLeft: 'Board Intake', TopRight: 'Board Intake' },
      { BottomLeft: 'Board Exhaust', BottomRight: 'Board Exhaust' },
    ],
  },
  fans: fine('FANS', [
    { FAN: 0, ID: 0, RPM: 5_400, Speed: 70 },
    { FAN: 1, ID: 1, RPM: 0, Speed: 0 },
  ]),
  power: fine('POWER', [{ Watts: 3_050, PSU: true }]),
  profiles: fine('PROFILES', [
    { 'Profile Name': '550MHz', Watts: 2_700, Hashrate: 95, IsTuned: true },
    { 'Profile Name': '600MHz', Watts: 3_050, Hashrate: 104, IsTuned: true },
    { 'Profile Name': '650MHz', Watts: 3_400, Hashrate: 112, IsTuned: false },
  ]),
  events: fine('EVENTS', [
    { Code: 7, Description: 'fan lost', Target: 'fan 1', CreatedAt: 1 },
    { Code: 7, Description: 'fan lost', Target: 'fan 1', CreatedAt: 2 },
  ]),
  devdetails: fine(
    'DEVDETAILS',
    [0, 1, 2].map((ID) => ({ DEVDETAILS: ID, ID, Chips: 126 })),
  ),
  atm: fine('ATM', [{ Enabled: false, MaxProfile: '580MHz', MinProfile: '' }]),
};

/** What works without a session: everything that reads, and the pools. */
const FREE = new Set(['addpool', 'removepool', 'switchpool']);
const WRITES = new Set(['curtail', 'rebootdevice', 'resetminer', 'ledset', 'profileset']);
let count = 0;

export async function luxMiner({ busy = false, says = {}, pools: given = [] }: LuxOptions = {}): Promise<LuxMiner> {
  const heard: string[] = [];
  let pools = [...given];
  let session: string | null = busy ? 'another' : null;
  let sessions = 0;

  const own = (command: string, parameter: string): Reply => {
    if (command === 'logon') {
      if (session !== null) return no(402, 'Another session is active');
      session = `sid${++sessions}`;
      return status('S', 316, 'Session', { SESSION: [{ SessionID: session }] });
    }
    if (command === 'logoff') {
      if (parameter !== session) return no(401, 'Session is not yours');
      session = null;
      return status('S', 317, 'logged off');
    }
    if (FREE.has(command)) return change(command, parameter);
    if (WRITES.has(command)) {
      return parameter.split(',')[0] === session ? status('S', 335, 'done') : no(401, 'Invalid session');
    }
    return READS[command] ?? no(14, 'Invalid command');
  };
  const change = (command: string, parameter: string): object => {
    if (command === 'addpool') {
      const [url = '', user = ''] = parameter.split(',');
      pools.push({ url, user });
      return status('S', 55, 'Added pool');
    }
    if (command === 'removepool') pools = pools.filter((_, at) => at !== Number(parameter));
    return status('S', 27, 'done');
  };
  const list = () =>
    fine(
      'POOLS',
      pools.map(({ url, user }, POOL) => ({ POOL, URL: url, User: user, Status: 'Alive' })),
    );

  const answer = (text: string): Reply => {
    const { command = '', parameter = '' } = JSON.parse(text) as { command?: string; parameter?: string };
    if (READS[command] === undefined && !READING.has(command)) heard.push(`${command} ${parameter}`.trim());
    const instead = says[command];
    const times = heard.filter((one) => one.split(' ')[0] === command).length;
    const said = typeof instead === 'function' ? instead(parameter, times) : instead;
    if (said !== undefined) return said;
    return command === 'pools' ? list() : own(command, parameter);
  };
  const server = createServer((socket) => serve(socket, answer));
  const rpc = await open(server);
  return {
    target: { miner: minerId(`lux-${count++}`), address: '127.0.0.1', ports: { rpc, http: 1 }, family: 'luxos' },
    heard,
    taken: () => session !== null,
    pools: () => pools,
    close: () => close(server),
  };
}

const READING = new Set(['pools', 'stats', 'config+profiles']);

function serve(socket: Socket, answer: (text: string) => Reply): void {
  socket.on('error', () => undefined);
  socket.once('data', (data: Buffer) => {
    const reply = answer(data.toString());
    if (reply === null) socket.destroy();
    else socket.end(`${JSON.stringify(reply)}\0`);
  });
}
