import type { HttpQuery } from '../driver.ts';
import { property } from '../json.ts';
import { textOf } from '../normalise.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Pages stand on the port where others have cgminer's API, and are answered to anybody (fact sheet 10). */
const page = (name: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name,
  path: `/${name}`,
  port: 'rpc',
  open: true,
  ...more,
});

export const summary = page('summary');
export const capabilities = page('capabilities', { keepMs: HOUR_MS });
export const network = page('network', { keepMs: HOUR_MS });
/** Every chip of every board: long, and only counted, so a minute old is young enough. */
export const chipRates = page('hashrate', { keepMs: MINUTE_MS });

/** How this family signs its page of abilities. */
export const SIGN = /"(Performance Estimator|Model Subtype|PerpetualTune)"\s*:/;

export const coinOf = (reply: Parameters<typeof property>[0]): string | null =>
  textOf(property(property(reply, 'Mining'), 'Coin'));
