import { describe, expect, test } from '@jest/globals';
import { isOld } from '../../../sim/miners/braiins/build.ts';
import type { CallReply } from '../../../sim/miners/family.ts';
import { message, messagesIn, numberIn, opened, textIn } from '../../../sim/miners/wire.ts';
import { type Alone, alone, askWeb } from './alone.ts';

const OLD = 'Antminer S19j Pro 104T (Braiins OS 24.09)';
const V1 = '/braiins.bos.v1';

function call({ device, doors }: Alone, path: string, asked: Readonly<{ token?: string; sent?: Uint8Array }> = {}) {
  const { token = null, sent = message() } = asked;
  for (const door of doors) {
    if (door.speaks === 'grpc') return door.answer(device, { path, authorization: token, message: sent }, '127.0.0.1');
  }
  throw new Error('it has no gRPC');
}
const opens = (reply: CallReply | null) => (reply !== null && 'message' in reply ? opened(reply.message) : null);

function login(miner: Alone, password = 'root') {
  return call(miner, `${V1}.AuthenticationService/Login`, { sent: message([1, 'root'], [2, password]) }).reply;
}

test.each([
  ['Antminer S19j Pro 104T', false],
  ['Antminer S19 XP (Braiins OS)', false],
  [OLD, true],
  ['Antminer S21 (Braiins OS 25.05)', true],
  ['Antminer S21 (Braiins OS 25.07)', false],
  ['Antminer S21 (Braiins OS 26.04)', false],
])('%s is a build without REST: %s', (model, old) => {
  expect(isOld(model)).toBe(old);
  expect(alone('braiins', model).doors.some(({ speaks }) => speaks === 'grpc')).toBe(old);
});

describe('a build of 24.09', () => {
  test('gives a token that opens the calls, for an hour without use', () => {
    const miner = alone('braiins', OLD);
    const token = textIn(opens(login(miner)), 1);
    const details = (by?: string) =>
      call(miner, `${V1}.MinerService/GetMinerDetails`, by === undefined ? {} : { token: by }).reply;
    expect(textIn(opens(details(token)), 6)).toBe('Antminer');
    expect([details(), details('guess'), login(miner, 'guess')]).toEqual(
      Array(3).fill(expect.objectContaining({ refuses: 'UNAUTHENTICATED' })),
    );
    miner.time.monoMs += 3_600_000;
    expect(details(token)).toMatchObject({ refuses: 'UNAUTHENTICATED' });
    expect(call(miner, '/braiins.bos.ApiVersionService/GetApiVersion').reply).toEqual({ message: message() });
  });

  test('takes pools as a whole, and only where they are to be saved', () => {
    const miner = alone('braiins', OLD);
    const token = textIn(opens(login(miner)), 1);
    const group = message([2, 'g'], [5, message([2, 'new:1'], [3, 'w'], [4, 'p'], [5, true])]);
    const set = (action: number) =>
      call(miner, `${V1}.PoolService/SetPoolGroups`, { token, sent: message([1, action], [2, group]) });
    expect(set(0).reply).toMatchObject({ refuses: 'INVALID_ARGUMENT' });
    const empty = { url: '', user: '', pass: '' };
    expect(set(2).change?.pools).toEqual([{ url: 'new:1', user: 'w', pass: 'p' }, empty, empty]);
  });

  test('answers what GraphQL is asked, no more and no less', () => {
    const ask = (query: string) =>
      JSON.parse(askWeb(alone('braiins', OLD), { path: '/graphql', method: 'POST', json: { query } })?.body ?? '');
    expect(ask('{ bos { hostname info { version { full } } } }')).toEqual({
      data: { bos: { hostname: 'Antminer', info: { version: { full: expect.stringContaining('24.09') } } } },
    });
    expect(
      ask('{ bosminer { info { workSolver { childSolvers { name } } } config { ... on X { groups { id } } } } }'),
    ).toEqual({
      data: {
        bosminer: {
          info: { workSolver: { childSolvers: [{ name: '1' }, { name: '2' }, { name: '3' }] } },
          config: { groups: [{ id: 0 }] },
        },
      },
    });
    expect(ask('{ bos { macAddress } }').errors).toEqual([{ message: 'Unknown field "macAddress"' }]);
  });
});

test('what is written on the wire is read from it', () => {
  const whole = message(
    [1, 300],
    [2, 'é'],
    [3, message([1, 5_000_000_000])],
    [3, message()],
    [4, { double: 1.5 }],
    [16, true],
  );
  const came = opened(whole);
  expect([numberIn(came, 1), textIn(came, 2), numberIn(came, 16)]).toEqual([300, 'é', 1]);
  expect(messagesIn(came, 3).map((one) => numberIn(one, 1))).toEqual([5_000_000_000, 0]);
  // As anybody's encoder has it.
  expect([...message([1, 150], [2, 'testing'])]).toEqual([8, 0x96, 1, 0x12, 7, ...Buffer.from('testing')]);
  expect(opened(whole.subarray(0, whole.length - 1))).toBeNull();
});
