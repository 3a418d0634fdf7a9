import type { DriverDefinition, Match } from './driver.ts';

/** What a device at an unknown address answered; null = nothing. */
export type Signs = Readonly<{
  /** Replies on the cgminer-like port, as they came. */
  rpc: readonly string[];
  http: Readonly<{ status: number; realm: string | null; location: string | null; body: string }> | null;
  /** Firmware that kept Bitmain's page is told from it by pages of its own (fact sheet 1.2). */
  kaonsu: boolean;
  vnishApi: boolean;
}>;

type Claim = Match & Readonly<{ family: string }>;

const claim = (family: string, match: Match): Claim => ({ family, ...match });

/**
 * Families that are known by their signs and have no driver: listed so that none of them is taken for the stock
 * firmware whose name its replies still carry. A family leaves this list when its driver comes.
 */
const WITHOUT_DRIVER: readonly Claim[] = [
  claim('braiins', { row: 1, rpc: /BOSMINER|BOSER/ }),
  claim('braiins', { row: 1, body: /Braiins OS/i }),
  claim('luxos', { row: 2, rpc: /LUXMINER/ }),
  claim('luxos', { row: 2, body: /Luxor Firmware/i }),
  claim('marathon', { row: 3, rpc: /KAONSU|MARAFW/ }),
  claim('vnish', { row: 4, rpc: /VNISH/ }),
  claim('vnish', { row: 4, body: /AnthillOS/i }),
  claim('hiveon', { row: 5, rpc: /HIVEON/ }),
  claim('mskminer', { row: 6, rpc: /RWGLR/ }),
  claim('sealminer', { row: 7, rpc: /BDMINER/ }),
  claim('sealminer', { row: 7, body: /amazeui/i }),
  claim('auradine', { row: 9, rpc: /GCMINER|FLUXOS/ }),
  claim('auradine', { row: 9, body: /Miner UI/ }),
  claim('goldshell', { row: 10, rpc: /INTCHAINS_QOMO|KDAMINER|BFGMINER/ }),
  claim('goldshell', { row: 10, body: /cloud-box/i }),
  claim('innosilicon', { row: 11, rpc: /INNOMINER/ }),
  claim('innosilicon', { row: 11, body: /DragonMint/i }),
  claim('avalon', { row: 12, rpc: /AVALON/ }),
  claim('avalon', { row: 12, body: /Avalon/ }),
  claim('volcminer', { row: 13, realm: /^blackMiner/i }),
  claim('elphapex', { row: 13, realm: /^Daoge/i }),
  claim('epic', { row: 13, body: /Miner Web Dashboard/ }),
  claim('bitaxe', { row: 13, body: /AxeOS/ }),
  claim('iceriver', { row: 13, body: /用户界面/ }),
  claim('proto', { row: 13, body: /Proto OS/ }),
];

export type Identity = Readonly<{ family: string; driver: DriverDefinition | null }>;

/** The family whose sign stands highest in the fact sheet's tables; null where no sign is known. */
export function identify(signs: Signs, drivers: readonly DriverDefinition[]): Identity | null {
  const ours = drivers.flatMap(({ family, match }) => match.map((one) => claim(family, one)));
  const driven = new Set(drivers.map(({ family }) => family));
  const others = WITHOUT_DRIVER.filter(({ family }) => !driven.has(family));
  const family = ownPage(signs) ?? first([...others, ...ours], signs)?.family ?? null;
  if (family === null) return null;
  return { family, driver: drivers.find((driver) => driver.family === family) ?? null };
}

const ownPage = ({ kaonsu, vnishApi }: Signs): string | null => (kaonsu ? 'marathon' : vnishApi ? 'vnish' : null);

function first(claims: readonly Claim[], signs: Signs): Claim | undefined {
  const texts = signs.rpc.filter((text) => !isEcho(text)).map((text) => text.toUpperCase());
  return claims.filter((one) => holds(one, signs, texts)).sort((a, b) => a.row - b.row)[0];
}

function holds(match: Match, { http }: Signs, texts: readonly string[]): boolean {
  if ('rpc' in match) return texts.some((text) => match.rpc.test(text));
  if (http === null) return false;
  if ('realm' in match) return http.status === 401 && http.realm !== null && match.realm.test(http.realm);
  return match.body.test(http.body) || (http.location !== null && match.body.test(http.location));
}

/** A device that does not know the command may still repeat it, and a maker's name in that says nothing. */
const isEcho = (text: string): boolean => /"STATUS"\s*:\s*"?E"?/.test(text) && !/BTMINER|BITMICRO/i.test(text);
