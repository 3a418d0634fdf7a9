import { expect, test } from '@jest/globals';
import { createLock } from '../../../agent/miner/lock.ts';

/** A work that ends when told, and notes when it begins. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve, reject) => {
      ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
    });
  };
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error);
    await new Promise(setImmediate);
  };
  return { begun, work, end };
}

test('one at a time, in the order given, and what is urgent before all that waits', async () => {
  const lock = createLock();
  const { begun, work, end } = works();
  const all = [
    lock.run(work('read 1')),
    lock.run(work('read 2')),
    lock.run(work('read 3')),
    lock.run(work('order 1'), true),
    lock.run(work('order 2'), true),
  ];
  expect(begun).toEqual(['read 1']);
  for (const name of ['read 1', 'order 1', 'order 2', 'read 2', 'read 3']) await end(name);
  expect(begun).toEqual(['read 1', 'order 1', 'order 2', 'read 2', 'read 3']);
  expect(await Promise.all(all)).toEqual(['read 1', 'read 2', 'read 3', 'order 1', 'order 2']);
});

test('a work that fails holds nobody up, and nobody slips in between two turns', async () => {
  const lock = createLock();
  const { begun, work, end } = works();
  const first = lock.run(work('fails'));
  const second = lock.run(work('second'));
  const late = first.catch(() => lock.run(work('late')));
  await end('fails', new Error('gone'));
  expect(begun).toEqual(['fails', 'second']);
  await end('second');
  await end('late');
  await expect(first).rejects.toThrow('gone');
  expect([await second, await late]).toEqual(['second', 'late']);
});
