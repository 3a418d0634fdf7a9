import { MINER_LOOKS, type MinerLook, type MinerView } from '../../shared/view.ts';

/**
 * One colour a look. The way back goes from dark to bright (blue, violet, amber, sky, green); what needs a person is
 * vermilion and magenta; what is not known is hollow. Hues are those of Okabe and Ito, told apart by all common kinds
 * of colour vision, and neighbours on the way differ in brightness too. `mark` says it without colour.
 */
export type Look = Readonly<{ look: MinerLook; says: string; mark: '' | 'cross' | 'bar' | 'hollow' | 'dot' }>;

const LOOKS: Readonly<Record<MinerLook, Omit<Look, 'look'>>> = {
  hashing: { says: 'hashing', mark: '' },
  soaking: { says: 'hashing, not yet long enough', mark: '' },
  starting: { says: 'booting', mark: 'dot' },
  ordered: { says: 'order is out', mark: 'dot' },
  queued: { says: 'its turn comes', mark: '' },
  waiting: { says: 'may come back alone', mark: '' },
  down: { says: 'not hashing', mark: '' },
  sleeping: { says: 'asleep', mark: 'bar' },
  unknown: { says: 'nothing is known', mark: 'hollow' },
  ticketed: { says: 'a person must look', mark: 'cross' },
  quarantined: { says: 'set aside', mark: 'bar' },
};

export const lookOf = (look: MinerLook): Look => ({ look, ...LOOKS[look] });
export const ALL_LOOKS: readonly Look[] = MINER_LOOKS.map(lookOf);

export function countLooks(miners: readonly MinerView[]): Readonly<Record<MinerLook, number>> {
  const counts = Object.fromEntries(MINER_LOOKS.map((look) => [look, 0])) as Record<MinerLook, number>;
  for (const { look } of miners) counts[look] += 1;
  return counts;
}
