import type { Command, JournalEntry } from '../../shared/command.ts';
import { type MinerId, minerId } from '../../shared/ids.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { type Refusal, refusal } from './admit.ts';
import { createBooting } from './booting.ts';
import { notExecuted, received } from './journal.ts';
import type { ExecutorPorts } from './ports.ts';
import { resolveActing, unbegun } from './recover.ts';
import { declined, factsOf, type Order, refuse, run, type Scene } from './run.ts';
import { createSettler } from './settle.ts';
import { createTurns } from './turns.ts';

/**
 * admit → journal → act → result. INVARIANTS:
 * - ACTING is on the disk before the first byte of an act leaves, and an entry in ACTING is never acted on again;
 * - between the last look at the facts and the writing of ACTING nothing waits, so nothing can come in between;
 * - one order at a time for a miner; a known cmdId is answered from the journal, whoever asks;
 * - an end that the disk refuses is written later; until then the entry stays open, and its reservation held.
 */
export type Executor = Readonly<{
  /** Returns at once; the end of the order comes through the journal. `taken: false` means: never heard of it. */
  take(command: Command): Taken;
  /** Takes back what is not being acted on. Unknown ids are absent from the answer. */
  revoke(cmdIds: readonly string[]): readonly JournalEntry[];
  journal(cmdIds: readonly string[]): readonly JournalEntry[];
  /**
   * Ends what a former process left open. Call once, before the first order; those may come before it resolves, and
   * find the miners busy that are still being looked at.
   */
  recover(): Promise<void>;
  /** Every reading of the poller: ends the boots that the local cap counts. */
  saw(miner: MinerId, snapshot: MinerSnapshot): void;
  /** What does not work, in words; null when all is well. */
  degraded(): string | null;
  /** Begins nothing more, and waits for what has begun. */
  stop(): Promise<void>;
}>;
export type Taken = Readonly<{ taken: boolean; entry: JournalEntry | null }>;

const DAY_MS = 86_400_000;
const OPEN_MAX = 512; // more than any ledger grants at once; beyond it a controller is not in its senses

export function createExecutor(ports: ExecutorPorts): Executor {
  const stopping = new AbortController();
  const scene: Scene = {
    ports,
    turns: createTurns(ports.realClock),
    booting: createBooting((miner) => ports.miners.get(miner)?.bootMs ?? 0),
    settler: createSettler(ports.journal, ports.realClock),
    open: new Map(),
    stopping: stopping.signal,
  };
  const running = new Set<Promise<void>>();
  const keepUntilDone = (work: Promise<void>): Promise<void> => {
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  const begin = (order: Order): void => {
    scene.open.set(order.miner, order.command.cmdId);
    const work = run(scene, order)
      .catch((error: unknown) => refuse(scene, order.command.cmdId, notBegun(error)))
      .finally(() => scene.open.delete(order.miner));
    void keepUntilDone(work.then(() => undefined));
  };
  const find = (cmdIds: readonly string[]): readonly JournalEntry[] =>
    cmdIds.flatMap((cmdId) => scene.settler.find(cmdId) ?? []);
  return {
    take: (command) => take(scene, command, begin),
    revoke(cmdIds) {
      for (const cmdId of cmdIds) refuse(scene, cmdId, { why: 'revoked', detail: 'the controller took it back' });
      return find(cmdIds);
    },
    journal: find,
    recover: () => keepUntilDone(recover(scene)),
    saw: (miner, snapshot) => scene.booting.saw(miner, snapshot, ports.siteClock.monoMs()),
    degraded: () => scene.settler.fault(),
    async stop() {
      stopping.abort();
      scene.turns.stop();
      await Promise.allSettled([...running]);
      scene.settler.stop();
    },
  };
}

const notBegun = (error: unknown): Refusal => ({ why: 'expired', detail: `could not begin: ${String(error)}` });

function take(scene: Scene, command: Command, begin: (order: Order) => void): Taken {
  const { ports, settler, open } = scene;
  const known = settler.find(command.cmdId);
  if (known !== null) return { taken: true, entry: known };
  if (scene.stopping.aborted || !ports.roomForAct() || settler.fault() !== null) return { taken: false, entry: null };
  const receivedMs = ports.realClock.monoMs();
  const entry = received(command, ports.siteClock.wallMs());
  const no = refusal(command, factsOf(scene, command, receivedMs)) ?? (open.size >= OPEN_MAX ? TOO_MANY : null);
  try {
    ports.journal.raiseEpoch(command.siteEpoch);
    ports.journal.write(no === null ? entry : notExecuted(entry, no.why, { atMs: entry.atMs, detail: no.detail }));
  } catch {
    return { taken: false, entry: null };
  }
  if (no === null) begin({ command, miner: minerId(command.miner), receivedMs });
  return { taken: true, entry: null };
}

const TOO_MANY: Refusal = { why: 'busy', detail: `${OPEN_MAX} orders are open` };

async function recover(scene: Scene): Promise<void> {
  const { ports, settler, open, booting } = scene;
  const { journal, siteClock } = ports;
  const left = journal.open();
  for (const { entry, actedMs } of journal.actsSince(siteClock.wallMs() - DAY_MS)) {
    const agoMs = Math.max(0, siteClock.wallMs() - actedMs);
    if (!declined(entry.result)) booting.acted(minerId(entry.miner), siteClock.monoMs() - agoMs);
  }
  for (const entry of left) if (entry.state === 'RECEIVED') settler.write(unbegun(entry, siteClock.wallMs()));
  const acting = left.filter(({ state }) => state === 'ACTING');
  for (const { miner, cmdId } of acting) open.set(minerId(miner), cmdId);
  await Promise.all(acting.map((entry) => lookAgain(scene, entry)));
}

async function lookAgain({ ports, settler, open, stopping }: Scene, entry: JournalEntry): Promise<void> {
  const { snapshot } = await ports.read(minerId(entry.miner), stopping);
  // Stopped again before it was read: it stays in ACTING, and the next process looks.
  if (!stopping.aborted) settler.write(resolveActing(entry, snapshot, ports.siteClock.wallMs()));
  open.delete(minerId(entry.miner));
}
