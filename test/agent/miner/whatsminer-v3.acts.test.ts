import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { tokenOf } from '../../../agent/miner/whatsminer-v3/proof.ts';
import { minersWith, password } from './page-device.ts';
import { type FrameDevice, type FrameOptions, frameDevice, WHEN } from './whatsminer-v3.ts';

const miners = minersWith(password('super', 'super'));
const others = minersWith(password('super', 'other'));
const nobody = minersWith({ of: () => null });
let device: FrameDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), others.close(), nobody.close()]));

async function order(given: MinerOrder, options: FrameOptions = {}, by = miners) {
  device = await frameDevice(options);
  return { answer: await by.act(device.target, given), device };
}
const writes = ({ heard }: FrameDevice) => heard.filter((one) => one.startsWith('set.'));
const refuses = (code: number, msg: string) => ({
  says: ({ cmd }: { cmd: string }) => (cmd.startsWith('set.') ? { code, when: WHEN, msg, desc: cmd } : undefined),
});

test('a token is the one of the fact sheet', () => {
  const parts = { cmd: 'set.miner.service', password: 'super', salt: 'BQ5hoXV9', ts: 1_732_270_000 };
  expect(tokenOf(parts)).toBe('rnlkO5fE');
});

describe('a Whatsminer of API V3', () => {
  const orders: readonly (readonly [MinerOrder, object])[] = [
    [{ action: 'restart' }, { cmd: 'set.miner.service', param: 'restart' }],
    [{ action: 'sleep' }, { cmd: 'set.miner.service', param: 'stop' }],
    [{ action: 'wake' }, { cmd: 'set.miner.service', param: 'start' }],
    [{ action: 'reboot' }, { cmd: 'set.system.reboot' }],
    [
      { action: 'powerLimit', powerW: 3_000 },
      { cmd: 'set.miner.power_limit', param: 3_000 },
    ],
    [
      { action: 'locate', on: true },
      { cmd: 'set.system.led', param: [{ color: 'red', period: 1_000, duration: 500, start: 0 }] },
    ],
    [
      { action: 'locate', on: false },
      { cmd: 'set.system.led', param: 'auto' },
    ],
  ];
  test.each(orders)('takes %j with a token of its own, by the clock of the device', async (given, command) => {
    const { answer, device } = await order(given);
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(device.taken).toEqual([{ ...command, account: 'super' }]);
  });

  test('with another password is auth_failed, and is not asked again', async () => {
    const { answer, device } = await order({ action: 'restart' }, {}, others);
    expect(answer.result).toBe('auth_failed');
    expect((await others.act(device.target, { action: 'wake' })).result).toBe('auth_failed');
    expect(writes(device)).toEqual(['set.miner.service']);
    expect((await others.read(device.target)).unreadable).toBeNull();
  });

  test('is ordered nothing without a password', async () => {
    const { answer, device } = await order({ action: 'restart' }, {}, nobody);
    expect(answer.result).toBe('auth_failed');
    expect(writes(device)).toEqual([]);
  });

  test.each([
    ['refused', -2, 'no permission'],
    ['refused', -1, 'no permission'],
    ['unsupported', -2, 'invalid command'],
    ['refused', -2, 'invalid param'],
    ['refused', -3, 'missing item'],
    ['auth_failed', -1, 'invalid token'],
  ])('is %s where it says code %i, %s', async (result, code, msg) => {
    const { answer, device } = await order({ action: 'sleep' }, refuses(code, msg));
    expect([answer.result, answer.detail]).toEqual([result, expect.stringContaining(msg)]);
    expect(writes(device)).toHaveLength(1);
  });

  test('that closes the line after an order has not replied', async () => {
    const { answer, device } = await order(
      { action: 'reboot' },
      { says: ({ cmd }) => (cmd === 'set.system.reboot' ? null : undefined) },
    );
    expect(answer.result).toBe('no_reply');
    expect(writes(device)).toHaveLength(1);
  });

  test('that gives no salt is ordered nothing', async () => {
    const { answer, device } = await order(
      { action: 'reboot' },
      { says: ({ param }) => (param === 'salt' ? null : undefined) },
    );
    expect(answer.result).toBe('refused');
    expect(writes(device)).toEqual([]);
  });

  test('whose mining process is down is stopped, and says so in place of its errors', async () => {
    device = await frameDevice({
      says: ({ cmd }) =>
        cmd === 'get.device.info'
          ? { code: 0, when: WHEN, msg: { 'error-code': 'btminer process is down err' } }
          : { code: -4, when: WHEN, msg: 'btminer process is down err' },
    });
    const { snapshot } = await miners.read(device.target);
    expect([snapshot?.miningState, snapshot?.hashrateThs]).toEqual(['stopped', null]);
  });
});

test('a reading asks for the parts of a device alone only where the whole lacks them', async () => {
  const parts = ({ heard }: FrameDevice) =>
    heard.filter((one) => /^get\.device\.info ./.test(one)).map((one) => one.slice(16));
  device = await frameDevice();
  await miners.read(device.target);
  // No errors are no part that is missing.
  expect(parts(device).toSorted()).toEqual(['miner', 'network', 'system']);
  await device.close();
  const [miner, system, network] = [
    { working: 'true', type: 'M60S_VK40', 'miner-sn': 'S' },
    { api: '3.0.2', fwversion: 'F' },
    {},
  ];
  const msg = { miner, system: { ...system, platform: 'H616', ledstatus: 'auto' }, network };
  device = await frameDevice({
    says: ({ cmd, param }) =>
      cmd !== 'get.device.info'
        ? undefined
        : { code: 0, msg: param === 'network' ? { network: { mac: 'CE:02:01:00:8C:36', hostname: 'w' } } : msg },
  });
  const { snapshot } = await miners.read(device.target);
  expect([parts(device), snapshot?.mac, snapshot?.hostname]).toEqual([['network'], 'ce:02:01:00:8c:36', 'w']);
});

describe('its pools', () => {
  const wanted = [
    { url: 'stratum+tcp://new.example:3333', worker: 'farm.1', password: 'x' },
    { url: 'stratum+tcp://spare.example:3333', worker: 'farm.1', password: 'y' },
  ];
  const pools: MinerOrder = { action: 'pools', pools: wanted };
  const sealed = wanted.map(({ url, worker, password }) => ({ pool: url, worker, passwd: password }));

  test.each([
    ['as PKCS7 where it opens that', { padding: 'pkcs7' }, 1],
    ['with zeros where it refuses PKCS7', { padding: 'zeros' }, 2],
    ['with zeros where it takes PKCS7 and shows no effect', { padding: 'zeros', swallows: true }, 2],
  ] as const)(
    'go encrypted, %s',
    async (_, options, tries) => {
      const { answer, device } = await order(pools, options);
      expect(answer).toEqual({ result: 'sent', detail: null });
      expect(device.taken).toEqual([{ cmd: 'set.miner.pools', param: sealed, account: 'super' }]);
      expect(writes(device)).toHaveLength(tries);
    },
    15_000,
  );

  test('are tried both ways with a wrong password, and never again', async () => {
    const { answer, device } = await order(pools, {}, others);
    expect(answer.result).toBe('auth_failed');
    expect((await others.act(device.target, pools)).result).toBe('auth_failed');
    expect(writes(device)).toHaveLength(2);
  });

  test('are tried once where the account lacks the right', async () => {
    const { answer, device } = await order(pools, refuses(-2, 'no permission'));
    expect(answer.result).toBe('refused');
    expect(writes(device)).toHaveLength(1);
  });

  test('are not written where they could not be read', async () => {
    const { answer, device } = await order(pools, { says: ({ param }) => (param === 'pools' ? null : undefined) });
    expect(answer.result).toBe('refused');
    expect(writes(device)).toEqual([]);
  });

  test('are three at most', async () => {
    const four = { action: 'pools', pools: [...wanted, ...wanted] } as const;
    const { answer, device } = await order(four);
    expect(answer.result).toBe('refused');
    expect(writes(device)).toEqual([]);
  });
});
