import { type HostVitals, type LinkVerdict, SIGHTINGS_PER_STATE, type StateReport } from '../../shared/messages.ts';
import type { Sighting } from '../../shared/sighting.ts';

/**
 * Turns what changed into state reports: the latest only, however often it changed meanwhile. What could not be sent
 * stays marked, so a slow line costs freshness and never memory.
 */
export type Reports = Readonly<{
  sawMiner(miner: string): void;
  sawVerdict(): void;
  /** Everything is new to whoever listens from now on. */
  startOver(): void;
  hasChanges(): boolean;
  /** The next report, or null when nothing is left to say; `beat` asks for one even then. */
  next(source: ReportSource, beat: boolean): StateReport | null;
}>;

/** Where the latest is found at the moment of sending, so that ages are those of that moment. */
export type ReportSource = Readonly<{
  miners: readonly string[];
  sighting(miner: string): Sighting | null;
  verdicts(): readonly LinkVerdict[];
  vitals(): HostVitals | null;
}>;

// Half of the peer's limit: verdicts and the frame come on top.
const SIGHTINGS_MAX_BYTES = 131_072;

export function createReports(): Reports {
  const changed = new Set<string>();
  let full = false;
  let verdictChanged = false;
  let stateRev = 0;

  const takeSightings = (source: ReportSource): Sighting[] => {
    const taken: Sighting[] = [];
    let bytes = 0;
    for (const miner of changed) {
      if (taken.length >= SIGHTINGS_PER_STATE) break;
      const sighting = source.sighting(miner);
      bytes += sighting === null ? 0 : JSON.stringify(sighting).length;
      if (taken.length > 0 && bytes > SIGHTINGS_MAX_BYTES) break;
      changed.delete(miner);
      if (sighting !== null) taken.push(sighting);
    }
    return taken;
  };
  return {
    sawMiner: (miner) => void changed.add(miner),
    sawVerdict() {
      verdictChanged = true;
    },
    startOver() {
      full = true;
    },
    hasChanges: () => full || verdictChanged || changed.size > 0,
    next(source, beat) {
      if (!full && !verdictChanged && changed.size === 0 && !beat) return null;
      if (full) for (const miner of source.miners) changed.add(miner);
      const report = {
        stateRev: ++stateRev,
        full,
        verdicts: [...source.verdicts()],
        vitals: source.vitals(),
        sightings: takeSightings(source),
      };
      full = false;
      verdictChanged = false;
      return report;
    },
  };
}
