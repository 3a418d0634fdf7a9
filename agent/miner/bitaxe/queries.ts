import type { HttpQuery } from '../driver.ts';

const HOUR_MS = 3_600_000;

/**
 * Almost all that is known stands on one page: these web servers crash when they are asked often (fact sheet 16). There
 * is no password.
 */
export const info: HttpQuery = { via: 'http', name: 'info', path: '/api/system/info', open: true };
export const asic: HttpQuery = { via: 'http', name: 'asic', path: '/api/system/asic', open: true, keepMs: HOUR_MS };
