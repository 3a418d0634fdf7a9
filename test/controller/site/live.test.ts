import { describe, expect, test } from '@jest/globals';
import { drawW } from '../../../controller/site/draw.ts';
import { createLiveSite } from '../../../controller/site/live.ts';
import type { Seen } from '../../../controller/site/seen.ts';
import { sightOf } from '../../../controller/site/sight.ts';
import { agentId, type MinerId, minerId, uplinkId } from '../../../shared/ids.ts';
import type { StateReport } from '../../../shared/messages.ts';
import type { Sighting } from '../../../shared/sighting.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { verdict } from '../agent.ts';
import { aSite, snapshot } from '../fixture.ts';

const a1 = agentId('a1');
const first = minerId('10.0.0.1');

const sighting = (of: Partial<Sighting> = {}): Sighting => ({
  miner: first,
  unreadable: null,
  detail: null,
  ageMs: 0,
  snapshot: snapshot(),
  snapshotAgeMs: 0,
  ...of,
});
const report = (of: Partial<StateReport>): StateReport => ({
  stateRev: 1,
  full: false,
  verdicts: [],
  vitals: null,
  sightings: [],
  ...of,
});

describe('what an agent reports', () => {
  test('is dated by its age on our own clock, whatever the agent’s clock says', () => {
    const live = createLiveSite(aSite());
    const one = sighting({ ageMs: 300, snapshotAgeMs: 700, unreadable: 'silent' });
    expect(live.report(a1, report({ sightings: [one] }), 10_000)).toMatchObject([{ atMs: 9_700, snapshotAtMs: 9_300 }]);
  });

  test('counts once, though it comes a second time after a reconnect', () => {
    const live = createLiveSite(aSite());
    live.report(a1, report({ sightings: [sighting()] }), 1_000);
    const again = live.report(a1, report({ sightings: [sighting({ snapshotAgeMs: 4_990 })] }), 6_000);
    expect(again).toMatchObject([{ snapshotAtMs: 1_000 }]);
    const next = sighting({ snapshot: snapshot({ readAt: 'later' }), snapshotAgeMs: 10 });
    expect(live.report(a1, report({ sightings: [next] }), 7_000)).toMatchObject([{ snapshotAtMs: 6_990 }]);
  });

  test('is left out where the miner is another agent’s, or nobody’s', () => {
    const live = createLiveSite(aSite());
    expect(live.report(agentId('a2'), report({ sightings: [sighting()] }), 0)).toEqual([]);
    expect(live.report(a1, report({ sightings: [sighting({ miner: '10.9.9.9' })] }), 0)).toEqual([]);
    expect(live.seen().size).toBe(0);
  });

  test('leaves what it does not name as it was, unless it is a whole account', () => {
    const live = createLiveSite(aSite());
    const uplinks = () => [...(live.agents().get(a1)?.verdicts.keys() ?? [])];
    live.report(a1, report({ full: true, verdicts: [verdict(), verdict({ uplink: 'isp-2' })] }), 0);
    live.report(a1, report({ verdicts: [verdict()] }), 0);
    expect(uplinks()).toEqual(['isp-1', 'isp-2']);
    live.report(a1, report({ full: true, verdicts: [verdict()] }), 0);
    expect(uplinks()).toEqual(['isp-1']);
  });

  test('keeps the evidence of a verdict that comes again without any: it is as it was', () => {
    const live = createLiveSite(aSite());
    const row = { layer: 'tcp', target: 'a', is: 'up' as const, why: null, detail: null, tookMs: 5 };
    const heard = () => live.agents().get(a1)?.verdicts.get(uplinkId('isp-1'));
    live.report(a1, report({ full: true, verdicts: [verdict({ evidence: [row] })] }), 0);
    live.report(a1, report({ verdicts: [verdict({ state: 'DOWN', evidence: [], ageMs: 100 })] }), 9_000);
    expect(heard()).toMatchObject({ atMs: 8_900, verdict: { state: 'DOWN', evidence: [row] } });
    live.report(a1, report({ verdicts: [verdict({ evidence: [{ ...row, is: 'down' as const }] })] }), 10_000);
    expect(heard()?.verdict.evidence).toMatchObject([{ is: 'down' }]);
  });
});

const miner = [...aSite(1).miners.values()][0];
if (miner === undefined) throw new Error('the site has a miner');
const seen = (of: Partial<MinerSnapshot> | null, unreadable: Seen['unreadable'] = null): Seen => ({
  miner: first as MinerId,
  atMs: 0,
  unreadable,
  detail: null,
  snapshot: of === null ? null : snapshot(of),
  snapshotAtMs: 0,
});

test.each<[string, Seen | undefined, boolean, number]>([
  ['its own word', seen({ powerW: 3_111.6 }), true, 3_112],
  ['its steady draw while it hashes and gives no figure', seen({}), true, 3_000],
  ['steady draw and boot overhead while it starts', seen({ miningState: 'starting' }), true, 3_500],
  ['nothing while it rests', seen({ miningState: 'sleeping' }), true, 0],
  ['what is expected of it when it was never read', undefined, false, 3_000],
  ['what is expected of it when it cannot be read', seen({ miningState: 'sleeping' }, 'silent'), true, 3_000],
  ['what is expected of it when its reading is old', seen({ miningState: 'sleeping' }), false, 3_000],
])('a miner is taken to draw %s', (_, one, fresh, powerW) => {
  expect(drawW(miner, one, fresh)).toBe(powerW);
});

test.each<[string, Seen | undefined, boolean, string]>([
  ['hashing at full rate on a live pool', seen({}), true, 'hashing'],
  ['below the rate that counts as healthy', seen({ hashrateThs: 90 }), true, 'down'],
  ['hashing for a pool that is dead', seen({ pools: [] }), true, 'down'],
  ['starting', seen({ miningState: 'starting' }), true, 'starting'],
  ['asleep', seen({ miningState: 'sleeping' }), true, 'sleeping'],
  ['idle', seen({ miningState: 'idle' }), true, 'down'],
  ['unreadable', seen({}, 'refused'), true, 'down'],
  ['read long ago', seen({}), false, 'unknown'],
  ['never read', undefined, false, 'unknown'],
])('a miner that is %s is shown as such', (_, one, fresh, look) => {
  expect(sightOf(miner, one, { fresh, healthyPct: 90 }).look).toBe(look);
});
