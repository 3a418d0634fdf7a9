import { describe, expect, test } from '@jest/globals';
import { fixture, invalidFixtures, parse, refusal } from './read.ts';

/** The first line of each fixture says the code and the key. */
const expected = (text: string): readonly [code: string, key: string] => {
  const [, code = '', key = ''] = /^# (\S+) ?(\S*)\n/.exec(text) ?? [];
  return [code, key];
};

describe('every fixture of a wrong site file', () => {
  test.each(invalidFixtures())('%s is refused with its code, naming its key, in one line', (name) => {
    const text = fixture(name);
    const [code, key] = expected(text);
    const refused = refusal(() => parse(text));
    expect([refused.code, refused.key]).toEqual([code, key]);
    expect(refused.message).toMatch(/^site\.yaml:\d+: \S.*$/);
    expect(refused.message).toContain(key);
  });

  test('is there for every code that a site file can be refused with', () => {
    const codes = new Set(invalidFixtures().map((name) => expected(fixture(name))[0]));
    expect([...codes].sort()).toEqual([
      'CONFIG_FEED_CAP',
      'CONFIG_FEED_TWICE',
      'CONFIG_MINER_TWICE',
      'CONFIG_MISSING',
      'CONFIG_REFERENCE',
      'CONFIG_SYNTAX',
      'CONFIG_UNKNOWN_KEY',
      'CONFIG_VALUE',
    ]);
  });

  test('says the line of the key', () => {
    const text = fixture('invalid-wrong-unit.yaml');
    const line = text.split('\n').findIndex((one) => one.includes(' capKw:')) + 1;
    expect(refusal(() => parse(text)).message).toContain(`site.yaml:${line}:`);
  });

  test('never repeats a secret', () => {
    for (const name of ['invalid-password.yaml', 'invalid-pool-login.yaml']) {
      expect(refusal(() => parse(fixture(name))).message).not.toContain('hunter2');
    }
  });
});

describe('a refusal', () => {
  const messageOf = (name: string): string => refusal(() => parse(fixture(name))).message;

  test('names the value and the nearest key with its unit', () => {
    expect(messageOf('invalid-wrong-unit.yaml')).toMatch(/capKw is 40.*nearest is capW: a whole number of watts/);
    expect(messageOf('invalid-unknown-key.yaml')).toMatch(/maxBoting is 2.*nearest is maxBooting/);
  });

  test('says what was expected', () => {
    expect(messageOf('invalid-unit-in-value.yaml')).toMatch(/is "40 kW", expected a whole number of watts/);
    expect(messageOf('invalid-percent.yaml')).toMatch(/is 101, expected a whole number of percent.*from 0 to 100/);
    expect(messageOf('invalid-family.yaml')).toMatch(/did you mean antminer-stock\?/);
    expect(messageOf('invalid-cap-below-steady.yaml')).toMatch(/is 30679,.*30680 W: expected at least 30680/);
  });

  test('holds for a file that is empty, or is no group of keys', () => {
    expect(refusal(() => parse('')).code).toBe('CONFIG_MISSING');
    expect(refusal(() => parse('- a\n')).code).toBe('CONFIG_VALUE');
    expect(refusal(() => parse('a: &x [*x, *x]\nb: *y\n')).code).toBe('CONFIG_SYNTAX');
  });
});
