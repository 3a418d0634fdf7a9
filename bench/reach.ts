// What an agent costs that has nothing to do: three uplinks, three pools, restored, at the default periods, against the
// small internet and a controller in another process. Prints one JSON line. `node bench/reach.ts [minutes] [seconds to settle]`
//
// CPU: of the agent's process, and of the processes that it starts, as percent of a core; an empty Node process runs beside
// it. Wire: in a network namespace of its own, where nothing else speaks, the kernel counts on the loopback device: each IP
// packet once, headers, acknowledgements and handshakes included; DNS and ICMP too. Where no namespace can be had, `wire` is
// null. The link to the controller is told apart by its payload and 104 bytes of headers for each message and its
// acknowledgement (IPv4 and TCP with timestamps: 52 each way). A host without `ping` asks no echoes; what they would cost
// stands beside.
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAgent } from '../agent/index.ts';
import { CAPS, POLL, REACHABILITY } from '../config/defaults.ts';
import { parseSite } from '../config/parse.ts';
import { openDaemon } from '../controller/daemon.io.ts';
import { realClock } from '../shared/clock.io.ts';
import { silentLog } from '../shared/log.ts';
import { millis } from '../shared/units.ts';
import { startInternet } from '../sim/index.ts';
import { agentKeys, aHome, MODEL } from '../test/controller/fixture.ts';

const FILE = fileURLToPath(import.meta.url);
const [role = '', ...rest] = /^[a-z]/.test(process.argv[2] ?? '')
  ? process.argv.slice(2)
  : ['', ...process.argv.slice(2)];
const MINUTES = Number(rest[0] ?? 3);
const [POOLS, ANCHORS] = [3, 3];
const SOURCES = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
const HOLD_MS = 30_000; // how long the hold is changes nothing of what an idle agent does
const SETTLE_MS = Number(rest[1] ?? 75) * 1_000; // three rounds and the hold
const SECOND_MS = 1_000;
const TICKS_PER_S = 100; // of /proc/PID/stat, on every Linux
const HEADERS_BYTES = 104;
const GOAL = { cpuPct: 0.5, wireKbPerMin: 20 };

type World = Readonly<{ reachability: object; controller: string; pem: string }>;
type Sample = Readonly<{ cpuMs: number; childMs: number; rssMb: number; link: Payload; states: readonly string[] }>;
type Payload = Readonly<{ bytes: number; writes: number }>;

/** The internet and the controller. */
async function beWorld(): Promise<void> {
  const internet = await startInternet({ seed: 1, clock: realClock, pools: POOLS, anchors: ANCHORS });
  const at = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`;
  const { pools, dns, dnsZone, http, challengeHeader, gateway, anchors } = internet.at;
  const reachability = {
    pools: pools.map((pool) => ({ url: `stratum+tcp://${at(pool)}` })),
    resolvers: [at(dns)],
    dnsZone,
    http: [{ url: `http://ns.${dnsZone}:${http.port}/challenge`, address: at(http), challengeHeader }],
    anchors: anchors.map((anchor) => ({ ...anchor, kind: 'foreign' })),
    uplinks: SOURCES.map((sourceAddress, i) => ({
      name: `isp-${i + 1}`,
      sourceAddress,
      gateway: { address: gateway.host, tcpPort: gateway.port },
    })),
  };
  const keys = agentKeys('a1');
  const home = aHome(siteOf(reachability), [keys]);
  const daemon = await openDaemon({ config: home.config, clock: realClock, log: silentLog });
  const pem = keys.key.export({ format: 'pem', type: 'pkcs8' }).toString();
  process.send?.({ reachability, controller: `ws://${at(daemon.agentsAt)}/agent`, pem } satisfies World);
  process.once('disconnect', () => {
    home.remove();
    process.exit(0);
  });
}

/** One miner that nobody reads: what miners cost is another matter. */
function siteOf(reachability: object) {
  const miners = [{ address: '10.0.0.1', model: MODEL, family: 'antminer-stock' }];
  const file = {
    site: 'site-1',
    power: { feed: 'pdu-1', capW: 100_000, maxBooting: 2, miners },
    agents: [{ agent: 'a1', feeds: ['pdu-1'] }],
    profiles: { [MODEL]: { steadyW: 3_000, bootOverheadW: 500, bootMs: 20_000, hashrateThs: 104 } },
    reachability: { ...reachability, holdMs: HOLD_MS },
  };
  return parseSite(JSON.stringify(file), { file: 'site.yaml', catalogue: new Map() });
}

async function beAgent({ reachability, controller, pem }: World): Promise<void> {
  const { mkdtempSync, writeFileSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const directory = mkdtempSync(join(tmpdir(), 'relight-bench-'));
  const keyFile = join(directory, 'agent.key');
  writeFileSync(keyFile, pem, { mode: 0o600 });
  const link = countLink(Number(new URL(controller).port));
  const { agentId } = await import('../shared/ids.ts');
  await startAgent({
    config: {
      agent: agentId('a1'),
      controllers: [controller],
      siteFile: 'site.yaml',
      site: siteOf(reachability),
      stateDir: join(directory, 'state'),
      keyFile,
      credentialsFile: null,
      controllerKey: null,
      poll: { ...POLL, intervalMs: millis(86_400_000) },
      caps: { ...CAPS, killSwitchFile: join(directory, 'STOP') },
    },
    clock: realClock,
    random: Math.random,
    log: silentLog,
  });
  const { readHistory } = await import('../agent/index.ts');
  const states = (): readonly string[] => {
    const reader = readHistory(join(directory, 'state', 'history.db'));
    const latest = new Map(
      reader.changes({ sinceMs: 0, uplink: null, limit: 1_000 }).map((one) => [one.uplink, one.state]),
    );
    reader.close();
    return [...latest.values()];
  };
  answer(() => ({ link: link(), states: states() }));
  process.once('disconnect', () => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(0);
  });
}

/** Payload of the connections to one port, both ways; writes of ours stand for messages. */
function countLink(port: number): () => Payload {
  const sockets = new Set<Socket>();
  let writes = 0;
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    const write = socket.write.bind(socket);
    socket.once('connect', () => {
      if (socket.remotePort !== port) return;
      sockets.add(socket);
      socket.write = ((...args: Parameters<typeof write>) => {
        writes += 1;
        return write(...args);
      }) as typeof socket.write;
    });
  });
  return () => ({ writes, bytes: [...sockets].reduce((sum, one) => sum + one.bytesRead + one.bytesWritten, 0) });
}

/** Tells what this process has used whenever it is asked. */
function answer(more: () => Pick<Sample, 'link' | 'states'>): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const rssMb = Math.round(process.memoryUsage().rss / 2 ** 20);
    process.send?.({ cpuMs: (user + system) / 1_000, childMs: childMs(), rssMb, ...more() } satisfies Sample);
  });
  process.send?.('ready');
}

/** Of the children that have ended. */
function childMs(): number {
  const after = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(after[13]) + Number(after[14])) * SECOND_MS) / TICKS_PER_S;
}

const START = { world: beWorld, agent: () => process.once('message', (world) => void beAgent(world as World)) };

function start(role: string): ChildProcess {
  return fork(FILE, [role], { execArgv: role === 'agent' ? profiling() : [] });
}

/** RELIGHT_PROF=DIR writes a profile of the agent there. */
const profiling = (): string[] =>
  process.env.RELIGHT_PROF === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${process.env.RELIGHT_PROF}`];

async function ask(child: ChildProcess): Promise<Sample> {
  child.send('sample');
  const [sample] = await once(child, 'message');
  return sample as Sample;
}

/** null outside a namespace of our own: there others are counted too. */
function wire(isolated: boolean): Readonly<{ bytes: number; packets: number }> | null {
  if (!isolated) return null;
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((one) => one.trim().startsWith('lo:'));
  const [bytes = 0, packets = 0] = (line ?? '').split(':')[1]?.trim().split(/\s+/).map(Number) ?? [];
  return { bytes, packets };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(isolated: boolean): Promise<void> {
  const world = start('world');
  const [told] = (await once(world, 'message')) as [World];
  const [agent, empty] = [start('agent'), start('empty')];
  const ready = Promise.all([once(agent, 'message'), once(empty, 'message')]);
  agent.send(told);
  await ready;
  await pause(SETTLE_MS);
  const before = { agent: await ask(agent), empty: await ask(empty), wire: wire(isolated), atMs: performance.now() };
  await pause(MINUTES * 60 * SECOND_MS);
  const after = { agent: await ask(agent), empty: await ask(empty), wire: wire(isolated), atMs: performance.now() };
  const tookMs = after.atMs - before.atMs;
  const perMin = (amount: number): number => Math.round((amount * 60 * SECOND_MS) / tookMs);
  const pct = (ms: number): number => Number(((100 * ms) / tookMs).toFixed(3));
  const [own, none] = [after.agent.cpuMs - before.agent.cpuMs, after.empty.cpuMs - before.empty.cpuMs];
  const children = after.agent.childMs - before.agent.childMs;
  const messages = after.agent.link.writes - before.agent.link.writes;
  const linkBytes = after.agent.link.bytes - before.agent.link.bytes + messages * HEADERS_BYTES;
  const wireBytes = before.wire === null || after.wire === null ? null : after.wire.bytes - before.wire.bytes;
  const wirePackets = before.wire === null || after.wire === null ? null : after.wire.packets - before.wire.packets;
  const hasPing = spawnSync('ping', ['-V']).error === undefined;
  console.log(
    JSON.stringify({
      bench: 'reach',
      uplinks: SOURCES.length,
      pools: POOLS,
      anchors: ANCHORS,
      minutes: MINUTES,
      states: after.agent.states,
      cpuPct: pct(own),
      childrenCpuPct: pct(children),
      emptyCpuPct: pct(none),
      rssMb: after.agent.rssMb,
      emptyRssMb: after.empty.rssMb,
      wireBytesPerMin: wireBytes === null ? null : perMin(wireBytes),
      wirePacketsPerMin: wirePackets === null ? null : perMin(wirePackets),
      linkBytesPerMin: perMin(linkBytes),
      linkMessagesPerMin: perMin(messages),
      uplinksBytesPerMin: wireBytes === null ? null : perMin(wireBytes - linkBytes),
      ping: hasPing,
      echoesEstimate: hasPing ? null : await echoes(),
      goal: GOAL,
      met: {
        cpu: pct(own + children) < GOAL.cpuPct,
        wire: wireBytes === null ? null : perMin(wireBytes) < GOAL.wireKbPerMin * SECOND_MS,
      },
    }),
  );
  for (const child of [agent, empty, world]) child.disconnect();
}

const ECHO_BYTES = 84; // iputils: 56 of data
const SPAWNS = 40;

/**
 * What echoes would cost where there is `ping`: one process a round, uplink and anchor, and three echoes with their replies.
 * A program that does nothing stands for it, started as the agent starts `ping`; the real one waits 0.4 s and counts.
 */
async function echoes() {
  const before = process.cpuUsage();
  const childBefore = childMs();
  for (let n = 0; n < SPAWNS; n++) await once(spawn('true', { stdio: ['ignore', 'pipe', 'pipe'] }), 'close');
  const { user, system } = process.cpuUsage(before);
  const perSpawnMs = ((user + system) / 1_000 + childMs() - childBefore) / SPAWNS;
  const perMin = (SOURCES.length * ANCHORS * 60 * SECOND_MS) / REACHABILITY.roundMs;
  return {
    processesPerMin: perMin,
    cpuPct: Number(((100 * perMin * perSpawnMs) / (60 * SECOND_MS)).toFixed(3)),
    bytesPerMin: perMin * REACHABILITY.icmpPerRound * 2 * ECHO_BYTES,
  };
}

/** In a namespace whose only device is loopback, with an echo permitted to everybody. */
function inNamespace(): boolean {
  const set =
    'ip link set lo up mtu 1500 && { echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range || true; } 2>/dev/null';
  const run = [`${set} && exec "$0" "$@"`, process.execPath, FILE, 'inside', ...rest];
  const probe = spawnSync('unshare', ['-Urn', 'sh', '-c', set]);
  if (probe.status !== 0) return false;
  const { status } = spawnSync('unshare', ['-Urn', 'sh', '-c', ...run], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
  return true;
}

if (role === 'world' || role === 'agent') await START[role]();
else if (role === 'empty') answer(() => ({ link: { bytes: 0, writes: 0 }, states: [] }));
else if (role === 'inside') await measure(true);
else if (!inNamespace()) {
  process.stderr.write('no network namespace is to be had here: the bytes on the wire are not counted\n');
  await measure(false);
}
