import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExecutor, type Executor } from '../../../agent/execute/executor.ts';
import { openJournal } from '../../../agent/execute/journal.io.ts';
import type { ActAnswer, OurMiner, ReadResult } from '../../../agent/execute/ports.ts';
import type { SpacedFeed } from '../../../agent/execute/turns.ts';
import { type AgentDatabase, openAgentDatabase } from '../../../agent/outbox/database.io.ts';
import { createOutbox, type Outbox } from '../../../agent/outbox/outbox.io.ts';
import type { LocalCaps } from '../../../config/daemons.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import { type MinerId, minerId } from '../../../shared/ids.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { unixMs } from '../../../shared/units.ts';
import { aSnapshot, someCaps } from './builders.ts';

/** The world of an executor: miners that a test can change, and real state on a real disk. */
export type Rig = {
  executor: Executor;
  outbox: Outbox;
  db: AgentDatabase;
  site: VirtualClock;
  real: VirtualClock;
  world: {
    snapshots: Map<string, MinerSnapshot | null>;
    acts: string[];
    onRead: (miner: MinerId) => Promise<void>;
    /** What a glance shows of the miner; null = it is as slow as a reading, and shows the same. */
    onGlance: ((snapshot: MinerSnapshot) => MinerSnapshot) | null;
    onAct: (miner: MinerId) => Promise<ActAnswer>;
    notRestored: string | null;
    killSwitch: boolean;
  };
  restart(): Promise<void>;
  remove(): Promise<void>;
};

export type RigOptions = {
  miners?: number;
  caps?: Partial<LocalCaps>;
  feeds?: readonly SpacedFeed[];
  maxBytes?: number;
};

export function openRig({ miners = 8, caps, feeds = [], maxBytes }: RigOptions = {}): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'relight-execute-'));
  const ids = Array.from({ length: miners }, (_, i) => minerId(`10.0.0.${i + 1}`));
  const site = virtualClock(unixMs(1_700_000_000_000));
  const real = virtualClock();
  const world: Rig['world'] = {
    snapshots: new Map(ids.map((id) => [id, aSnapshot({ ip: id })])),
    acts: [],
    onRead: async () => {},
    onGlance: null,
    onAct: async () => ({ result: 'sent', detail: null }),
    notRestored: null,
    killSwitch: false,
  };
  const ours = new Map<MinerId, OurMiner>(ids.map((id) => [id, { bootMs: 600_000, feeds }]));
  const read = async (miner: MinerId): Promise<ReadResult> => {
    await world.onRead(miner);
    const snapshot = world.snapshots.get(miner) ?? null;
    return { unreadable: snapshot === null ? 'silent' : null, detail: null, snapshot };
  };
  const glance = async (miner: MinerId): Promise<ReadResult> => {
    const snapshot = world.snapshots.get(miner);
    if (world.onGlance === null || !snapshot) return read(miner);
    return { unreadable: null, detail: null, snapshot: world.onGlance(snapshot) };
  };
  const open = () => {
    const db = openAgentDatabase({ file: join(directory, 'agent.db'), wallS: 1, ...(maxBytes ? { maxBytes } : {}) });
    const outbox = createOutbox({ db, clock: site });
    const executor = createExecutor({
      miners: ours,
      journal: openJournal({ ...db, append: outbox.append }),
      caps: someCaps({ maxAtOncePct: 100, ...caps }),
      glance,
      read,
      async act(miner, action) {
        world.acts.push(`${action} ${miner}`);
        return world.onAct(miner);
      },
      notRestored: () => world.notRestored,
      killSwitch: () => world.killSwitch,
      roomForAct: outbox.roomForAct,
      onActed() {},
      siteClock: site,
      realClock: real,
    });
    return { db, outbox, executor };
  };
  const rig: Rig = {
    ...open(),
    site,
    real,
    world,
    async restart() {
      await rig.executor.stop();
      rig.db.close();
      Object.assign(rig, open());
    },
    async remove() {
      await rig.executor.stop();
      rig.db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return rig;
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** `STATE` or `STATE why` of every given order, as the journal has it. */
export function states(rig: Rig, ...cmdIds: string[]): string[] {
  return cmdIds.map((cmdId) => {
    const [entry] = rig.executor.journal([cmdId]);
    if (entry === undefined) return 'absent';
    return [entry.state, entry.notExecuted ?? entry.result].filter(Boolean).join(' ');
  });
}

/** The states of the journal in the order in which the controller will hear of them. */
export function reported(rig: Rig): string[] {
  const records = rig.outbox.batch(200)?.records ?? [];
  return records.flatMap(({ body }) => (body.kind === 'journal' ? [`${body.entry.cmdId} ${body.entry.state}`] : []));
}
