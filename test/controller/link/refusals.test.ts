import { expect, test } from '@jest/globals';
import { createRefusals } from '../../../controller/link/refusals.ts';
import { realClock } from '../../../shared/clock.io.ts';
import { millis } from '../../../shared/units.ts';

let nowMs = 0;
const clock = { ...realClock, monoMs: () => millis(nowMs) };

test('only the last few strangers are kept, however many knock', () => {
  const refusals = createRefusals(clock);
  for (let i = 0; i < 1_000; i++) refusals.note({ agent: `a${i}`, key: null });
  expect(refusals.said()).toHaveLength(8);
  expect(refusals.said().at(-1)).toMatch(/^agent a999 /);
});

test('one that has stopped asking is forgotten', () => {
  const refusals = createRefusals(clock);
  refusals.note({ agent: 'a1', key: null });
  nowMs += 601_000;
  expect(refusals.said()).toEqual([]);
});

test('neither a name nor a key of a stranger can steer a terminal', () => {
  const refusals = createRefusals(clock);
  refusals.note({ agent: 'a\u001b[2J\u009b1', key: '\u001b]0;x' });
  expect(refusals.said().join()).toMatch(/^[\x20-\x7e]+$/);
});
