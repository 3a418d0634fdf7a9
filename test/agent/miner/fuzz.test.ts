import { expect, test } from '@jest/globals';
import { drivers } from '../../../agent/miner/catalogue.ts';
import { seededRandom } from '../../../shared/random.ts';
import { fuzz } from './fuzzing/fuzz.ts';

/** A taste of what `bench/fuzz.ts` does a hundred thousand times for each family. */
const REPLIES = 200;
const SEED = Number(process.env.RELIGHT_FUZZ_SEED ?? 1);

test.each(drivers)('whatever a $family answers, its readers neither throw nor make up a number', (driver) => {
  const run = (): unknown => fuzz(driver, REPLIES, seededRandom(SEED));
  try {
    expect(run()).toBeDefined();
  } catch (error) {
    throw new Error(`RELIGHT_FUZZ_SEED=${SEED}: ${error instanceof Error ? error.message : String(error)}`);
  }
});
