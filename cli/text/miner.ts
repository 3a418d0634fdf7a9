import { conditionText, type Health, rungText } from '../../shared/health.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { paint } from '../output.ts';
import { duration, known, table } from './units.ts';

/** One snapshot and its diagnosis for people; what the device does not give is shown as –. */
export function minerText(snapshot: MinerSnapshot, health: Health): string {
  const { uptimeS, hashrateThs, hashrateNominalThs } = snapshot;
  const tone = snapshot.miningState === 'hashing' ? 'good' : 'warn';
  const rows: readonly (readonly [string, string])[] = [
    ['state', paint(tone, snapshot.miningState)],
    ['health', `${conditionText(health.condition)} (${rungText(health)}): ${health.evidence.join('; ')}`],
    ['model', `${known(snapshot.make)} ${known(snapshot.model)} (${snapshot.family})`],
    ['firmware', `${known(snapshot.firmware)} ${known(snapshot.firmwareVersion)}`],
    [
      'hash rate',
      `${known(hashrateThs)} of ${known(hashrateNominalThs, 'TH/s')}, average ${known(snapshot.hashrateAvgThs)}`,
    ],
    [
      'power',
      `${known(snapshot.powerW, 'W')}, limit ${known(snapshot.powerLimitW, 'W')}, ${known(snapshot.efficiencyJPerTh, 'J/TH')}`,
    ],
    ['air', `in ${known(snapshot.inletTempC, '°C')}, out ${known(snapshot.outletTempC, '°C')}`],
    ['fans', snapshot.fans.map(({ rpm }) => known(rpm)).join(', ') || '–'],
    ['uptime', uptimeS === null ? '–' : duration(uptimeS * 1_000)],
    ['mac, serial', `${known(snapshot.mac)}, ${known(snapshot.serial)}`],
    ['read', `${snapshot.readAt}, ${Math.round(snapshot.latencyMs)} ms`],
  ];
  return [
    paint('bold', snapshot.ip),
    ...rows.map(([name, value]) => `${name.padEnd(12)}${value}`),
    ...section('boards', boards(snapshot)),
    ...section('pools', pools(snapshot)),
    ...snapshot.errors.map(({ code, message }) => `${paint('bad', 'error')}  ${known(code)}  ${message}`),
    ...(snapshot.partial ?? []).map(({ read, why }) => `${paint('warn', 'not read')}  ${read}: ${why}`),
  ].join('\n');
}

const section = (name: string, text: string | null): readonly string[] =>
  text === null ? [`${name}  none`] : ['', text];

function boards({ boards: all }: MinerSnapshot): string | null {
  if (all.length === 0) return null;
  return table(
    ['board', 'TH/s', 'chips', 'board °C', 'chip °C', 'state'],
    all.map((board) => [
      String(board.index),
      known(board.hashrateThs),
      board.chipsExpected === null ? known(board.chips) : `${known(board.chips)} / ${board.chipsExpected}`,
      known(board.boardTempC),
      known(board.chipTempC),
      known(board.state),
    ]),
  );
}

function pools({ pools: all }: MinerSnapshot): string | null {
  if (all.length === 0) return null;
  return table(
    ['pool', 'state', 'accepted', 'rejected', 'worker'],
    all.map((pool) => [
      pool.url,
      pool.active ? `${pool.state}, active` : pool.state,
      known(pool.accepted),
      known(pool.rejected),
      known(pool.worker),
    ]),
  );
}
