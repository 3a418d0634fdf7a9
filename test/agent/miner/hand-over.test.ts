import { expect, test } from '@jest/globals';
import { createHandOver } from '../../../agent/miner/hand-over.ts';

/** Lets everything go on that can. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

test('what is found is worked on once, in order, and whoever finds more than may wait is held up', async () => {
  const queue = createHandOver<number>(2);
  const given: number[] = [];
  for (const item of [1, 2, 3, 4]) void queue.give(item).then(() => given.push(item));
  await settled();
  expect(given).toEqual([1, 2]);

  expect(await queue.take()).toBe(1);
  await settled();
  expect(given).toEqual([1, 2, 3]);
  expect([await queue.take(), await queue.take(), await queue.take()]).toEqual([2, 3, 4]);
  await settled();
  expect(given).toEqual([1, 2, 3, 4]);
});

test('those who wait for work get it as it comes, and nothing when no more will', async () => {
  const queue = createHandOver<string>(1);
  const taken = [queue.take(), queue.take(), queue.take()];
  await queue.give('a');
  await queue.give('b');
  queue.end();
  expect(await Promise.all([...taken, queue.take()])).toEqual(['a', 'b', null, null]);
});
