import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const child = join(dirname(fileURLToPath(import.meta.url)), 'crashing.child.ts');

let directory: string;
let alive: ChildProcess | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'relight-killed-'));
});
afterEach(() => {
  alive?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const start = (mode: 'take' | 'recover'): ChildProcess => {
  alive = spawn(process.execPath, ['--no-warnings', child, directory, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  return alive;
};
const linesOf = (process: ChildProcess) => {
  if (process.stdout === null) throw new Error('the child has no output');
  return createInterface({ input: process.stdout });
};

/** Kills the process the moment it says the word. */
async function killAt(word: string): Promise<void> {
  const process = start('take');
  const ended = once(process, 'exit');
  for await (const line of linesOf(process)) if (line === word) process.kill('SIGKILL');
  await ended;
}

/** What a new process says that finds what the killed one left. */
async function startAgain(): Promise<string[]> {
  const said: string[] = [];
  for await (const line of linesOf(start('recover'))) said.push(line);
  return said;
}

const acts = (): number =>
  existsSync(join(directory, 'acts')) ? readFileSync(join(directory, 'acts'), 'utf8').split('\n').length - 1 : 0;

test('an agent killed while acting does not act again; where the uptime shows nothing, it says UNKNOWN', async () => {
  await killAt('acted');
  expect(acts()).toBe(1);
  const said = await startAgain();
  expect(said[0]).toBe('UNKNOWN');
  expect(acts()).toBe(1);
});

test('an agent killed while acting takes a smaller uptime for the proof that it was done', async () => {
  await killAt('acted');
  writeFileSync(join(directory, 'uptime'), '12');
  expect((await startAgain())[0]).toBe('DONE no_reply');
  expect(acts()).toBe(1);
});

test('everything journaled before the kill is reported, and nothing in between that would free what is held', async () => {
  await killAt('acted');
  const reports = (await startAgain()).filter((line) => line.startsWith('report'));
  expect(reports).toEqual(['report RECEIVED', 'report ACTING', 'report UNKNOWN']);
});

test('killed again and again, it still has not acted twice', async () => {
  await killAt('acted');
  for (let i = 0; i < 3; i++) expect((await startAgain())[0]).toBe('UNKNOWN');
  expect(acts()).toBe(1);
});
