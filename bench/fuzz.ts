import { drivers } from '../agent/miner/catalogue.ts';
import { seededRandom } from '../shared/random.ts';
import { fuzz } from '../test/agent/miner/fuzzing/fuzz.ts';

/** So many mutated replies for each family through its readers: `node bench/fuzz.ts [replies] [seed] [family]`. */
const [replies = 100_000, seed = Date.now() % 1_000_000] = process.argv.slice(2, 4).map(Number);
const family = process.argv[4];

for (const driver of drivers.filter((one) => family === undefined || one.family === family)) {
  const startedMs = performance.now();
  try {
    const { answers, unread } = fuzz(driver, replies, seededRandom(seed));
    const perSecond = Math.round((replies * 1_000) / (performance.now() - startedMs));
    console.log(JSON.stringify({ bench: 'fuzz', family: driver.family, replies, seed, perSecond, answers, unread }));
  } catch (error) {
    throw new Error(`${driver.family} with seed ${seed}`, { cause: error });
  }
}
