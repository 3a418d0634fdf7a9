import { describe, expect, test } from '@jest/globals';
import { flowReports, GIVE_UP_BYTES, HOLD_BYTES } from '../../../agent/link/flow.ts';
import { createReports, type ReportSource } from '../../../agent/link/reports.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import type { LinkVerdict, StateReport } from '../../../shared/messages.ts';
import { millis } from '../../../shared/units.ts';

const miners = Array.from({ length: 200 }, (_, i) => `m${i}`);
let ageMs = 0;
const source: ReportSource = {
  miners,
  sighting: (miner) =>
    miner === 'm199' ? null : { miner, unreadable: 'silent', detail: null, ageMs, snapshot: null, snapshotAgeMs: null },
  verdicts: () => [],
  vitals: () => null,
};

const shape = ({ full, sightings }: StateReport): string => `${full ? 'full' : 'part'} ${sightings.length}`;

describe('state reports', () => {
  test('begin with a whole account, in messages of bounded size, and then carry changes alone', () => {
    const reports = createReports();
    reports.startOver();
    const whole = [1, 2, 3, 4].map(() => reports.next(source, false));
    expect(whole.map((report) => report && shape(report))).toEqual(['full 80', 'part 80', 'part 39', null]);
    reports.sawMiner('m7');
    reports.sawMiner('m7');
    expect(reports.next(source, false)?.sightings.map(({ miner }) => miner)).toEqual(['m7']);
    expect(reports.next(source, false)).toBeNull();
  });

  test('carry a beat also when nothing has changed, and a change of verdict without a miner', () => {
    const reports = createReports();
    expect(reports.next(source, true)).toMatchObject({ full: false, sightings: [] });
    reports.sawVerdict('isp-1');
    expect(reports.hasChanges()).toBe(true);
    expect(reports.next(source, false)).not.toBeNull();
    expect(reports.hasChanges()).toBe(false);
  });

  test('carry only the verdicts that were judged anew, and evidence where an answer has changed, or once a minute', () => {
    const reports = createReports();
    let [why, took, vitals] = [null as string | null, 5, 0];
    const said = (): string | undefined =>
      reports
        .next(
          { ...source, miners: [], verdicts: () => ['isp-1', 'isp-2'].map((name) => aVerdict(name, why, took)) },
          true,
        )
        ?.verdicts.map(({ uplink, evidence }) => `${uplink} ${evidence.map(({ tookMs }) => tookMs).join()}`)
        .join('; ');
    reports.startOver();
    expect(said()).toBe('isp-1 5; isp-2 5');
    expect(said()).toBe('');
    const judged = (): string | undefined => {
      took += 1;
      reports.sawVerdict('isp-2');
      return said();
    };
    expect(Array.from({ length: 7 }, judged)).toEqual([...Array(5).fill('isp-2 '), 'isp-2 11', 'isp-2 ']);
    why = 'timeout';
    expect([judged(), judged()]).toEqual(['isp-2 13', 'isp-2 ']);
    reports.startOver();
    expect(said()).toBe('isp-1 14; isp-2 14');

    const host = { ...NO_VITALS, outboxRecords: 0 };
    const heard = () =>
      reports.next({ ...source, miners: [], vitals: () => ({ ...host, outboxRecords: vitals }) }, true)?.vitals;
    expect([heard(), heard()]).toEqual([host, null]);
    vitals = 1;
    expect(heard()).toMatchObject({ outboxRecords: 1 });
  });

  test('carry large sightings in more messages rather than beyond the frame', () => {
    const reports = createReports();
    for (const miner of miners.slice(0, 10)) reports.sawMiner(miner);
    const large = { ...source, sighting: (miner: string) => ({ ...sightingOf(miner), detail: 'x'.repeat(60_000) }) };
    const first = reports.next(large, false);
    expect(JSON.stringify(first).length).toBeLessThan(262_144);
    expect(first?.sightings.length).toBeLessThan(10);
    expect(reports.hasChanges()).toBe(true);
  });

  test('count every message up, so that the other side sees a gap', () => {
    const reports = createReports();
    expect([1, 2, 3].map(() => reports.next(source, true)?.stateRev)).toEqual([1, 2, 3]);
  });
});

const NO_VITALS = {
  cpuPct: null,
  memoryUsedPct: null,
  diskUsedPct: null,
  temperatureC: null,
  uptimeS: null,
  eventLoopLagMs: null,
  degraded: [],
};

const aVerdict = (uplink: string, why: string | null, tookMs: number): LinkVerdict => ({
  uplink,
  state: 'PARTIAL',
  label: null,
  whyNot: null,
  lossAlarm: false,
  sinceMs: 0,
  holdRemainingMs: null,
  ageMs: 0,
  evidence: [{ layer: 'tcp', target: 'a', is: why === null ? 'up' : 'down', why, detail: null, tookMs }],
});

const sightingOf = (miner: string) => ({
  miner,
  unreadable: null,
  detail: null,
  ageMs: 0,
  snapshot: null,
  snapshotAgeMs: null,
});

/** A line whose buffer the test fills and empties. */
function aLine() {
  const line = {
    sent: [] as StateReport[],
    bytes: 0,
    terminated: false,
    send: (_: string, payload: unknown) => void line.sent.push(payload as StateReport),
    bufferedBytes: () => line.bytes,
    terminate() {
      line.terminated = true;
    },
  };
  return line;
}

describe('the flow of reports', () => {
  test('waits a moment for more changes, and beats in between', () => {
    const clock = virtualClock();
    const line = aLine();
    const reports = createReports();
    const flow = flowReports({ session: line, reports, source, clock });
    expect(line.sent.map(shape)).toEqual(['full 80', 'part 80', 'part 39']);
    reports.sawMiner('m1');
    flow.changed();
    clock.advance(millis(200));
    reports.sawMiner('m2');
    flow.changed();
    clock.advance(millis(49));
    expect(line.sent).toHaveLength(3);
    clock.advance(millis(1));
    expect(line.sent.slice(3).map(shape)).toEqual(['part 2']);
    clock.advance(millis(9_750));
    expect(line.sent.slice(4).map(shape)).toEqual(['part 0']);
    flow.stop();
    clock.advance(millis(60_000));
    expect(line.sent).toHaveLength(5);
  });

  test('keeps only the latest while the line is slow, and sends that when it is free again', () => {
    const clock = virtualClock();
    const line = aLine();
    const reports = createReports();
    const flow = flowReports({ session: line, reports, source, clock });
    line.bytes = HOLD_BYTES + 1;
    for (ageMs = 1; ageMs <= 100; ageMs++) {
      reports.sawMiner('m1');
      flow.changed();
      clock.advance(millis(250));
    }
    expect(line.sent).toHaveLength(3);
    line.bytes = 0;
    clock.advance(millis(250));
    expect(line.sent.slice(3).map(({ sightings }) => sightings.map((one) => one.ageMs))).toEqual([[101]]);
    flow.stop();
  });

  test('gives up a line that nobody reads', () => {
    const clock = virtualClock();
    const line = aLine();
    const flow = flowReports({ session: line, reports: createReports(), source, clock });
    line.bytes = GIVE_UP_BYTES;
    clock.advance(millis(10_000));
    expect(line.terminated).toBe(false);
    line.bytes = GIVE_UP_BYTES + 1;
    clock.advance(millis(10_000));
    expect(line.terminated).toBe(true);
    flow.stop();
  });
});
