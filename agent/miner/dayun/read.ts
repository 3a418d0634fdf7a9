import type { Board, MinerSnapshot } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { mhsOf } from '../cgminer/read.ts';
import { isObject, type Json, pointer, property } from '../json.ts';
import { celsiusOf, notNegative, type Read, textOf } from '../normalise.ts';

const body = pointer('/STATS/0');
const CHAINS_MAX = 16;

/** "CH1" to "CH4", each with its rate, one temperature, and a list of chips that says nothing of their state. */
export const boards: Read<Board[]> = (reply) => {
  const chains = Array.from({ length: CHAINS_MAX }, (_, at) => property(body(reply), `CH${at + 1}`));
  const found = chains.flatMap((chain, index) => (isObject(chain) ? [asBoard(chain, index)] : []));
  return found.length === 0 ? null : found;
};

function asBoard(chain: Json, index: number): Board {
  const chips = property(chain, 'status');
  return boardOf({
    index,
    hashrateMhs: mhsOf(chain),
    chips: Array.isArray(chips) ? chips.length : null,
    boardTempC: celsiusOf(property(chain, 'Temperature')),
  });
}

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const speeds = ['Fan In', 'Fan Out'].map((key) => notNegative(property(body(reply), key)));
  return speeds.every((rpm) => rpm === null) ? null : speeds.map((rpm, index) => ({ index, rpm }));
};

/** "lyra2rev20" is the first device that hashes lyra2rev2. */
export const algorithm: Read<string> = (reply) => {
  const id = textOf(property(body(reply), 'ID'));
  return id === null || !/\d$/.test(id) ? null : id.slice(0, -1).slice(0, ALGORITHM_MAX);
};
const ALGORITHM_MAX = 32; // the snapshot's own limit
