import { conditionText, type Health, rungText } from '../../shared/health.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { paint } from '../output.ts';
import { duration, known, table } from './units.ts';

/** One snapshot and its diagnosis for people; what the device does not give is shown as –. */
export function minerText(snapshot: MinerSnapshot, health: Health): string {
  const { uptimeS } = snapshot;
  const tone = snapshot.miningState === 'hashing' ? 'good' : 'warn';
  const calls = health.rung === 'none' ? '' : ` (${rungText(health)})`;
  const rows: readonly (readonly [string, string])[] = [
    ['state', paint(tone, snapshot.miningState)],
    ['health', `${conditionText(health.condition)}${calls}: ${health.evidence.join('; ')}`],
    ['model', `${told(' ', [snapshot.make, snapshot.model])} (${snapshot.family})`],
    ['firmware', told(' ', [snapshot.firmware, snapshot.firmwareVersion])],
    ['hash rate', rateText(snapshot)],
    [
      'power',
      told(', ', [
        withUnit(snapshot.powerW, 'W'),
        withUnit(snapshot.powerLimitW, 'W', 'limit '),
        withUnit(snapshot.efficiencyJPerTh, 'J/TH'),
      ]),
    ],
    ['air', told(', ', [withUnit(snapshot.inletTempC, '°C', 'in '), withUnit(snapshot.outletTempC, '°C', 'out ')])],
    ['fans', snapshot.fans.map(({ rpm }) => known(rpm)).join(', ') || '–'],
    ['uptime', uptimeS === null ? '–' : duration(uptimeS * 1_000)],
    ['mac, serial', told(', ', [snapshot.mac, snapshot.serial])],
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

/** What the device gives of them; – where it is nothing. */
const told = (between: string, parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null).join(between) || '–';

const withUnit = (value: number | null, unit: string, before = ''): string | null =>
  value === null ? null : `${before}${known(value, unit)}`;

function rateText({ hashrateThs, hashrateNominalThs, hashrateAvgThs }: MinerSnapshot): string {
  const nominal = withUnit(hashrateNominalThs, 'TH/s', 'nominal ');
  const now =
    hashrateNominalThs === null ? withUnit(hashrateThs, 'TH/s') : `${hashrateThs} of ${hashrateNominalThs} TH/s`;
  return told(', ', [hashrateThs === null ? nominal : now, withUnit(hashrateAvgThs, 'TH/s', 'average ')]);
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
