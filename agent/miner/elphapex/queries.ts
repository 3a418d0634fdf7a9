import type { HttpQuery } from '../driver.ts';

/** What its power supply gives, in watts (capture DG Home 1). */
export const powerPage: HttpQuery = { via: 'http', name: 'power', path: '/cgi-bin/get_power.cgi' };
