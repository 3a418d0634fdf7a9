import type { ActResult, Command, JournalEntry } from '../../shared/command.ts';
import { type MinerId, minerId } from '../../shared/ids.ts';
import { type Facts, type Refusal, readingRefusal, refusal } from './admit.ts';
import type { Booting } from './booting.ts';
import { clip, notExecuted } from './journal.ts';
import type { ExecutorPorts, ReadResult } from './ports.ts';
import type { Settler } from './settle.ts';
import type { Turns } from './turns.ts';

/** An order between its receipt and its end. `receivedMs` is real and monotonic. */
export type Order = Readonly<{ command: Command; miner: MinerId; receivedMs: number }>;

/** What the orders of one agent share. */
export type Scene = Readonly<{
  ports: ExecutorPorts;
  turns: Turns;
  booting: Booting;
  settler: Settler;
  /** The one order that each miner may have. */
  open: Map<MinerId, string>;
  stopping: AbortSignal;
}>;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export function factsOf({ ports, open, booting }: Scene, command: Command, receivedMs: number): Facts {
  const miner = minerId(command.miner);
  const holder = open.get(miner);
  const wallMs = ports.siteClock.wallMs();
  return {
    ours: ports.miners.has(miner),
    maxEpoch: ports.journal.maxEpoch(),
    heldMs: ports.realClock.monoMs() - receivedMs,
    killSwitch: ports.killSwitch(),
    notRestored: ports.notRestored(),
    busy: holder !== undefined && holder !== command.cmdId,
    // A stamp in the future counts too: a clock that was set back must not open the caps.
    pushesLastHour: ports.journal.countActs(miner, wallMs - HOUR_MS),
    pushesLastDay: ports.journal.countActs(miner, wallMs - DAY_MS),
    booting: booting.count(ports.siteClock.monoMs(), miner),
    miners: ports.miners.size,
    caps: ports.caps,
  };
}

/** Only what is still in RECEIVED can end unexecuted: a revocation may have been faster, or the act. */
export function refuse({ settler, ports }: Scene, cmdId: string, { why, detail }: Refusal): void {
  const entry = settler.find(cmdId);
  if (entry?.state !== 'RECEIVED') return;
  settler.write(notExecuted(entry, why, { atMs: ports.siteClock.wallMs(), detail }));
}

/** From RECEIVED to the end. The process may die after any line: what is on the disk then decides what comes next. */
export async function run(scene: Scene, order: Order): Promise<void> {
  const { ports, turns, stopping } = scene;
  const { command, miner, receivedMs } = order;
  // A first look without a turn: a dead or healthy miner must not keep its neighbours from theirs.
  const first = await look(scene, order);
  if (stopping.aborted || !isReceived(scene, command.cmdId)) return;
  const no = readingRefusal(command, first);
  if (no !== null) return refuse(scene, command.cmdId, no);
  const turn = await turns.take(ports.miners.get(miner)?.feeds ?? [], receivedMs + command.ttlMs);
  if (stopping.aborted) return turn?.end(false);
  if (turn === null) return refuse(scene, command.cmdId, { why: 'expired', detail: 'no turn came under its feeds' });
  let acted = false;
  try {
    const reading = turn.waited ? await look(scene, order) : first;
    const acting = lastLook(scene, order, reading);
    acted = acting !== null;
    if (acting !== null) await act(scene, order, acting);
  } finally {
    turn.end(acted);
  }
}

/** A glance is enough to let an order pass; what it says against one, the whole reading must say too. */
async function look({ ports, stopping }: Scene, { command, miner }: Order): Promise<ReadResult> {
  const glance = await ports.glance(miner, stopping);
  return readingRefusal(command, glance) === null ? glance : ports.read(miner, stopping);
}

const isReceived = ({ settler }: Scene, cmdId: string): boolean => settler.find(cmdId)?.state === 'RECEIVED';

/**
 * The last look at everything, and ACTING on the disk if nothing speaks against it. All in one go: nobody else runs
 * between the look and the write. Throws when the disk refuses: then nothing may be done to the miner.
 */
function lastLook(scene: Scene, { command, miner, receivedMs }: Order, reading: ReadResult): JournalEntry | null {
  const { ports, settler, booting, stopping } = scene;
  if (stopping.aborted) return null;
  const no = refusal(command, factsOf(scene, command, receivedMs)) ?? readingRefusal(command, reading);
  if (no !== null) refuse(scene, command.cmdId, no);
  const entry = settler.find(command.cmdId);
  if (entry?.state !== 'RECEIVED') return null;
  const acting: JournalEntry = {
    ...entry,
    state: 'ACTING',
    uptimeS: reading.snapshot?.uptimeS ?? null,
    atMs: ports.siteClock.wallMs(),
  };
  ports.journal.write(acting);
  booting.acted(miner, ports.siteClock.monoMs());
  return acting;
}

async function act({ ports, settler, booting, stopping }: Scene, order: Order, acting: JournalEntry): Promise<void> {
  const { result, detail } = await ports
    .act(order.miner, order.command.action, stopping)
    // It may have happened: an error of ours says nothing about the miner.
    .catch((error: unknown) => ({ result: 'no_reply' as const, detail: String(error) }));
  if (declined(result)) booting.declined(order.miner);
  settler.write({ ...acting, state: 'DONE', result, detail: clip(detail), atMs: ports.siteClock.wallMs() });
  ports.onActed(order.miner);
}

/** The miner said no, so nothing boots. */
export const declined = (result: ActResult | null): boolean =>
  result !== null && result !== 'sent' && result !== 'no_reply';
