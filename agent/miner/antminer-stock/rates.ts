import type { OtherRates } from '../../../shared/snapshot.ts';
import { type Json, objectsOf, pointer, property } from '../json.ts';
import { notNegative, positive, type Read, scaled, textOf } from '../normalise.ts';
import { algorithmIn } from './algorithm.ts';

export type Page = 'STATS' | 'SUMMARY';
export type Unit = 'Ths' | OtherRates['unit'];
/** How a page's numbers become the algorithm's own unit; null: its unit has no place there. */
type Scale = Readonly<{ unit: Unit; totals: number | null; boards: number | null }>;

/** One unit an algorithm, so that totals add up (fact sheet 19.1). */
export function unitOf(algorithm: string | null): Unit {
  if (algorithm === null || algorithm === 'kHeavyHash') return 'Ths';
  if (algorithm === 'Scrypt') return 'Ghs';
  return algorithm === 'Equihash' ? 'Ksols' : 'Mhs';
}

const HASHES: Readonly<Record<string, number>> = { h: 1, kh: 1e3, mh: 1e6, gh: 1e9, th: 1e12, ph: 1e15 };
const SOLUTIONS: Readonly<Record<string, number>> = { sol: 1e-3, ksol: 1, msol: 1e3 };
const HASHES_PER: Readonly<Record<Unit, number>> = { Ths: 1e12, Ghs: 1e9, Mhs: 1e6, Ksols: 1 };

/** More GH/s than any device of the algorithm does. */
const ABSURD_GHS: Readonly<Record<string, number>> = { Scrypt: 100, X11: 5_000 };
/** A total this many times the sum of its boards is in another unit than they are. */
const OTHER_UNIT = 100;

/**
 * Rates are in `rate_unit`, GH/s where that is missing. Old firmware writes GHS over whatever its model counts: kSol/s
 * for a Z11 (captures), MH/s for Scrypt and X11, which only the size gives away.
 */
function scaleOf(reply: Json, page: Page): Scale {
  const algorithm = algorithmIn(reply);
  const unit = unitOf(algorithm);
  const body = pointer(`/${page}/0`)(reply);
  const word = wordOf(property(body, 'rate_unit'));
  if (unit === 'Ksols') return solutions(body, word);
  const absurd = ABSURD_GHS[algorithm ?? ''] ?? Number.POSITIVE_INFINITY;
  const hashes = HASHES[word === 'gh' && largest(body) > absurd ? 'mh' : word];
  const factor = hashes === undefined ? null : hashes / HASHES_PER[unit];
  return { unit, totals: factor, boards: factor };
}

const wordOf = (value: Json | undefined): string => (textOf(value) ?? 'GH/s').toLowerCase().replace(/\/?s$/, '');

/** A Z11 with changed firmware adds 42.59, 47.84 and 55.04 kSol/s up to 145474.39 (capture Z11 chipless). */
function solutions(body: Json | undefined, word: string): Scale {
  const factor = SOLUTIONS[word] ?? 1;
  const total = notNegative(property(body, 'rate_5s')) ?? 0;
  const sum = objectsOf(property(body, 'chain')).reduce(
    (rates, chain) => rates + (notNegative(property(chain, 'rate_real')) ?? 0),
    0,
  );
  const apart = sum > 0 && total / sum > OTHER_UNIT;
  return { unit: 'Ksols', totals: apart ? factor * 1e-3 : factor, boards: factor };
}

const RATES = ['rate_ideal', 'rate_5s', 'rate_avg', 'rate_30m'];
const largest = (body: Json | undefined): number =>
  Math.max(...RATES.map((key) => notNegative(property(body, key)) ?? 0));

/** In TH/s; null for an algorithm that is not counted so. */
export function rate(page: Page, key: string, parse = notNegative): Read<number> {
  const value = pointer(`/${page}/0/${key}`);
  return (reply) => {
    const { unit, totals } = scaleOf(reply, page);
    return unit !== 'Ths' || totals === null ? null : scaled(parse(value(reply)), totals);
  };
}

export const nominal = (page: Page): Read<number> => rate(page, 'rate_ideal', positive);

/** Of an algorithm that is not counted in TH/s. */
export function otherRates(page: Page): Read<OtherRates> {
  const value = (reply: Json, key: string): Json | undefined => pointer(`/${page}/0/${key}`)(reply);
  return (reply) => {
    const { unit, totals } = scaleOf(reply, page);
    if (unit === 'Ths' || totals === null) return null;
    const now = scaled(notNegative(value(reply, 'rate_5s')), totals);
    const avg = scaled(notNegative(value(reply, 'rate_30m')) ?? notNegative(value(reply, 'rate_avg')), totals);
    const ideal = scaled(positive(value(reply, 'rate_ideal')), totals);
    return now === null && avg === null && ideal === null ? null : { unit, now, avg, nominal: ideal };
  };
}

/** One board's rate, under the name that its unit has in the snapshot. */
export function boardRates(reply: Json): (value: Json | undefined) => Readonly<{ hashrateThs: number | null }> {
  const { unit, boards } = scaleOf(reply, 'STATS');
  return (value) => {
    const own = boards === null ? null : scaled(notNegative(value), boards);
    return unit === 'Ths' ? { hashrateThs: own } : { hashrateThs: null, [`hashrate${unit}`]: own };
  };
}
