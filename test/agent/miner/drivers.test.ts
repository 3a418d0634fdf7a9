import { describe, expect, test } from '@jest/globals';
import { blueprint } from '../../../agent/miner/_blueprint/driver.ts';
import { createCatalogue, drivers } from '../../../agent/miner/catalogue.ts';
import { MINER_ACTIONS } from '../../../agent/miner/order.ts';
import { createResolution, queriesOf } from '../../../agent/miner/resolve.ts';

describe.each(drivers)('the driver of $family', (driver) => {
  const queries = queriesOf(driver.fields);

  test('gives every action a grace time', () => {
    expect(Object.keys(driver.graceMs).sort()).toEqual(Object.keys(driver.actions).sort());
    for (const action of Object.keys(driver.actions)) expect(MINER_ACTIONS).toContain(action);
  });

  test('names each of its queries once', () => {
    const names = queries.map(({ name }) => name);
    expect([...new Set(names)]).toEqual(names);
  });

  test('sends its password to a realm only where it names one', () => {
    const withPassword = queries.some((query) => query.via === 'http' && query.open !== true);
    if (withPassword && driver.login === undefined) expect(driver.realm).toBeDefined();
    if (driver.realm !== undefined) expect(withPassword).toBe(true);
  });

  test('reads nothing out of replies that hold nothing, whatever their kind', () => {
    for (const reply of [
      {},
      [],
      { STATS: [], SUMMARY: [], POOLS: [], DEVS: [] },
      { STATS: [null, 1], SUMMARY: ['x'] },
      { Msg: 'no' },
    ]) {
      const resolution = createResolution(driver.fields);
      for (let query = resolution.next(); query !== null; query = resolution.next()) {
        const shaped = query.shape === undefined ? reply : query.shape(reply);
        resolution.answer(query, { ok: true, reply: shaped, repaired: false });
      }
      const { pools, ...found } = resolution.found();
      expect([reply, found, pools ?? []]).toEqual([reply, {}, []]);
    }
  });

  test('asks each query at most once for a reading', () => {
    const resolution = createResolution(driver.fields);
    const asked = [];
    for (let query = resolution.next(); query !== null; query = resolution.next()) {
      asked.push(query);
      resolution.answer(query, { ok: false, why: 'absent', detail: 'no such command' });
    }
    expect(asked.map(({ name }) => name).sort()).toEqual([...new Set(asked)].map(({ name }) => name).sort());
    expect(resolution.missed()).toEqual([]);
  });
});

test('two drivers for one family are one too many', () => {
  expect(() => createCatalogue([...drivers, ...drivers.slice(0, 1)])).toThrow(/two drivers/);
});

test('the blueprint is in no catalogue', () => {
  expect(createCatalogue(drivers).has(blueprint.family)).toBe(false);
});
