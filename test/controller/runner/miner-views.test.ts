import { describe, expect, test } from '@jest/globals';
import { minerViews } from '../../../controller/runner/miner-views.ts';
import { createLiveSite } from '../../../controller/site/live.ts';
import { agentId, minerId } from '../../../shared/ids.ts';
import type { Sighting } from '../../../shared/sighting.ts';
import { aSite, snapshot } from '../fixture.ts';

const FRESH_MS = 60_000; // of the fixture's policy
const WALL_MS = 1_000_000;
const health: NonNullable<Sighting['health']> = {
  condition: 'stuck',
  evidence: ['no share accepted for 6 min'],
  rung: 'restart',
  sinceAgeMs: 360_000,
};

/** A site of one miner, which an agent reports at once, and its view some time later. */
function reported(of: Partial<Sighting>) {
  const site = aSite(1);
  const live = createLiveSite(site);
  const one = { miner: minerId('10.0.0.1'), unreadable: null, detail: null, ageMs: 0, snapshotAgeMs: 0 };
  const report = { stateRev: 1, full: true, verdicts: [], vitals: null };
  live.report(agentId('a1'), { ...report, sightings: [{ ...one, snapshot: snapshot(), ...of }] }, 400_000);
  const toWall = (monoMs: number): number => WALL_MS + monoMs;
  return (laterMs: number) =>
    minerViews({ site, seen: live.seen(), restart: null, nowMs: 400_000 + laterMs, toWall })[0];
}

describe('the view of a miner', () => {
  test('carries the agent’s diagnosis, dated by its age on our own clock', () => {
    const { sinceAgeMs: _, ...told } = health;
    expect(reported({ health })(0)).toMatchObject({ health: told, healthSinceMs: WALL_MS + 40_000 });
  });

  test('is without one where the agent gave none, or where it is old', () => {
    expect(reported({})(0)).not.toHaveProperty('health');
    expect(reported({ health })(FRESH_MS)).toHaveProperty('health');
    expect(reported({ health })(FRESH_MS + 1)).not.toHaveProperty('health');
  });

  test('keeps the very same diagnosis until the next report, so that nothing is sent for it', () => {
    const view = reported({ health });
    expect(view(1_000)?.health).toBe(view(0)?.health);
    expect(view(1_000)?.healthSinceMs).toBe(view(0)?.healthSinceMs);
  });
});
