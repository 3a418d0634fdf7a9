import { expect, test } from '@jest/globals';
import { createAdmission } from '../../../controller/link/admission.ts';
import { createRegistry } from '../../../controller/link/registry.ts';
import { agentId } from '../../../shared/ids.ts';

const a1 = agentId('a1');

test('the end of an old connection does not touch the one that took its place', () => {
  const registry = createRegistry<string>();
  expect(registry.enter(a1, 'old')).toBeNull();
  expect(registry.enter(a1, 'new')).toBe('old');
  expect(registry.leave(a1, 'old')).toBe(false);
  expect(registry.get(a1)).toBe('new');
  expect(registry.leave(a1, 'new')).toBe(true);
  expect(registry.get(a1)).toBeNull();
});

type Knock = readonly [atMs: number, admitted: boolean];

test.each<[string, readonly Knock[]]>([
  [
    'so many at once',
    [
      [0, true],
      [0, true],
      [0, false],
    ],
  ],
  [
    'one more for every part of a second',
    [
      [0, true],
      [0, true],
      [499, false],
      [500, true],
      [500, false],
    ],
  ],
  [
    'no more than a second’s worth after a quiet hour',
    [
      [3_600_000, true],
      [3_600_000, true],
      [3_600_000, false],
    ],
  ],
])('admission lets in %s', (_, knocks) => {
  const admission = createAdmission({ admitPerS: 2, halfOpenPerIpMax: 100 });
  for (const [atMs, admitted] of knocks)
    expect([atMs, admission.admit('::1', atMs) === null]).toEqual([atMs, admitted]);
});

test('a peer that is proven or gone gives its place to another of the same address', () => {
  const admission = createAdmission({ admitPerS: 100, halfOpenPerIpMax: 1 });
  expect(admission.admit('::1', 0)).toBeNull();
  expect(admission.admit('::1', 0)).toMatchObject({ why: 'too many unproven connections' });
  expect(admission.admit('::2', 0)).toBeNull();
  admission.release('::1');
  expect(admission.admit('::1', 0)).toBeNull();
});
