import { type Daemon, type DaemonOptions, openDaemon } from '../../../controller/daemon.io.ts';
import { scaledClock } from '../../../shared/clock.io.ts';
import type { Command } from '../../../shared/command.ts';
import type { Log } from '../../../shared/log.ts';
import type { Sighting } from '../../../shared/sighting.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { unixMs } from '../../../shared/units.ts';
import { linkAgent, type Memory, newMemory, type TestAgent, verdict } from '../agent.ts';
import { agentKeys, aHome, aSite, type Home, keptLog, type Line, snapshot, until } from '../fixture.ts';

// Ten times as fast: what takes seconds on a farm takes tenths here.
export const RATE = 10;

export type Farm = Readonly<{
  home: Home;
  memory: Memory;
  lines: readonly Line[];
  daemon(): Daemon;
  agent(): TestAgent;
  /** Of site time since the farm began. */
  start(options?: Partial<DaemonOptions>): Promise<Daemon>;
  stop(): Promise<void>;
  /** A new connection, with the journal and the numbering that it had. */
  link(onOrder?: (agent: TestAgent, command: Command) => void): Promise<TestAgent>;
  /** Reports every miner as it stands, and the verdict, until stopped: as an agent does in every round. */
  reporting(of?: () => ReturnType<typeof verdict>): () => void;
  set(miner: string, of: Partial<MinerSnapshot>): void;
  restart(): Readonly<{
    state: string;
    pauseReasons: readonly string[];
    jobs: Readonly<Record<string, number>>;
  }> | null;
  end(): Promise<void>;
}>;

/** A controller with its real store and real sockets, one hand-written agent, and miners that are only told of. */
export function aFarm(miners = 4, policy: object = {}, feed?: object): Farm {
  const keys = agentKeys();
  const home = aHome(aSite(miners, policy, feed), [keys]);
  const memory = newMemory();
  const { log, lines } = keptLog();
  const clock = scaledClock(RATE, unixMs(Date.now()));
  const states = new Map([...home.config.site.miners.keys()].map((id) => [id as string, idle(id, 10_000)]));
  let daemon: Daemon | null = null;
  let agent: TestAgent | null = null;
  let readings = 0;

  const running = (): Daemon => {
    if (daemon === null) throw new Error('the controller is not started');
    return daemon;
  };
  const linked = (): TestAgent => {
    if (agent === null) throw new Error('the agent is not linked');
    return agent;
  };
  const sightings = (): Sighting[] => {
    readings += 1;
    return [...states].map(([miner, one]) => ({
      miner,
      unreadable: null,
      detail: null,
      ageMs: 0,
      snapshot: { ...one, readAt: `${readings}` },
      snapshotAgeMs: 0,
    }));
  };
  return {
    home,
    memory,
    lines,
    daemon: running,
    agent: linked,
    async start(options = {}) {
      daemon = await openDaemon({ config: home.config, clock, log: log satisfies Log, ...options });
      return daemon;
    },
    async stop() {
      await daemon?.stop();
      daemon = null;
    },
    async link(onOrder) {
      agent = await linkAgent(running().agentsAt, { keys, memory, ...(onOrder === undefined ? {} : { onOrder }) });
      return agent;
    },
    reporting(of = verdict) {
      const report = (): void => {
        if (agent?.speaker.socket.readyState !== agent?.speaker.socket.OPEN) return;
        agent?.report({ verdicts: [of()], sightings: sightings() });
      };
      report();
      const timer = setInterval(report, 20);
      return () => clearInterval(timer);
    },
    set: (miner, of) => {
      states.set(miner, { ...(states.get(miner) ?? snapshot()), ...of });
    },
    restart: () => daemon?.port.view().restart ?? null,
    async end() {
      agent?.speaker.socket.terminate();
      await daemon?.stop();
      home.remove();
    },
  };
}

export const idle = (ip: string, uptimeS: number): MinerSnapshot =>
  snapshot({ ip, uptimeS, miningState: 'idle', hashrateThs: 0, pools: [] });

/** What a reboot comes to: up anew, and hashing. */
export const rebooted = (): Partial<MinerSnapshot> => {
  const { pools, hashrateThs, miningState } = snapshot();
  return { pools, hashrateThs, miningState, uptimeS: 0 };
};

export const ended = (farm: Farm): Promise<void> =>
  until(() => ['COMPLETED', 'COMPLETED_WITH_FAILURES', 'HALTED'].includes(farm.restart()?.state ?? ''));
