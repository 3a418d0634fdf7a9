import type { HttpQuery } from '../driver.ts';

const HOUR_MS = 3_600_000;

type Way = 'form' | 'url';
export type Fields = Readonly<Record<string, string>>;

/** One call in either way: the captures have a form, the fact sheet (12) has it in the URL. */
export const callOf = (path: string, fields: Fields, way: Way) =>
  way === 'form'
    ? ({ path, method: 'POST', form: fields } as const)
    : ({ path: `${path}?${new URLSearchParams(fields)}`, method: 'POST' } as const);

export const PANEL = '/user/userpanel';
const READ = { post: '4' };
export const panel: HttpQuery = { via: 'http', name: 'panel', ...callOf(PANEL, READ, 'form') };
export const panelInUrl: HttpQuery = { via: 'http', name: 'panel in url', ...callOf(PANEL, READ, 'url') };

/** What the panel has too, on most builds (capture KS3M has all three). */
export const machine: HttpQuery = {
  via: 'http',
  name: 'machine',
  ...callOf('/user/machineconfig', { post: '1' }, 'form'),
};
export const network: HttpQuery = {
  via: 'http',
  name: 'network',
  ...callOf('/user/ipconfig', { post: '1' }, 'form'),
  keepMs: HOUR_MS,
};
