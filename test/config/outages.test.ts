import { describe, expect, test } from '@jest/globals';
import { parseOutages, seriesNamed } from '../../config/outages.ts';
import { RelightError } from '../../shared/errors.ts';

const parse = (value: unknown) => parseOutages(JSON.stringify(value), 'outages.json');
const at = (text: string): number => Date.parse(text);

test('a series is its edges; what is partial is down, and other keys are passed over', () => {
  const events = [
    { t_utc: '2022-01-05T10:30:00Z', state: 'down', what: 'cut', precision: 'hour' },
    { t_utc: '2022-01-05T12:30:00+01:00', state: 'partial' },
    { t_utc: '2022-01-05T12:00Z', state: 'up' },
    { t_utc: '2022-01-05T12:00Z', state: 'up' },
  ];
  expect(parse([{ name: 'kz', region: 'Kazakhstan', events }])).toEqual([
    {
      name: 'kz',
      medium: 'internet',
      edges: [
        { atMs: at('2022-01-05T10:30:00Z'), up: false },
        { atMs: at('2022-01-05T11:30:00Z'), up: false },
        { atMs: at('2022-01-05T12:00:00Z'), up: true },
        { atMs: at('2022-01-05T12:00:00Z'), up: true },
      ],
    },
  ]);
});

describe('is refused, with the key, where', () => {
  const event = { t_utc: '2022-01-05T10:30:00Z', state: 'up' };
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['it is no list', { name: 'a' }, ''],
    ['it is empty', [], ''],
    ['a series has no name', [{ events: [event] }], '[0].name'],
    ['a series has no events', [{ name: 'a', events: [] }], '[0].events'],
    ['a state is not known', [{ name: 'a', events: [{ ...event, state: 'uP' }] }], '[0].events[0].state'],
    ['a time is none', [{ name: 'a', events: [{ ...event, t_utc: 'yesterday' }] }], '[0].events[0].t_utc'],
    ['a time has no zone', [{ name: 'a', events: [{ ...event, t_utc: '2022-01-05T10:30' }] }], '[0].events[0].t_utc'],
    [
      'a day does not exist',
      [{ name: 'a', events: [{ ...event, t_utc: '2022-13-05T10:30Z' }] }],
      '[0].events[0].t_utc',
    ],
    [
      'a time is earlier than the one before it',
      [{ name: 'a', events: [event, { ...event, t_utc: '2022-01-05T10:29:00Z' }] }],
      '[0].events[1].t_utc',
    ],
  ];
  test.each(refused)('%s', (_, value, key) => {
    const error = (() => {
      try {
        return parse(value);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(RelightError);
    expect((error as RelightError).code).toMatch(/^CONFIG_/);
    expect((error as RelightError).message).toContain(key === '' ? 'outages.json: is ' : `outages.json:1: ${key}`);
  });

  test('it is not even text that anybody reads', () => {
    expect(() => parseOutages('[{"name": ', 'outages.json')).toThrow(RelightError);
  });
});

test('a name that no series has is told, with those that there are', () => {
  const all = parse([{ name: 'kz', events: [{ t_utc: '2022-01-05T10:30:00Z', state: 'up' }] }]);
  expect(seriesNamed(all, 'kz').name).toBe('kz');
  expect(() => seriesNamed(all, 'ir')).toThrow(/expected one of: kz/);
});
