import { describe, expect, test } from '@jest/globals';
import { relight } from './cli.ts';

const DEMO_MS = 120_000; // the demo itself says 60 s on two cores; these may be shared

// One seed on a developer's machine, several in CI.
const seeds = (process.env.RELIGHT_DEMO_SEEDS ?? '1').split(',').map(Number);

describe('relight demo --fast', () => {
  test.each(seeds)(
    'seed %i: the farm comes back in stages, and every promise holds',
    async (seed) => {
      const { code, stdout, stderr } = await relight('demo', '--fast', '--json', '--seed', String(seed));
      const summary = JSON.parse(stdout || '{}');
      const broken = summary.promises?.filter(({ held }: { held: boolean }) => !held);
      expect({ seed, code, broken, stderr: code === 0 ? '' : stderr }).toEqual({
        seed,
        code: 0,
        broken: [],
        stderr: '',
      });
      expect(summary).toMatchObject({ seed, trips: 0, doubleRestarts: 0, restartsWhileDown: 0, capViolations: 0 });
      const { total, hashing, ticketed, quarantined } = summary.miners;
      expect(hashing + ticketed + quarantined).toBe(total);
      expect(hashing * 100).toBeGreaterThanOrEqual(90 * total);
      expect(summary.tickets.every(({ reason }: { reason: string }) => reason.length > 0)).toBe(true);
      for (const { feed, capW, peakW } of summary.feeds) expect([feed, peakW <= capW]).toEqual([feed, true]);
    },
    DEMO_MS,
  );

  test(
    'a bad feed: the restart halts and names the reason',
    async () => {
      const { code, stdout } = await relight('demo', '--fast', '--json', '--seed', '7', '--story', 'bad-feed');
      const summary = JSON.parse(stdout);
      expect(summary.restart.state).toBe('HALTED');
      expect(summary.restart.haltReason).toMatch(/pdu-/);
      expect([code, summary.trips, summary.doubleRestarts, summary.restartsWhileDown]).toEqual([0, 0, 0, 0]);
    },
    DEMO_MS,
  );
});
