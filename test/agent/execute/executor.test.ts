import { afterEach, expect, test } from '@jest/globals';
import { millis } from '../../../shared/units.ts';
import { aCommand, aSnapshot } from './builders.ts';
import { openRig, type Rig, reported, settled, states } from './rig.ts';

let rig: Rig;
afterEach(() => rig.remove());

/** A promise that the test keeps when it likes. */
function promised<T>() {
  let keep: (value: T) => void = () => {};
  const kept = new Promise<T>((resolve) => {
    keep = resolve;
  });
  return { kept, keep };
}

test('an order goes through the journal, acts once, and is reported step by step', async () => {
  rig = openRig();
  expect(rig.executor.take(aCommand())).toEqual({ taken: true, entry: null });
  await settled();
  expect(rig.world.acts).toEqual(['reboot 10.0.0.1']);
  expect(reported(rig)).toEqual(['cmd-1 RECEIVED', 'cmd-1 ACTING', 'cmd-1 DONE']);
  expect(rig.executor.journal(['cmd-1'])).toMatchObject([{ state: 'DONE', result: 'sent', uptimeS: 1_200 }]);
});

test('ACTING is on the disk before the miner hears of it', async () => {
  rig = openRig();
  let atAct: unknown;
  rig.world.onAct = async () => {
    atAct = rig.db.sql.prepare('select state from journal').get()?.state;
    return { result: 'sent', detail: null };
  };
  rig.executor.take(aCommand());
  await settled();
  expect(atAct).toBe('ACTING');
});

test('the same order again gets the stored result, also from a later process, and does not act', async () => {
  rig = openRig();
  rig.executor.take(aCommand());
  await settled();
  expect(rig.executor.take(aCommand())).toMatchObject({ taken: true, entry: { state: 'DONE' } });
  await rig.restart();
  await rig.executor.recover();
  expect(rig.executor.take(aCommand({ siteEpoch: 9 }))).toMatchObject({ taken: true, entry: { state: 'DONE' } });
  await settled();
  expect(rig.world.acts).toHaveLength(1);
});

test('a glance that speaks for the order is enough; one that speaks against it is checked by a whole reading', async () => {
  rig = openRig();
  rig.world.snapshots.set('10.0.0.2', aSnapshot({ ip: '10.0.0.2', miningState: 'hashing', hashrateThs: 95 }));
  rig.world.onGlance = (snapshot) => ({ ...snapshot, miningState: 'starting' });
  rig.executor.take(aCommand({ cmdId: 'idle', miner: '10.0.0.1' }));
  rig.executor.take(aCommand({ cmdId: 'well', miner: '10.0.0.2' }));
  await settled();
  expect(states(rig, 'idle', 'well')).toEqual(['DONE sent', 'NOT_EXECUTED already_ok']);
  const whole: string[] = [];
  rig.world.onRead = async (miner) => void whole.push(miner);
  rig.world.onGlance = (snapshot) => snapshot;
  rig.executor.take(aCommand({ cmdId: 'other', miner: '10.0.0.3' }));
  await settled();
  expect([states(rig, 'other'), whole]).toEqual([['DONE sent'], []]);
});

test('an order that lies too long while the miner is read is not carried out', async () => {
  rig = openRig();
  const slow = promised<void>();
  rig.world.onRead = () => slow.kept;
  rig.executor.take(aCommand({ ttlMs: 10_000 }));
  rig.real.advance(millis(10_000));
  slow.keep();
  await settled();
  expect(states(rig, 'cmd-1')).toEqual(['NOT_EXECUTED expired']);
  expect(rig.world.acts).toEqual([]);
});

test('the wall clock does not decide about the life of an order', async () => {
  rig = openRig();
  const slow = promised<void>();
  rig.world.onRead = () => slow.kept;
  rig.executor.take(aCommand({ ttlMs: 10_000 }));
  rig.site.stepWall(millis(3_600_000));
  rig.real.advance(millis(9_999));
  slow.keep();
  await settled();
  expect(states(rig, 'cmd-1')).toEqual(['DONE sent']);
});

test('a revocation ends what has not begun, and comes too late for what has', async () => {
  rig = openRig();
  const slow = promised<void>();
  rig.world.onRead = () => slow.kept;
  rig.executor.take(aCommand());
  expect(rig.executor.revoke(['cmd-1', 'never-heard-of'])).toMatchObject([
    { cmdId: 'cmd-1', state: 'NOT_EXECUTED', notExecuted: 'revoked' },
  ]);
  slow.keep();
  await settled();
  expect(rig.world.acts).toEqual([]);

  const acting = promised<{ result: 'sent'; detail: null }>();
  rig.world.onAct = () => acting.kept;
  rig.executor.take(aCommand({ cmdId: 'cmd-2' }));
  await settled();
  expect(rig.executor.revoke(['cmd-2'])).toMatchObject([{ state: 'ACTING' }]);
  acting.keep({ result: 'sent', detail: null });
  await settled();
  expect(states(rig, 'cmd-2')).toEqual(['DONE sent']);
});

test('facts that change while the miner is read stop the act at the last moment', async () => {
  const changes: [string, (rig: Rig) => void][] = [
    ['NOT_EXECUTED kill_switch', ({ world }) => Object.assign(world, { killSwitch: true })],
    ['NOT_EXECUTED not_restored', ({ world }) => Object.assign(world, { notRestored: 'isp-1: DOWN' })],
    ['NOT_EXECUTED already_ok', ({ world }) => void world.snapshots.set('10.0.0.1', hashing)],
    ['NOT_EXECUTED unreadable', ({ world }) => void world.snapshots.set('10.0.0.1', null)],
  ];
  const hashing = aSnapshot({ miningState: 'hashing', hashrateThs: 100 });
  const seen: string[] = [];
  for (const [, change] of changes) {
    rig = openRig();
    const slow = promised<void>();
    rig.world.onRead = () => slow.kept;
    rig.executor.take(aCommand());
    change(rig);
    slow.keep();
    await settled();
    seen.push(...states(rig, 'cmd-1'), ...rig.world.acts);
    if (seen.length < changes.length) await rig.remove();
  }
  expect(seen).toEqual(changes.map(([state]) => state));
});

test('a second order for a miner that has one open is refused as busy', async () => {
  rig = openRig();
  const acting = promised<{ result: 'sent'; detail: null }>();
  rig.world.onAct = () => acting.kept;
  rig.executor.take(aCommand());
  await settled();
  rig.executor.take(aCommand({ cmdId: 'cmd-2' }));
  expect(states(rig, 'cmd-1', 'cmd-2')).toEqual(['ACTING', 'NOT_EXECUTED busy']);
  acting.keep({ result: 'sent', detail: null });
  await settled();
});

test('no message can push a miner more often in an hour or a day than the caps say', async () => {
  rig = openRig({ caps: { pushesPerMinerPerHour: 2, pushesPerMinerPerDay: 3 } });
  const push = async (cmdId: string, afterMs: number): Promise<string | undefined> => {
    rig.site.advance(millis(afterMs));
    rig.executor.take(aCommand({ cmdId }));
    await settled();
    return states(rig, cmdId)[0];
  };
  expect(await push('a', 0)).toBe('DONE sent');
  expect(await push('b', 60_000)).toBe('DONE sent');
  expect(await push('c', 60_000)).toBe('NOT_EXECUTED local_cap');
  await rig.restart(); // a new process knows what the old one did
  await rig.executor.recover();
  expect(await push('d', 60_000)).toBe('NOT_EXECUTED local_cap');
  expect(await push('e', 3_600_000)).toBe('DONE sent');
  expect(await push('f', 3_600_000)).toBe('NOT_EXECUTED local_cap');
  rig.site.stepWall(millis(-7_200_000)); // a clock set back opens no cap
  expect(await push('g', 0)).toBe('NOT_EXECUTED local_cap');
  expect(await push('h', 90_000_000)).toBe('DONE sent');
});

test('no more miners boot from our pushes at once than the cap says, until one is seen back', async () => {
  rig = openRig({ miners: 8, caps: { maxAtOncePct: 25 } });
  const push = async (i: number): Promise<string | undefined> => {
    rig.executor.take(aCommand({ cmdId: `cmd-${i}`, miner: `10.0.0.${i}` }));
    await settled();
    return states(rig, `cmd-${i}`)[0];
  };
  expect([await push(1), await push(2), await push(3)]).toEqual(['DONE sent', 'DONE sent', 'NOT_EXECUTED local_cap']);
  rig.site.advance(millis(120_000));
  const [first] = [...rig.world.snapshots.keys()];
  rig.executor.saw(first as never, aSnapshot({ miningState: 'hashing', hashrateThs: 50, uptimeS: 5_000 }));
  expect(await push(4)).toBe('NOT_EXECUTED local_cap'); // hashing still in its old life
  rig.executor.saw(first as never, aSnapshot({ miningState: 'hashing', hashrateThs: 50, uptimeS: 60 }));
  expect(await push(5)).toBe('DONE sent');
  rig.site.advance(millis(480_000));
  expect(await push(6)).toBe('DONE sent'); // the second has had its time to boot
});

test('a lower epoch is refused, also after a restart, and a higher one raises the bar', async () => {
  rig = openRig();
  rig.executor.take(aCommand({ cmdId: 'a', siteEpoch: 5 }));
  await settled();
  await rig.restart();
  rig.executor.take(aCommand({ cmdId: 'b', siteEpoch: 4, miner: '10.0.0.2' }));
  await settled();
  rig.executor.take(aCommand({ cmdId: 'c', siteEpoch: 5, miner: '10.0.0.3' }));
  await settled();
  expect(states(rig, 'a', 'b', 'c')).toEqual(['DONE sent', 'NOT_EXECUTED old_epoch', 'DONE sent']);
});

test('starts under one feed keep its spacing, and who waited is read again before the act', async () => {
  rig = openRig({ feeds: [{ feed: 'pdu-1', spacingMs: 2_000 }] });
  rig.real.advance(millis(2_000));
  for (const i of [1, 2, 3]) rig.executor.take(aCommand({ cmdId: `cmd-${i}`, miner: `10.0.0.${i}` }));
  await settled();
  expect(rig.world.acts).toEqual(['reboot 10.0.0.1']);
  rig.world.snapshots.set('10.0.0.2', aSnapshot({ miningState: 'hashing', hashrateThs: 100 })); // came back alone
  rig.real.advance(millis(1_999));
  await settled();
  expect(rig.world.acts).toHaveLength(1);
  rig.real.advance(millis(1));
  await settled();
  expect(rig.world.acts).toEqual(['reboot 10.0.0.1', 'reboot 10.0.0.3']);
  expect(states(rig, 'cmd-2')).toEqual(['NOT_EXECUTED already_ok']);
});

test('a process that ends while an order waits reports it as not executed in the next one', async () => {
  rig = openRig({ feeds: [{ feed: 'pdu-1', spacingMs: 2_000 }] });
  rig.executor.take(aCommand());
  await settled();
  await rig.restart();
  expect(states(rig, 'cmd-1')).toEqual(['RECEIVED']);
  await rig.executor.recover();
  expect(states(rig, 'cmd-1')).toEqual(['NOT_EXECUTED expired']);
  expect(rig.world.acts).toEqual([]);
});

test('a disk that refuses the journal lets nothing be done to a miner, and no end get lost', async () => {
  rig = openRig({ maxBytes: 400_000 });
  const acting = promised<{ result: 'sent'; detail: string }>();
  rig.world.onAct = () => acting.kept;
  rig.executor.take(aCommand());
  await settled();
  rig.db.sql.exec('create table filler (x text)');
  expect(() => {
    for (;;) rig.db.sql.prepare('insert into filler values (?)').run('x'.repeat(500));
  }).toThrow();
  const others = Array.from({ length: 60 }, (_, i) => `other-${i}`);
  const taken = others.map((cmdId) => rig.executor.take(aCommand({ cmdId, miner: '10.0.0.2' })).taken);
  expect(taken.at(-1)).toBe(false);
  acting.keep({ result: 'sent', detail: 'x'.repeat(256) });
  await settled();
  expect(rig.world.acts).toEqual(['reboot 10.0.0.1']);
  expect(rig.executor.degraded()).toContain('cannot be written');
  expect(storedState()).toBe('ACTING');
  rig.db.sql.exec('delete from filler');
  rig.real.advance(millis(1_000));
  await settled();
  expect(storedState()).toBe('DONE');
  expect(rig.executor.degraded()).toBeNull();
});

const storedState = (): unknown => rig.db.sql.prepare(`select state from journal where cmd_id = 'cmd-1'`).get()?.state;
