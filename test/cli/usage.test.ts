import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { small } from '../config/read.ts';
import { refusedInProcess } from './in-process.ts';
import { ONE_LINE, relight } from './relight.ts';

const EXAMPLE = fileURLToPath(new URL('../../config/examples/site.yaml', import.meta.url));
const BIN = fileURLToPath(new URL('../../bin/relight', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'relight-cli-'));
afterAll(() => rmSync(dir, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

const COMMANDS = [
  'agent',
  'controller',
  'credentials',
  'demo',
  'miner',
  'plan',
  'reach',
  'rehearse',
  'restart',
  'scan',
  'start',
  'status',
];

describe('help', () => {
  test('is what a bare command shows: every command, an example of each, and the exit codes', async () => {
    const { code, out, err } = await relight([]);
    expect([code, err]).toEqual([0, '']);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(out).toContain('Exit codes:');
  });

  test('says what --insecure-lan means', async () => {
    const { code, out } = await relight(['controller', '--help']);
    expect(code).toBe(0);
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /authenticated but NOT encrypted: anyone on the LAN can read it and alter/,
    );
  });
});

describe('wrong usage', () => {
  test.each([
    ['an unknown command', ['reahc'], 'did you mean reach?'],
    ['an unknown command below another', ['restart', 'strat'], 'did you mean start?'],
    ['an unknown command below one that works alone', ['reach', 'repaly'], 'did you mean replay?'],
    ['a group without a command', ['restart'], 'needs one of: status, start'],
    ['a missing option', ['plan'], '--site'],
    ['an unknown option', ['plan', '--site', EXAMPLE, '--jsno'], '--json'],
    ['a clock that runs too fast', ['agent', '--config', 'x', '--site-clock', '60@0'], 'from 1 to 10'],
    ['a user without a password', ['miner', 'read', '127.0.0.1', '--user', 'root'], '--password-env'],
    ['a second host', ['miner', 'reboot', '10.9.9.8', '10.9.9.9'], 'what is 10.9.9.9?'],
    ['more than watts', ['miner', 'limit', '10.9.9.8', '3000', '4000'], 'what is 4000?'],
    ['an argument where none is taken', ['plan', '--site', EXAMPLE, 'extra'], 'what is extra?'],
    ['an argument of the demo', ['demo', 'foo'], 'what is foo?'],
    ['an argument of start', ['start', 'foo'], 'what is foo?'],
    ['a second file of outages', ['reach', 'replay', 'one.json', 'two.json'], 'what is two.json?'],
    ['a watch that should be one document', ['status', '--watch', '--json'], '--watch'],
  ])('as %s ends with 2 and one line', async (_what, args, says) => {
    const { code, err } = await refusedInProcess(args);
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
  });

  test.each(['plan', 'rehearse'])('%s says in one line that its output cannot be written', async (command) => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [BIN, command, '--site', EXAMPLE, '--json'], {
      stdio: ['ignore', full, 'pipe'],
    });
    let err = '';
    child.stderr?.on('data', (chunk) => {
      err += String(chunk);
    });
    const [code] = await once(child, 'close');
    closeSync(full);
    expect([code, err]).toEqual([1, 'relight: standard output cannot be written: no space is left\n']);
  });

  test('leaves standard output empty', async () => {
    const { code, out, err } = await relight(['plan', '--json']);
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(ONE_LINE)]);
  });
});

describe('a wrong configuration', () => {
  const controller = (name: string, more: string): string => {
    write('site.yaml', small({}, 'reachability: { pools: ["stratum+tcp://127.0.0.1:3333"] }\n'));
    return write(name, `site: site.yaml\nstateDir: ${name}-state\n${more}`);
  };

  test.each([
    ['plan', () => ['plan', '--site', write('bad.yaml', small({ 'capW: 40_000': 'capKw: 40' }))], 'capKw'],
    ['rehearse', () => ['rehearse', '--json', '--site', write('twice.yaml', small({ 'pdu-b': 'pdu-a' }))], 'pdu-a'],
    ['reach without pools', () => ['reach', '--config', write('dry.yaml', small())], 'reachability.pools'],
  ] as const)('for %s ends with 2 and one line that names the key', async (_what, args, says) => {
    const { code, err } = await refusedInProcess(args());
    expect([code, err]).toEqual([2, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(says);
  });

  const onTheLan = [
    ['agents', () => ['controller', '--config', controller('lan.yaml', 'listen: { agents: "0.0.0.0:0" }\n')]],
    ['page', () => ['controller', '--config', controller('page.yaml', 'listen: { page: "[::]:0" }\n')]],
    [
      'controller',
      () => {
        controller('unused.yaml', '');
        const text = 'agent: a1\ncontroller: [ws://192.0.2.1:7410/agent]\nsite: site.yaml\nstateDir: a1\n';
        return ['agent', '--config', write('agent.yaml', text)];
      },
    ],
  ] as const;

  test.each(onTheLan)('that puts %s on the LAN ends with 2 and names --insecure-lan', async (key, args) => {
    const { code, out, err } = await relight(args());
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(key);
    expect(err).toContain('--insecure-lan');
  });

  test('is looked for by `start` where the environment says', async () => {
    const { code, err } = await relight(['start'], { env: { RELIGHT_CONFIG: join(dir, 'nowhere.yaml') } });
    expect(code).toBe(2);
    expect(err).toContain('nowhere.yaml: cannot be read');
  });

  test('is looked for by `start` beside it', async () => {
    const beside = mkdtempSync(join(dir, 'beside-'));
    writeFileSync(join(beside, 'controller.yaml'), 'stateDir: x\n');
    const { code, err } = await relight(['start'], { cwd: beside });
    expect([code, err]).toEqual([2, expect.stringContaining('controller.yaml:')]);
  });
});

describe('plan', () => {
  test('is one JSON document with --json', async () => {
    const { code, out, err } = await relight(['plan', '--site', EXAMPLE, '--json']);
    expect([code, err]).toEqual([0, '']);
    expect(out.trimEnd()).not.toContain('\n');
    expect(JSON.parse(out)).toMatchObject({ site: 'ekibastuz-1', miners: 73, feasible: true, guesses: [] });
  });

  test('is plain text without, and in no colour where no terminal is', async () => {
    const { code, out } = await relight(['plan', '--site', EXAMPLE]);
    expect(code).toBe(0);
    expect(out).toContain('what decides:');
    expect(out).not.toContain('\u001b');
  });

  test('still comes where not all miners fit, and ends with 1', async () => {
    const tight = write('tight.yaml', small({ 'capW: 40_000': 'capW: 30_700' }));
    const { code, out } = await relight(['plan', '--site', tight, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ feasible: false, infeasible: [{ feed: 'pdu-a', missingW: 330 }] });
  });
});
