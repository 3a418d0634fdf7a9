import { afterEach, describe, expect, test } from '@jest/globals';
import { FARM_ACCOUNTS } from '../../../sim/index.ts';
import { FAMILIES, familyOf } from '../../../sim/miners/families.ts';
import { guessFamily } from '../../../sim/plant/family.ts';
import { alone } from './alone.ts';
import { rehearse, stopFarms } from './farm.ts';
import { ask, rest } from './raw.ts';

afterEach(stopFarms);

const names = FAMILIES.map(({ family }) => family);

describe('the registry', () => {
  test('has every family once', () => {
    expect(names).toEqual([...new Set(names)]);
  });

  test.each(names)('gives %s a login, and doors on ports of their own', (name) => {
    expect(FARM_ACCOUNTS[name]).toEqual(familyOf(name).account);
    const ports = alone(name).doors.map(({ port }) => port);
    expect(ports).toEqual([...new Set(ports)]);
    expect(ports).not.toEqual([]);
  });

  test('plays a family that it has not as a stock Antminer', () => {
    expect(familyOf('nonsense').family).toBe('antminer-stock');
    expect(familyOf(undefined).family).toBe('antminer-stock');
  });
});

test.each([
  ['Antminer S19j Pro 104T', 'antminer-stock'],
  ['WhatsMiner M50S', 'whatsminer-v2'],
  ['WhatsMiner M60S V3', 'whatsminer-v3'],
  ['AvalonMiner 1346', 'avalon'],
  ['Avalon Q', 'avalon'],
  ['Antminer S19 XP (Braiins OS)', 'braiins'],
  ['Antminer S19j Pro (LuxOS)', 'luxos'],
  ['Antminer S21 (VNish)', 'vnish'],
  ['Antminer S19 XP ePIC', 'epic'],
  ['Something else', 'antminer-stock'],
])('a model named %s speaks as %s where nothing else is said', (model, family) => {
  expect(guessFamily(model)).toBe(family);
});

test('an order that waits for its time is forgotten when the farm stops', async () => {
  const farm = await rehearse({ model: 'AvalonMiner 1346', family: 'avalon' });
  const { STATUS } = (await ask(farm.place, { command: 'version' })) as { STATUS: { When: number }[] };
  const when = (STATUS[0]?.When ?? 0) + 5;
  await ask(farm.place, { command: 'ascset', parameter: `0,softoff,1:${when}` });
  await farm.farm.stop();
  farm.pass(10_000);
  expect(farm.farm.meter().pushes).toEqual([]);
});

test('a login of its own is what a family wants, when the farm is told one', async () => {
  const accounts = { epic: { user: '', password: 'changed' } };
  const farm = await rehearse({ model: 'Antminer S19 XP 141T', family: 'epic', more: { accounts } });
  const post = (password: string) =>
    rest(farm.place, { path: '/identify', port: 'rpc', method: 'POST', json: { param: true, password } });
  expect([(await post('letmein')).json, (await post('changed')).json]).toMatchObject([
    { result: false },
    { result: true },
  ]);
});
