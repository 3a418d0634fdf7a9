import { type HostVitals, type LinkVerdict, SIGHTINGS_PER_STATE, type StateReport } from '../../shared/messages.ts';
import type { Sighting } from '../../shared/sighting.ts';

/**
 * Turns what changed into state reports: the latest only, however often it changed meanwhile. What could not be sent
 * stays marked, so a slow line costs freshness and never memory.
 */
export type Reports = Readonly<{
  sawMiner(miner: string): void;
  sawVerdict(uplink: string): void;
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
  const judged = new Set<string>();
  const spare = spareEvidence();
  let full = false;
  let vitalsSaid = '';
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
  /** null: unchanged. */
  const takeVitals = (source: ReportSource): HostVitals | null => {
    const vitals = source.vitals();
    const text = JSON.stringify(vitals);
    if (text === vitalsSaid) return null;
    vitalsSaid = text;
    return vitals;
  };
  return {
    sawMiner: (miner) => void changed.add(miner),
    sawVerdict: (uplink) => void judged.add(uplink),
    startOver() {
      full = true;
      vitalsSaid = '';
      spare.startOver();
    },
    hasChanges: () => full || judged.size > 0 || changed.size > 0,
    next(source, beat) {
      if (!full && judged.size === 0 && changed.size === 0 && !beat) return null;
      if (full) for (const miner of source.miners) changed.add(miner);
      const report = {
        stateRev: ++stateRev,
        full,
        verdicts: source
          .verdicts()
          .filter(({ uplink }) => full || judged.has(uplink))
          .map(spare.of),
        vitals: takeVitals(source),
        sightings: takeSightings(source),
      };
      full = false;
      judged.clear();
      return report;
    },
  };
}

const EVIDENCE_EVERY = 6; // verdicts: what the rounds took is a minute old at most

/**
 * Evidence is nine tenths of a report, and an idle uplink's is the same round after round. It is sent when an answer has
 * changed; else the list is empty, which means as before, and what a round took is brought up to date once a minute.
 */
function spareEvidence() {
  const said = new Map<string, { sign: string; since: number }>();
  return {
    startOver: () => said.clear(),
    of(verdict: LinkVerdict): LinkVerdict {
      const sign = signOf(verdict);
      const before = said.get(verdict.uplink);
      if (before?.sign === sign && before.since < EVIDENCE_EVERY - 1) {
        before.since += 1;
        return { ...verdict, evidence: [] };
      }
      said.set(verdict.uplink, { sign, since: 0 });
      return verdict;
    },
  };
}

/** The answers, whatever the order in which they came and the time that they took. Echoes are not asked each time. */
const signOf = ({ state, label, evidence }: LinkVerdict): string => {
  const rows = evidence
    .filter(({ layer }) => layer !== 'icmp')
    .map((one) => [one.layer, one.target, one.is, one.why].join(' '));
  return [state, label, ...rows.sort()].join('\n');
};
