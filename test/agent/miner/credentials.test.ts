import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadCredentials } from '../../../agent/miner/credentials.io.ts';
import { RelightError } from '../../../shared/errors.ts';
import { minerId } from '../../../shared/ids.ts';

const dir = mkdtempSync(join(tmpdir(), 'relight-credentials-'));
afterAll(() => rmSync(dir, { recursive: true }));

function fileWith(text: string, mode = 0o600): string {
  const file = join(dir, 'credentials.yaml');
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return file;
}
const target = (miner: string, address = miner) => ({ miner: minerId(miner), address, ports: {}, family: null });
function refusal(file: string): { code: string; message: string } {
  try {
    loadCredentials(file);
  } catch (error) {
    if (error instanceof RelightError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('not refused');
}

describe('a credentials file', () => {
  test("gives a miner its own password before its family's", () => {
    const credentials = loadCredentials(
      fileWith(`
families: { antminer-stock: { user: root, password: "all" } }
miners:
  10.1.1.1: { user: root, password: "one" }
  127.0.0.1:24028: { user: root, password: "port" }
`),
    );
    const of = (miner: string, address?: string): string | undefined =>
      credentials.of(target(miner, address), 'antminer-stock')?.password;
    expect([of('10.1.1.1'), of('10.1.1.1:4028', '10.1.1.1'), of('127.0.0.1:24028', '127.0.0.1')]).toEqual([
      'one',
      'one',
      'port',
    ]);
    expect(of('10.1.1.2')).toBe('all');
    expect(credentials.of(target('10.1.1.2'), 'whatsminer-v2')).toBeNull();
  });

  test('that is not named gives none, and none is guessed', () => {
    expect(loadCredentials(null).of(target('10.1.1.1'), 'antminer-stock')).toBeNull();
  });

  test.each([0o640, 0o604, 0o660])('that others can read is refused (mode %o)', (mode) => {
    expect(refusal(fileWith('families: {}', mode)).code).toBe('CONFIG_PERMISSIONS');
  });

  test.each([
    ['CONFIG_UNKNOWN_KEY', 'familys: {}', 'families'],
    ['CONFIG_UNKNOWN_KEY', 'miners: { a: { user: u, pasword: p } }', 'password'],
    ['CONFIG_MISSING', 'miners: { a: { user: u } }', 'miners.a.password'],
    ['CONFIG_VALUE', 'miners: { a: { user: u, password: 123 } }', 'miners.a.password'],
    ['CONFIG_VALUE', 'miners: [a]', 'miners'],
    ['CONFIG_SYNTAX', 'miners: { a: "secret-word', 'line'],
  ])('%s: %s', (code, text, told) => {
    const found = refusal(fileWith(text));
    expect([found.code, found.message]).toEqual([code, expect.stringContaining(told)]);
    expect(found.message).not.toContain('secret-word');
  });

  test('that is not there is told by its name', () => {
    expect(refusal(join(dir, 'none.yaml'))).toEqual({
      code: 'CONFIG_READ',
      message: expect.stringContaining('none.yaml'),
    });
  });
});
