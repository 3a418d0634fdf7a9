import { drivers } from '../agent/miner/catalogue.ts';
import { snapshotOf } from '../agent/miner/snapshot.ts';
import { pick, seededRandom } from '../shared/random.ts';
import { wrongIn } from '../test/agent/miner/fuzzing/check.ts';
import { reading, repliesOf, textsFor } from '../test/agent/miner/fuzzing/fuzz.ts';
import { grown } from '../test/agent/miner/fuzzing/grow.ts';
import { swollen } from '../test/agent/miner/fuzzing/swell.ts';

/**
 * How long a reading takes of a device that has gone mad and answers every query with as much as the agent takes: the
 * slowest of so many for each family. `node bench/swell.ts [readings] [seed] [size] [family]`.
 */
const [readings = 100, seed = Date.now() % 1_000_000, size = 200_000] = process.argv.slice(2, 5).map(Number);
const family = process.argv[5];
/** Slower ones are shown, with the beginning and the end of each of their replies. */
const SLOW_MS = 1_000;

for (const driver of drivers.filter((one) => family === undefined || one.family === family)) {
  const random = seededRandom(seed);
  const replies = repliesOf(driver.family);
  const slowest = { tookMs: 0, at: 0, replies: [] as string[] };
  for (let at = 0; at < readings; at++) {
    const texts: string[] = [];
    let ownMs = 0;
    const startedMs = performance.now();
    const found = reading(driver, (query) => {
      const fromMs = performance.now();
      const own = textsFor(query, replies);
      const text = own.length === 0 || random() < 0.2 ? grown(driver, query, random) : pick(random, own);
      const big = random() < 0.8 ? swollen(random, text, size) : text;
      texts.push(`${query.name}: ${big.slice(0, 300)} … ${big.slice(-100)}`);
      ownMs += performance.now() - fromMs;
      return big;
    });
    const facts = { found, processDown: false, authFailed: false };
    const snapshot = snapshotOf({ driver, ip: '10.0.0.1', facts, missing: [], readAt: '', latencyMs: 1 });
    const tookMs = performance.now() - startedMs - ownMs;
    const wrong = wrongIn(snapshot);
    if (wrong !== null) console.log(JSON.stringify({ family: driver.family, seed, at, wrong, texts }));
    if (tookMs > slowest.tookMs) Object.assign(slowest, { tookMs, at, replies: texts });
  }
  const slowestMs = Math.round(slowest.tookMs);
  const shown = slowestMs > SLOW_MS ? { replies: slowest.replies } : {};
  console.log(
    JSON.stringify({ bench: 'swell', family: driver.family, seed, size, slowestMs, at: slowest.at, ...shown }),
  );
}
