import { describe, expect, test } from '@jest/globals';
import { drivers } from '../../../agent/miner/catalogue.ts';
import { identify, type Signs } from '../../../agent/miner/identify.ts';
import type { Found } from '../../../agent/miner/resolve.ts';
import { stateOf } from '../../../agent/miner/state.ts';

const pool = (state: 'alive' | 'dead'): NonNullable<Found['pools']> => [
  {
    index: 0,
    url: 'stratum+tcp://p:1',
    worker: null,
    state,
    active: state === 'alive',
    accepted: null,
    rejected: null,
  },
];
const HOUR_S = 3_600;
const resting: Found = { hashrateThs: 0, uptimeS: HOUR_S, pools: pool('alive') };

type Row = readonly [what: string, found: Found, state: string, code?: string];
const rows: readonly Row[] = [
  ['hashes with a rate', { hashrateThs: 100 }, 'hashing'],
  ['sleeps by its own flag, whatever the rate still says', { hashrateThs: 100, asleep: true }, 'sleeping'],
  ['starts while its ramp is not over', { hashrateThs: 40, ready: false }, 'starting'],
  [
    'starts in its first two minutes, whatever its pools say',
    { ...resting, uptimeS: 119, pools: pool('dead') },
    'starting',
  ],
  ['is idle after them without a pool', { ...resting, uptimeS: 120, pools: pool('dead') }, 'idle', 'no_pool'],
  ['starts with a pool until a start takes too long', { ...resting, uptimeS: 899 }, 'starting'],
  ['is idle with a pool after that', { ...resting, uptimeS: 900 }, 'idle'],
  ['has an error where the device reports what stops it', { ...resting, faulty: true }, 'error'],
  [
    'has no error of its own while no pool serves it',
    { ...resting, faulty: true, pools: pool('dead') },
    'idle',
    'no_pool',
  ],
  ['is unknown without a rate', { uptimeS: HOUR_S, pools: pool('dead') }, 'unknown'],
  ['hashes what is not counted in TH/s', { working: true, uptimeS: HOUR_S }, 'hashing'],
];

describe('a miner', () => {
  test.each(rows.map(([what, found, state, code = null]) => ({ what, found, state, code })))('$what', (row) => {
    const { found, state, code } = row;
    const { miningState, errors } = stateOf({ found, processDown: false, authFailed: false });
    expect([miningState, errors?.[0]?.code ?? null]).toEqual([state, code]);
  });

  test('whose process is down is stopped, unless it has only just begun', () => {
    const down = { processDown: true, authFailed: false };
    expect(stateOf({ ...down, found: {} })).toMatchObject({
      miningState: 'stopped',
      errors: [{ code: 'process_down' }],
    });
    expect(stateOf({ ...down, found: { hashrateThs: 0, uptimeS: 0 } }).miningState).toBe('starting');
    expect(stateOf({ ...down, found: { asleep: true } }).miningState).toBe('sleeping');
  });

  test('that refuses the password is unknown, however well it hashes', () => {
    expect(stateOf({ found: { hashrateThs: 100 }, processDown: false, authFailed: true }).miningState).toBe('unknown');
  });
});

const silent: Signs = { rpc: [], http: null, own: new Map() };
const page = (more: Partial<NonNullable<Signs['http']>>): Signs => ({
  ...silent,
  http: { status: 200, realm: null, location: null, body: '', ...more },
});
const rpc = (...texts: string[]): Signs => ({ ...silent, rpc: texts });
const bitmains = { status: 401, realm: 'antMiner Configuration' };

const identities: readonly (readonly [what: string, signs: Signs, family: string | null])[] = [
  ['an Antminer by its version', rpc('{"VERSION":[{"Type": "Antminer S19"}]}'), 'antminer-stock'],
  ['an Antminer by its page', page(bitmains), 'antminer-stock'],
  ['a Whatsminer by its maker', rpc('{"Description":"btminer"}'), 'whatsminer-v2'],
  [
    'a Whatsminer by where its page leads',
    page({ status: 307, location: 'https://10.0.0.1/cgi-bin/luci' }),
    'whatsminer-v2',
  ],
  ['Braiins OS on an Antminer', rpc('{"BOSminer":"1","Type":"Antminer S19"}'), 'braiins'],
  ['VNish on an Antminer', rpc('{"Type":"Antminer S19","Miner":"vnish 1.2.6"}'), 'vnish'],
  ['LuxOS by its reply, though its page says Antminer', { ...page(bitmains), rpc: ['{"LUXminer":"2024"}'] }, 'luxos'],
  ['an Avalon', rpc('{"VERSION":[{"PROD":"AvalonMiner 1246"}]}'), 'avalon'],
  [
    'nobody by an echo of what it does not know',
    rpc('{"STATUS":[{"STATUS":"E","Msg":"antminer? invalid command"}]}'),
    null,
  ],
  ['nobody by a page that says nothing', page({ body: '<html></html>' }), null],
  ['nobody in silence', silent, null],
];

describe('answers tell', () => {
  test.each(identities)('%s', (_, signs, family) => {
    expect(identify(signs, drivers)?.family ?? null).toBe(family);
  });
});
