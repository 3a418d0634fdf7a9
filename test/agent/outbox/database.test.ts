import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type AgentDatabase, openAgentDatabase } from '../../../agent/outbox/database.io.ts';

let directory: string;
let open: AgentDatabase[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'relight-agentdb-'));
});
afterEach(() => {
  for (const db of open) db.close();
  open = [];
  rmSync(directory, { recursive: true, force: true });
});

const start = (wallS: number): AgentDatabase => {
  const db = openAgentDatabase({ file: join(directory, 'agent.db'), wallS });
  open.push(db);
  return db;
};

test('its file can be read by its user alone', () => {
  start(1);
  expect(statSync(join(directory, 'agent.db')).mode & 0o777).toBe(0o600);
});

test('the boot epoch rises at every start, also when the wall clock was set back', () => {
  const first = start(1_700_000_000).bootEpoch;
  open.pop()?.close();
  const second = start(5).bootEpoch;
  expect([first, second]).toEqual([1_700_000_000, 1_700_000_001]);
});

test('a lost file does not start again at an epoch that the controller has seen', () => {
  expect(start(1_700_000_000).bootEpoch).toBe(1_700_000_000);
  open.pop()?.close();
  rmSync(join(directory, 'agent.db'));
  expect(start(1_700_000_060).bootEpoch).toBe(1_700_000_060);
});

test('a second agent on the same state directory is refused as LOCKED', () => {
  start(1);
  expect(() => start(2)).toThrow(expect.objectContaining({ code: 'LOCKED' }));
});

test('a directory that is not there is a STATE_DIR error', () => {
  expect(() => openAgentDatabase({ file: join(directory, 'none', 'agent.db'), wallS: 1 })).toThrow(
    expect.objectContaining({ code: 'STATE_DIR' }),
  );
});

test('a damaged file is a STORE error and stays as it is: a forgotten journal could act twice', () => {
  writeFileSync(join(directory, 'agent.db'), 'not a database at all, but long enough to be looked at '.repeat(20));
  expect(() => start(1)).toThrow(expect.objectContaining({ code: 'STORE' }));
});

test('a transaction that fails leaves nothing behind, and the next one works', () => {
  const db = start(1);
  expect(() =>
    db.transaction(() => {
      db.setMeta('half', 'done');
      throw new Error('the process thinks better of it');
    }),
  ).toThrow();
  expect(db.meta('half')).toBeNull();
  db.transaction(() => db.setMeta('whole', 'done'));
  expect(db.meta('whole')).toBe('done');
});
