import type { SiteView } from '../../shared/view.ts';

/** What was seen since the page was opened, as columns: site seconds, watts drawn, committed, cap, miners hashing. */
export type Samples = Readonly<Record<'atS' | 'drawW' | 'committedW' | 'capW' | 'hashing', readonly number[]>>;

export const NO_SAMPLES: Samples = { atS: [], drawW: [], committedW: [], capW: [], hashing: [] };
const SAMPLES_MAX = 1_200; // about a pixel each
const KEYS = ['atS', 'drawW', 'committedW', 'capW', 'hashing'] as const;

/** Adds the present; a full record keeps every second sample and goes on half as dense, so that it never ends. */
export function sample(samples: Samples, site: SiteView): Samples {
  const root = site.feeds.find(({ parent }) => parent === null);
  const atS = site.nowMs / 1_000;
  const lastS = samples.atS.at(-1);
  if (root === undefined || (lastS !== undefined && atS - lastS < spacingS(samples))) return samples;
  const hashing = site.miners.filter(({ look }) => look === 'hashing' || look === 'soaking').length;
  const row = { atS, drawW: root.drawW, committedW: root.committedW, capW: root.capW, hashing };
  const kept = samples.atS.length < SAMPLES_MAX ? samples : thinned(samples);
  return columns((key) => [...kept[key], row[key]]);
}

const spacingS = ({ atS }: Samples): number => ((atS.at(-1) ?? 0) - (atS[0] ?? 0)) / SAMPLES_MAX;
const thinned = (samples: Samples): Samples => columns((key) => samples[key].filter((_, i) => i % 2 === 0));
const columns = (of: (key: (typeof KEYS)[number]) => readonly number[]): Samples =>
  Object.fromEntries(KEYS.map((key) => [key, of(key)])) as Samples;
