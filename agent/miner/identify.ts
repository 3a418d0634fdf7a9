import type { DriverDefinition, FrameQuery, HttpQuery, Match } from './driver.ts';

/** What a device at an unknown address answered; null = nothing. */
export type Signs = Readonly<{
  /** Replies on the cgminer-like port, as they came. */
  rpc: readonly string[];
  http: Readonly<{ status: number; realm: string | null; location: string | null; body: string }> | null;
  /** Answers to the families' own queries, by the query. */
  own: ReadonlyMap<Probe, string>;
}>;
export type Probe = HttpQuery | FrameQuery;

type Claim = Readonly<{ family: string; match: Match }>;

/** The family whose sign stands highest in the fact sheet's tables; null where no sign is known. */
export function identify(signs: Signs, drivers: readonly DriverDefinition[]): DriverDefinition | null {
  const texts = signs.rpc.filter((text) => !isEcho(text)).map((text) => text.toUpperCase());
  const claim = claimsOf(drivers).find(({ match }) => holds(match, signs, texts));
  return drivers.find(({ family }) => family === claim?.family) ?? null;
}

/** Lowest row first; in one row, in the catalogue's order. */
const claimsOf = (drivers: readonly DriverDefinition[]): readonly Claim[] =>
  drivers
    .flatMap(({ family, match }) => match.map((one) => ({ family, match: one })))
    .sort((a, b) => a.match.row - b.match.row);

/** The families' own queries that stand above this row, in its order: what is worth asking beyond port and page. */
export function probesBelow(row: number, drivers: readonly DriverDefinition[]): readonly Probe[] {
  const probes = claimsOf(drivers).flatMap(({ match }) => ('ask' in match && match.row < row ? [match.ask] : []));
  return [...new Set(probes)];
}

function holds(match: Match, { http, own }: Signs, texts: readonly string[]): boolean {
  if ('rpc' in match) return texts.some((text) => match.rpc.test(text));
  if ('ask' in match) return match.says.test(own.get(match.ask) ?? '');
  if (http === null) return false;
  if ('realm' in match) return http.status === 401 && http.realm !== null && match.realm.test(http.realm);
  return match.body.test(http.body) || (http.location !== null && match.body.test(http.location));
}

/** A device that does not know the command may still repeat it, and a maker's name in that says nothing. */
const isEcho = (text: string): boolean => /"STATUS"\s*:\s*"?E"?/.test(text) && !/BTMINER|BITMICRO/i.test(text);

/** Firmware dates that part the generations of Whatsminer's API (fact sheet 1.4). */
const V2_FROM = 20220729;
const V3_FROM = 20241101;
const WHATSMINER = /^whatsminer-v[123]$/;

/**
 * The banner is the same for all generations: the firmware's date parts them. `speaksV3`: port 4433 answers. Where no
 * date is told, the family stays as it is.
 */
export function whatsminerFamily(family: string, versions: readonly string[], speaksV3: boolean): string {
  if (!WHATSMINER.test(family)) return family;
  if (speaksV3) return 'whatsminer-v3';
  const date = firmwareDate(versions);
  if (date === undefined) return family;
  return date < V2_FROM ? 'whatsminer-v1' : 'whatsminer-v2';
}

/** Worth a try on its own port: the firmware is so new that the old reads have holes. */
export function mayBeV3(family: string, versions: readonly string[]): boolean {
  if (!WHATSMINER.test(family)) return false;
  return (firmwareDate(versions) ?? 0) >= V3_FROM;
}

/** yyyymmdd, as a number: dates in that order are numbers in that order. */
const firmwareDate = (versions: readonly string[]): number | undefined =>
  versions.map((text) => Number(/"fw_ver"\s*:\s*"(\d{8})/i.exec(text)?.[1])).find(Number.isFinite);
