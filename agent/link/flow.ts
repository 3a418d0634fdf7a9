import type { Cancel, Clock } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';
import type { ReportSource, Reports } from './reports.ts';

/** Sends the reports over one connection: changes soon, and a beat of ages and vitals in between. */
export type Flow = Readonly<{ changed(): void; stop(): void }>;
export type FlowOptions = Readonly<{
  session: Readonly<{ send(action: string, payload: unknown): void; bufferedBytes(): number; terminate(): void }>;
  reports: Reports;
  source: ReportSource;
  /** The real one. */
  clock: Clock;
}>;

export const COALESCE_MS = millis(250);
export const BEAT_MS = millis(10_000); // verdicts go with their rounds: this carries vitals, and that we are there
export const HOLD_BYTES = 1_048_576; // above this only the latest is kept, and waits
export const GIVE_UP_BYTES = 4_194_304; // above this nobody reads at the other end

export function flowReports({ session, reports, source, clock }: FlowOptions): Flow {
  let soon: Cancel | null = null;
  let stopped = false;

  const flush = (beat: boolean): void => {
    if (session.bufferedBytes() > GIVE_UP_BYTES) return session.terminate();
    let asked = beat;
    while (session.bufferedBytes() <= HOLD_BYTES) {
      const report = reports.next(source, asked);
      if (report === null) return;
      session.send('state', report);
      asked = false;
    }
    changed();
  };
  const changed = (): void => {
    if (stopped) return;
    soon ??= clock.after(COALESCE_MS, () => {
      soon = null;
      flush(false);
    });
  };
  const beat = (): void => {
    flush(true);
    cancelBeat = clock.after(BEAT_MS, beat);
  };
  let cancelBeat: Cancel = () => {};
  reports.startOver();
  beat();
  return {
    changed,
    stop() {
      stopped = true;
      soon?.();
      cancelBeat();
    },
  };
}
