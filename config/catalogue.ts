/**
 * Nominal figures of a model as its makers and the trade list them (`config/models.tsv`, which names the source of
 * each). Nominal: within about 5 % of what a machine of that bin does. null = nobody lists it.
 */
export type ModelFacts = Readonly<{
  vendor: string;
  model: string;
  /** null where the source only describes the hardware. */
  algorithm: string | null;
  cooling: string | null;
  /** TH/s of `algorithm`. */
  hashrateThs: number | null;
  powerW: number | null;
  boards: number | null;
  chipsPerBoard: number | null;
  source: string;
  note: string | null;
}>;

/** By the model's name in lower case; several rows of one model are its bins, or sources that know other things. */
export type Catalogue = ReadonlyMap<string, readonly ModelFacts[]>;

const number = (text: string | undefined): number | null => (text ? Number(text) : null);

export function parseCatalogue(tsv: string): Catalogue {
  const catalogue = new Map<string, ModelFacts[]>();
  for (const line of tsv.split('\n').slice(1)) {
    const [vendor, model, algorithm, cooling, rate, power, boards, chips, source, note] = line.split('\t');
    if (!vendor || !model) continue;
    const facts: ModelFacts = {
      vendor,
      model,
      algorithm: algorithm || null,
      cooling: cooling || null,
      hashrateThs: number(rate),
      powerW: number(power),
      boards: number(boards),
      chipsPerBoard: number(chips),
      source: source ?? '',
      note: note || null,
    };
    const rows = catalogue.get(named(model));
    if (rows) rows.push(facts);
    else catalogue.set(named(model), [facts]);
  }
  return catalogue;
}

/** Names are compared without regard to case and runs of spaces. */
export const named = (model: string): string => model.trim().replace(/\s+/g, ' ').toLowerCase();

const BIN = /^(.*\S)\s+(\d+(?:\.\d+)?)\s*T$/i;

/** A model's name without its bin, and the bin in TH/s: `Antminer S19j Pro 104T`. */
export function splitBin(model: string): Readonly<{ base: string; binThs: number | null }> {
  const [, base, bin] = BIN.exec(model) ?? [];
  return base === undefined ? { base: model, binThs: null } : { base, binThs: Number(bin) };
}

export type Nominal = Readonly<{
  /** null: no source lists it. */
  steadyW: number | null;
  /** Where `steadyW` comes from, in words. */
  basis: string;
  /** null: unknown, or different from bin to bin. */
  hashrateThs: number | null;
}>;

/** The nominal figures of a model. Where several bins fit, the largest draw, so that no cap is planned too full. */
export function nominalOf(catalogue: Catalogue, model: string): Nominal {
  const { base, binThs } = splitBin(model);
  const listed = (catalogue.get(named(model)) ?? catalogue.get(named(base)) ?? []).filter(isSpecified);
  if (listed.length === 0) return { steadyW: null, basis: 'no source lists it', hashrateThs: binThs };
  if (binThs === null) return ofAnyBin(listed);
  const exact = listed.find(({ hashrateThs }) => hashrateThs === binThs);
  if (exact) return { steadyW: exact.powerW, basis: `nominal, ${exact.source}`, hashrateThs: rateOf(exact) };
  const worst = Math.max(...listed.map(({ powerW, hashrateThs }) => powerW / hashrateThs));
  return {
    steadyW: Math.ceil(worst * binThs),
    basis: `no source lists this bin; by the worst efficiency of ${listed.map((row) => `${row.hashrateThs}T`).join(', ')}`,
    hashrateThs: binThs,
  };
}

function ofAnyBin(listed: readonly Specified[]): Nominal {
  const [first] = listed;
  const powerW = Math.max(...listed.map((row) => row.powerW));
  if (listed.length === 1 && first) {
    return { steadyW: powerW, basis: `nominal, ${first.source}`, hashrateThs: rateOf(first) };
  }
  const bins = listed.map((row) => `${row.hashrateThs}T`).join(', ');
  return { steadyW: powerW, basis: `the largest of its bins ${bins}`, hashrateThs: null };
}

type Specified = ModelFacts & Readonly<{ powerW: number; hashrateThs: number }>;
const isSpecified = (facts: ModelFacts): facts is Specified => facts.powerW !== null && facts.hashrateThs !== null;

/** A rate of another algorithm is no SHA-256 rate. */
const rateOf = ({ algorithm, hashrateThs }: Specified): number | null => (algorithm === 'SHA256' ? hashrateThs : null);

export type Hardware = Readonly<{
  /** null: nobody lists it, or the lists disagree. Neither is ever guessed. */
  chipsPerBoard: number | null;
  hashrateThs: number | null;
}>;

/** Makers print a model without the family's name, the trade lists it with it. */
const PREFIXES = ['', 'Antminer ', 'Whatsminer ', 'AvalonMiner ', 'Avalon '];

/** What every listing of a model agrees on, by the name that the device itself gives. */
export function hardwareOf(catalogue: Catalogue, model: string): Hardware {
  const { base, binThs } = splitBin(model);
  const listed = PREFIXES.map((prefix) => catalogue.get(named(prefix + base))).find((rows) => rows !== undefined) ?? [];
  const rates = listed.filter(isSpecified).map(rateOf);
  return {
    chipsPerBoard: agreed(listed.map(({ chipsPerBoard }) => chipsPerBoard)),
    hashrateThs: binThs ?? agreed(rates),
  };
}

function agreed(values: readonly (number | null)[]): number | null {
  const [first = null, ...others] = new Set(values.filter((value) => value !== null));
  return others.length > 0 ? null : first;
}
