import { describe, expect, test } from '@jest/globals';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { LiveSchema, SiteSchema } from '../../../controller/api/schemas.ts';
import type { LiveMessage, SiteView } from '../../../shared/view.ts';
import { aView } from './view.ts';

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

describe('the schemas of the API', () => {
  test('are the types of the views: the compiler fails where they part', () => {
    const site: Same<Frozen<Static<typeof SiteSchema>>, Frozen<SiteView>> = true;
    const live: Same<Frozen<Static<typeof LiveSchema>>, Frozen<LiveMessage>> = true;
    expect([site, live]).toEqual([true, true]);
  });

  test('take a view, and not one with an unknown key or without a known one', () => {
    const view = aView(24);
    const { epoch: _, ...less } = view;
    expect([view, { ...view, more: 1 }, less].map((one) => Value.Check(SiteSchema, one))).toEqual([true, false, false]);
    expect(Value.Check(LiveSchema, { kind: 'change', view: { degraded: [] }, miners: view.miners })).toBe(true);
  });
});
