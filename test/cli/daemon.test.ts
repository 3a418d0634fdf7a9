import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseSiteClock } from '../../cli/site-clock.ts';
import { small } from '../config/read.ts';
import { ONE_LINE, relight, start } from './relight.ts';

const dir = mkdtempSync(join(tmpdir(), 'relight-daemon-'));
afterAll(() => rmSync(dir, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

// Nothing listens on these ports: the daemons under test only have to start and stop.
const POOLS = 'reachability: { pools: ["stratum+tcp://127.0.0.1:1"], uplinks: [{ name: isp-1 }] }\n';
const ADDRESS =
  '{ address: 127.0.0.1, ports: { rpc: 1, http: 1 }, model: Antminer S19j Pro 104T, family: antminer-stock }';
const ONE = small(
  {
    '{ range: 10.1.1.1-10.1.1.10, model: Antminer S19j Pro 104T, family: antminer-stock }': ADDRESS,
    '{ range: 10.1.2.1-10.1.2.10, model: Antminer S19j Pro 104T, family: antminer-stock }': ADDRESS.replaceAll(
      ': 1',
      ': 2',
    ),
  },
  POOLS,
);
write('site.yaml', ONE);

const agentFile = (stateDir: string): string =>
  write(
    `${stateDir.replaceAll('/', '-')}.yaml`,
    `agent: a1\ncontroller: [ws://127.0.0.1:1/agent]\nsite: site.yaml\nstateDir: ${stateDir}\n`,
  );

describe('the agent', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('stops on %s and ends with 0', async (signal) => {
    const { child, saw, ended } = start(['agent', '--config', agentFile(`state-${signal}`)]);
    await saw('the agent and its key');
    child.kill(signal);
    const { code, out, err } = await ended;
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('"msg":"stopped"');
  });

  test('stops when the process that started it with a channel is gone', async () => {
    const { child, saw, ended } = start(['agent', '--config', agentFile('state-channel')], { channel: true });
    await saw('the agent and its key');
    child.disconnect();
    expect((await ended).code).toBe(0);
  });

  test('logs JSON lines to standard error, and fewer where fewer are asked for', async () => {
    const { child, saw, ended } = start(['agent', '--config', agentFile('state-log'), '--log-level', 'warn']);
    await saw('no link');
    child.kill('SIGTERM');
    const lines = (await ended).err.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).level >= 40)).toEqual(lines.map(() => true));
  });

  test('ends with 1 where its state directory cannot be made', async () => {
    write('a-file', '');
    const { code, err } = await relight(['agent', '--config', agentFile('a-file/state')]);
    expect([code, err]).toEqual([1, expect.stringMatching(ONE_LINE)]);
  });
});

const noProc = process.platform === 'linux' ? test : test.skip;

// Node's own recursive mkdir never returns there.
noProc.each(['agent', 'controller'])('the %s ends with 1 where its state directory is under /proc', async (daemon) => {
  const config = write(
    `${daemon}-proc.yaml`,
    `${daemon === 'agent' ? 'agent: a1\ncontroller: [ws://127.0.0.1:1/agent]\n' : ''}site: site.yaml\nstateDir: /proc/relight/state\n`,
  );
  const { child, ended } = start([daemon, '--config', config]);
  const hangs = setTimeout(() => child.kill('SIGKILL'), 15_000);
  const { code, err } = await ended;
  clearTimeout(hangs);
  expect([code, err]).toEqual([1, expect.stringMatching(ONE_LINE)]);
  expect(err).toContain('/proc/relight');
});

describe('the controller', () => {
  const controllerFile = (stateDir: string, page = '127.0.0.1:0'): string =>
    write(
      `${stateDir}.yaml`,
      `site: site.yaml\nstateDir: ${stateDir}\nlisten: { agents: "127.0.0.1:0", page: "${page}" }\n`,
    );

  test('says where its page is, answers the other commands there, and ends with 0', async () => {
    const { child, saw, ended } = start(['controller', '--config', controllerFile('controller')]);
    const [, page = ''] = await saw(/"page":"([^"]+)"/);
    await saw(/"level":40,.*no agent can link: agentKeys is missing or empty\. Cure: /);
    const status = await relight(['status', '--json', '--controller', page]);
    expect([status.code, JSON.parse(status.out)]).toEqual([0, expect.objectContaining({ site: 'small', epoch: 1 })]);

    const begin = ['restart', 'start', '--json', '--controller', page];
    const [first, second] = [await relight(begin), await relight(begin)];
    expect([first.code, second.code, second.out]).toEqual([0, 1, '']);
    expect(second.err).toMatch(/^relight: the controller refused: .*\(RESTART_OPEN\)\n$/);
    const { restart } = JSON.parse((await relight(['restart', 'status', '--json', '--controller', page])).out);
    expect(restart).toMatchObject({ restart: JSON.parse(first.out).restart, state: 'AWAITING_APPROVAL' });

    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, out: '' });
  }, 40_000);

  test('ends with 1 and one line where the port of its page is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await relight(['controller', '--config', controllerFile('late', `127.0.0.1:${port}`)]);
    taken.close();
    const lines = err.trimEnd().split('\n');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^relight: /);
    expect(lines.at(-1)).toContain(String(port));
    expect(err).not.toContain('listens for agents');
  });
});

describe('--site-clock', () => {
  test('gives two processes with the same text the same, faster time', () => {
    const clock = parseSiteClock('10@0');
    expect(clock.rate).toBe(10);
    const [before, wall, after] = [Date.now(), clock.wallMs(), Date.now()];
    expect(wall).toBeGreaterThanOrEqual(before * 10);
    expect(wall).toBeLessThanOrEqual(after * 10);
  });

  test.each(['10', '0.5@0', '11@0', 'fast@0', '5@-1', '5@'])('refuses %s', (text) => {
    expect(() => parseSiteClock(text)).toThrow(/expected RATE@ORIGIN_MS/);
  });
});
