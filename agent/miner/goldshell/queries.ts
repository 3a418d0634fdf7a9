import type { HttpQuery, RpcQuery } from '../driver.ts';
import { isArray, type Json, property } from '../json.ts';

const HOUR_MS = 3_600_000;

/** `{"status":2,"data":[…]}` on the web, `DEVS` on port 4028: one list of boards. */
const asBoards = (reply: Json): Json => ({ boards: boardsIn(reply) });
function boardsIn(reply: Json): Json {
  const own = [property(reply, 'data'), property(reply, 'DEVS')].find(isArray);
  return own ?? (isArray(reply) ? reply : []);
}

const devs = { via: 'http', path: '/mcb/cgminer', shape: asBoards } as const;
export const boards: HttpQuery = { ...devs, name: 'devs', method: 'POST', form: { cgminercmd: 'devs' } };
/** The same as the fact sheet writes it (11); the captures have the form. */
const boardsInUrl: HttpQuery = { ...devs, name: 'devs in url', path: '/mcb/cgminer?cgminercmd=devs' };
/** Older units keep their boards on cgminer's port. */
const boardsByRpc: RpcQuery = { via: 'rpc', name: 'devs by rpc', request: { command: 'devs' }, shape: asBoards };
/** How many chips each board has: only known there. */
export const details: RpcQuery = {
  via: 'rpc',
  name: 'devdetails',
  request: { command: 'devdetails' },
  keepMs: HOUR_MS,
  needs: [boardsByRpc],
  unless: [boards, boardsInUrl],
};
export const boardsElsewhere = [boardsInUrl, boardsByRpc] as const;

export const pools: HttpQuery = { via: 'http', name: 'pools', path: '/mcb/pools' };
export const poolsByRpc: RpcQuery = { via: 'rpc', name: 'pools by rpc', request: { command: 'pools' } };
export const status: HttpQuery = { via: 'http', name: 'status', path: '/mcb/status', keepMs: HOUR_MS };
export const setting: HttpQuery = { via: 'http', name: 'setting', path: '/mcb/setting' };
