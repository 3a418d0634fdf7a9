import type { Clock } from '../../shared/clock.ts';

/** The controller's monotonic site time, carried on across its own restarts. */
export type SiteTime = Readonly<{
  now(): number;
  /** Wall time of the site at a monotonic instant. */
  toWall(monoMs: number): number;
}>;

/**
 * It begins where the wall clock stands, so that the time while no controller ran has passed too, and never behind
 * `lastMs`, the newest that was ever saved: a wall clock that was set back meanwhile makes nothing young again. From
 * then on it follows the monotonic clock alone.
 */
export function siteTime(clock: Clock, lastMs: number): SiteTime {
  const offsetMs = Math.max(clock.wallMs(), lastMs) - clock.monoMs();
  const now = (): number => Math.round(clock.monoMs() + offsetMs);
  return { now, toWall: (monoMs) => Math.round(monoMs + (clock.wallMs() - now())) };
}
