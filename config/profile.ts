import { millis, teraHash, watts } from '../shared/units.ts';
import { type Catalogue, named, nominalOf } from './catalogue.ts';
import { BOOT_MS, BOOT_OVERHEAD_PCT } from './defaults.ts';
import { type Key, refuse, shown } from './fault.ts';
import { didYouMean } from './nearest.ts';
import type { ProfileEntry, Profiles } from './schema-power.ts';
import type { Profile } from './site.ts';

export type ProfileBook = Readonly<{
  /** `key`: the miner entry that asks. Throws CONFIG_MISSING for a model whose draw nobody knows. */
  of(model: string, key: Key): Profile;
  /** One line each, of the models that were asked for. */
  guesses(): readonly string[];
}>;

/** The site's own profiles go before the catalogue, the catalogue before what is assumed of any miner. */
export function profileBook(profiles: Profiles, catalogue: Catalogue): ProfileBook {
  const own = ownProfiles(profiles);
  const known = new Map<string, Profile>();
  const guesses: string[] = [];
  return {
    of(model, key) {
      const before = known.get(model);
      if (before) return before;
      const found = resolveProfile({
        model,
        entry: own.get(named(model)) ?? {},
        catalogue,
        key,
        names: Object.keys(profiles),
      });
      guesses.push(...found.guesses);
      known.set(model, found.profile);
      return found.profile;
    },
    guesses: () => [...guesses, ...unused(profiles, new Set([...known.keys()].map(named)))],
  };
}

function ownProfiles(profiles: Profiles): ReadonlyMap<string, ProfileEntry> {
  const own = new Map<string, ProfileEntry>();
  for (const [model, entry] of Object.entries(profiles)) {
    if (own.has(named(model))) refuse('CONFIG_VALUE', ['profiles', model], 'names a model a second time');
    own.set(named(model), entry);
  }
  return own;
}

// A profile that nobody uses is most often one with a slip in its name, whose miners are planned by guesses.
const unused = (profiles: Profiles, used: ReadonlySet<string>): readonly string[] =>
  Object.keys(profiles)
    .filter((model) => !used.has(named(model)))
    .map((model) => `${model}: has a profile, and no miner is of this model`);

type Question = Readonly<{
  model: string;
  entry: ProfileEntry;
  catalogue: Catalogue;
  key: Key;
  names: readonly string[];
}>;

function resolveProfile({ model, entry, catalogue, key, names }: Question) {
  const nominal = nominalOf(catalogue, model);
  const steadyW = entry.steadyW ?? nominal.steadyW;
  if (steadyW === null) {
    return refuse(
      'CONFIG_MISSING',
      [...key, 'model'],
      `is ${shown(model)}, whose draw no source lists: expected profiles.${shown(model)}.steadyW${didYouMean(model, names)}`,
    );
  }
  const bootOverheadW = entry.bootOverheadW ?? Math.ceil((steadyW * BOOT_OVERHEAD_PCT) / 100);
  const bootMs = entry.bootMs ?? BOOT_MS;
  const hashrateThs = entry.hashrateThs ?? nominal.hashrateThs;
  const guessed = (['steadyW', 'bootOverheadW', 'bootMs'] as const).filter((name) => entry[name] === undefined);
  const profile: Profile = {
    steadyW: watts(steadyW),
    bootOverheadW: watts(bootOverheadW),
    bootMs: millis(bootMs),
    hashrateThs: hashrateThs === null ? null : teraHash(hashrateThs),
    guessed,
  };
  return { profile, guesses: guessLines({ model, profile, guessed, basis: nominal.basis }) };
}

type Guessed = Readonly<{
  model: string;
  profile: Profile;
  guessed: readonly ('steadyW' | 'bootOverheadW' | 'bootMs')[];
  basis: string;
}>;

function guessLines({ model, profile, guessed, basis }: Guessed): readonly string[] {
  const why = { steadyW: basis, bootOverheadW: `${BOOT_OVERHEAD_PCT} % of steadyW`, bootMs: 'no profile says' };
  const lines = guessed.map((name) => `${model}: ${name} ${profile[name]} (${why[name]})`);
  const rate = `${model}: hashrateThs unknown, so only a miner's own nominal rate can show that it is healthy`;
  return [...lines, ...(profile.hashrateThs === null ? [rate] : [])];
}
