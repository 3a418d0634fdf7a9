import { fork } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { openDaemon } from '../controller/daemon.io.ts';
import { realClock } from '../shared/clock.io.ts';
import { silentLog } from '../shared/log.ts';
import { linkAgent, type TestAgent } from '../test/controller/agent.ts';
import { agentKeys, aHome, aSite, type Keys, snapshot } from '../test/controller/fixture.ts';

/**
 * Reports a second on one core, through the real link and the real store: each agent sends a state of eight miners
 * (about 6 KB) and a batch of eight records, and waits for the acknowledgement, which leaves after the commit.
 * The agents are another process, on the other core. Prints one JSON line.
 *
 *   node bench/ingest.ts [agents] [seconds]
 */
const AGENTS = Number(process.argv[2] ?? 50);
const SECONDS = Number(process.argv[3] ?? 10);
const MINERS = 8;
const RECORDS = 8;

type Job = Readonly<{ port: number; agents: readonly { name: string; pem: string }[] }>;

async function measure(): Promise<void> {
  const keys = Array.from({ length: AGENTS }, (_, i) => agentKeys(`a${i + 1}`));
  const site = aSite(MINERS);
  const home = aHome(site, keys);
  const limits = { messagesPerS: 1e9, bytesPerS: 1e12, admitPerS: 1e6, halfOpenPerIpMax: 1e6 };
  const daemon = await openDaemon({ config: home.config, clock: realClock, log: silentLog, limits });
  const child = fork(fileURLToPath(import.meta.url), { serialization: 'advanced' });
  child.send({ port: daemon.agentsAt.port, agents: keys.map(toJob) } satisfies Job);
  await new Promise((resolve) => child.once('message', resolve));
  const [cpu, startedMs] = [process.cpuUsage(), performance.now()];
  const done = new Promise<{ reports: number; records: number; ackMs: number[] }>((resolve) =>
    child.once('message', (result) => resolve(result as never)),
  );
  child.send('go');
  const { reports, records, ackMs } = await done;
  const { user, system } = process.cpuUsage(cpu);
  const cpuS = (user + system) / 1e6;
  const wallS = (performance.now() - startedMs) / 1_000;
  ackMs.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      bench: 'ingest',
      agents: AGENTS,
      minersPerReport: MINERS,
      reportsPerS: Math.round(reports / wallS),
      reportsPerCpuS: Math.round(reports / cpuS),
      recordsPerS: Math.round(records / wallS),
      recordsPerCpuS: Math.round(records / cpuS),
      ackP50Ms: Math.round(ackMs[Math.floor(ackMs.length / 2)] ?? 0),
      ackP99Ms: Math.round(ackMs[Math.floor(ackMs.length * 0.99)] ?? 0),
      cores: Number((cpuS / wallS).toFixed(2)),
      rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
    }),
  );
  child.kill();
  await daemon.stop();
  home.remove();
}

const toJob = ({ agent, key }: Keys) => ({
  name: agent,
  pem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
});

async function load({ port, agents }: Job): Promise<void> {
  const linked: TestAgent[] = [];
  for (const { name, pem } of agents) {
    const keys = { ...agentKeys(name), key: createPrivateKey(pem) };
    linked.push(await linkAgent({ host: '127.0.0.1', port }, { keys }));
  }
  const go = new Promise((resolve) => process.once('message', resolve));
  process.send?.('ready');
  await go;
  const endMs = performance.now() + SECONDS * 1_000;
  const ackMs: number[] = [];
  let reports = 0;
  const body = {
    kind: 'verdict' as const,
    uplink: 'isp-1',
    from: null,
    to: 'DOWN' as const,
    label: null,
    whyNot: null,
  };
  const run = async (agent: TestAgent): Promise<void> => {
    while (performance.now() < endMs) {
      const sightings = Array.from({ length: MINERS }, (_, i) => ({
        miner: `10.0.0.${i + 1}`,
        unreadable: null,
        detail: null,
        ageMs: 0,
        snapshot: snapshot({ readAt: `${performance.now()}` }),
        snapshotAgeMs: 0,
      }));
      agent.report({ sightings });
      const sentMs = performance.now();
      await agent.record(...Array.from({ length: RECORDS }, () => body));
      ackMs.push(performance.now() - sentMs);
      reports += 1;
    }
  };
  await Promise.all(linked.map(run));
  process.send?.({ reports, records: reports * RECORDS, ackMs });
}

if (process.send === undefined) await measure();
else process.once('message', (job: Job) => void load(job));
