import type { LocalCaps } from '../../config/daemons.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Action, ActResult, Command, JournalEntry } from '../../shared/command.ts';
import { type MinerId, minerId } from '../../shared/ids.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { type Facts, type Refusal, readingRefusal, refusal } from './admit.ts';
import { createBooting } from './booting.ts';
import { clip, type Journal, notExecuted, received } from './journal.ts';
import { resolveActing, unbegun } from './recover.ts';
import { createSettler } from './settle.ts';
import { createTurns, type SpacedFeed, type Turn } from './turns.ts';

/**
 * admit → journal → act → result. INVARIANTS:
 * - ACTING is on the disk before the first byte of an act leaves, and an entry in ACTING is never acted on again;
 * - between the last look at the facts and the writing of ACTING nothing waits, so nothing can come in between;
 * - one order at a time for a miner; a known cmdId is answered from the journal, whoever asks;
 * - an end that the disk refuses is written later; until then the entry stays open, and its reservation held.
 */
export type Executor = Readonly<{
  /** Returns at once; the end of the order comes through the journal. */
  take(command: Command): Readonly<{ taken: boolean; entry: JournalEntry | null }>;
  /** Takes back what is not being acted on. Unknown ids are absent from the answer. */
  revoke(cmdIds: readonly string[]): readonly JournalEntry[];
  journal(cmdIds: readonly string[]): readonly JournalEntry[];
  /** Ends what a former process left open. Call once, before the first order. */
  recover(): Promise<void>;
  /** Every reading of the poller: ends the boots that the local cap counts. */
  saw(miner: MinerId, snapshot: MinerSnapshot): void;
  degraded(): string | null;
  /** Begins nothing more, and waits for what has begun. */
  stop(): Promise<void>;
}>;

export type ReadResult = Readonly<{
  unreadable: Unreadable | null;
  detail: string | null;
  snapshot: MinerSnapshot | null;
}>;

/** A miner as the executor needs it; those that it does not know are not ours. */
export type OurMiner = Readonly<{ bootMs: number; feeds: readonly SpacedFeed[] }>;

export type ExecutorPorts = Readonly<{
  miners: ReadonlyMap<MinerId, OurMiner>;
  journal: Journal;
  caps: LocalCaps;
  read(miner: MinerId, signal: AbortSignal): Promise<ReadResult>;
  act(
    miner: MinerId,
    action: Action,
    signal: AbortSignal,
  ): Promise<Readonly<{ result: ActResult; detail: string | null }>>;
  /** null: our own uplinks are restored; otherwise what is missing. */
  notRestored(): string | null;
  killSwitch(): boolean;
  /** Room for everything that one more order may have to report. */
  roomForAct(): boolean;
  /** After every end of an act, so that the miner is looked at soon. */
  onActed(miner: MinerId): void;
  siteClock: Clock;
  realClock: Clock;
}>;

type Open = Readonly<{ command: Command; miner: MinerId; receivedMs: number }>;

const declined = (result: ActResult | null): boolean => result !== null && result !== 'sent' && result !== 'no_reply';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const OPEN_MAX = 512; // more at once than any ledger grants; beyond it a controller is not in its senses

export function createExecutor(ports: ExecutorPorts): Executor {
  const { miners, journal, caps, siteClock, realClock } = ports;
  const stopping = new AbortController();
  const turns = createTurns(realClock);
  const booting = createBooting((miner) => miners.get(miner)?.bootMs ?? 0);
  const settler = createSettler(journal, realClock);
  const open = new Map<MinerId, string>();
  const running = new Set<Promise<void>>();

  const nowMs = (): number => siteClock.wallMs();
  const facts = (command: Command, receivedMs: number): Facts => {
    const miner = minerId(command.miner);
    const holder = open.get(miner);
    return {
      ours: miners.has(miner),
      maxEpoch: journal.maxEpoch(),
      heldMs: realClock.monoMs() - receivedMs,
      killSwitch: ports.killSwitch(),
      notRestored: ports.notRestored(),
      busy: holder !== undefined && holder !== command.cmdId,
      pushesLastHour: journal.countActs(miner, nowMs() - HOUR_MS),
      pushesLastDay: journal.countActs(miner, nowMs() - DAY_MS),
      booting: booting.count(siteClock.monoMs(), miner),
      miners: miners.size,
      caps,
    };
  };
  /** Only an entry still in RECEIVED may end unexecuted: a revocation may have been faster. */
  const refuse = (cmdId: string, { why, detail }: Refusal): void => {
    const entry = settler.find(cmdId);
    if (entry?.state === 'RECEIVED') settler.write(notExecuted(entry, why, { atMs: nowMs(), detail }));
  };
  const stillReceived = (cmdId: string): boolean => settler.find(cmdId)?.state === 'RECEIVED';

  const act = async ({ command, miner }: Open, acting: JournalEntry): Promise<void> => {
    const done = await ports
      .act(miner, command.action, stopping.signal)
      // The act may have happened: an error of ours says nothing about the miner.
      .catch((error: unknown) => ({ result: 'no_reply' as const, detail: String(error) }));
    if (declined(done.result)) booting.declined(miner);
    settler.write({ ...acting, state: 'DONE', result: done.result, detail: clip(done.detail), atMs: nowMs() });
    ports.onActed(miner);
  };

  /** True when the act has begun, and with it the spacing of its feeds. */
  const atTurn = async (one: Open, first: ReadResult, turn: Turn): Promise<boolean> => {
    const { command, miner, receivedMs } = one;
    const reading = turn.waited ? await ports.read(miner, stopping.signal) : first;
    const no = refusal(command, facts(command, receivedMs)) ?? readingRefusal(command, reading);
    if (no !== null) refuse(command.cmdId, no);
    const entry = settler.find(command.cmdId);
    if (entry?.state !== 'RECEIVED' || stopping.signal.aborted) return false;
    const acting: JournalEntry = {
      ...entry,
      state: 'ACTING',
      uptimeS: reading.snapshot?.uptimeS ?? null,
      atMs: nowMs(),
    };
    // Not by the settler: what is not on the disk must not be acted on.
    journal.write(acting);
    booting.acted(miner, siteClock.monoMs());
    await act(one, acting);
    return true;
  };

  const run = async (one: Open): Promise<void> => {
    const { command, miner, receivedMs } = one;
    // A first look without a turn: a dead or healthy miner must not keep its neighbours from theirs.
    const first = await ports.read(miner, stopping.signal);
    if (!stillReceived(command.cmdId) || stopping.signal.aborted) return;
    const no = readingRefusal(command, first);
    if (no !== null) return refuse(command.cmdId, no);
    const turn = await turns.take(miners.get(miner)?.feeds ?? [], receivedMs + command.ttlMs);
    if (stopping.signal.aborted) return turn?.end(false);
    if (turn === null) return refuse(command.cmdId, { why: 'expired', detail: 'no turn came under its feeds in time' });
    let acted = false;
    try {
      acted = await atTurn(one, first, turn);
    } finally {
      turn.end(acted);
    }
  };

  const begin = (one: Open): void => {
    open.set(one.miner, one.command.cmdId);
    const work = run(one)
      .catch((error: unknown) => refuse(one.command.cmdId, { why: 'expired', detail: `not begun: ${String(error)}` }))
      .finally(() => {
        open.delete(one.miner);
        running.delete(work);
      });
    running.add(work);
  };

  return {
    take(command) {
      const known = settler.find(command.cmdId);
      if (known !== null) return { taken: true, entry: known };
      if (stopping.signal.aborted || !ports.roomForAct() || settler.fault() !== null)
        return { taken: false, entry: null };
      const receivedMs = realClock.monoMs();
      const entry = received(command, nowMs());
      const tooMany = open.size >= OPEN_MAX ? { why: 'busy' as const, detail: `${OPEN_MAX} orders are open` } : null;
      const no = refusal(command, facts(command, receivedMs)) ?? tooMany;
      try {
        journal.write(no === null ? entry : notExecuted(entry, no.why, { atMs: nowMs(), detail: no.detail }));
        journal.raiseEpoch(command.siteEpoch);
      } catch {
        return { taken: false, entry: null };
      }
      if (no === null) begin({ command, miner: minerId(command.miner), receivedMs });
      return { taken: true, entry: null };
    },
    revoke(cmdIds) {
      for (const cmdId of cmdIds) refuse(cmdId, { why: 'revoked', detail: 'the controller took it back' });
      return cmdIds.flatMap((cmdId) => settler.find(cmdId) ?? []);
    },
    journal: (cmdIds) => cmdIds.flatMap((cmdId) => settler.find(cmdId) ?? []),
    async recover() {
      const left = journal.open();
      for (const { entry, actedMs } of journal.actsSince(nowMs() - DAY_MS)) {
        if (declined(entry.result)) continue;
        const agoMs = Math.max(0, nowMs() - actedMs);
        booting.acted(minerId(entry.miner), siteClock.monoMs() - agoMs);
      }
      for (const entry of left) if (entry.state === 'RECEIVED') settler.write(unbegun(entry, nowMs()));
      const acting = left.filter((entry) => entry.state === 'ACTING');
      for (const entry of acting) open.set(minerId(entry.miner), entry.cmdId);
      await Promise.all(
        acting.map(async (entry) => {
          const { snapshot } = await ports.read(minerId(entry.miner), stopping.signal);
          if (!stopping.signal.aborted) settler.write(resolveActing(entry, snapshot, nowMs()));
          open.delete(minerId(entry.miner));
        }),
      );
    },
    saw: (miner, snapshot) => booting.saw(miner, snapshot, siteClock.monoMs()),
    degraded: () => settler.fault(),
    async stop() {
      stopping.abort();
      turns.stop();
      await Promise.allSettled([...running]);
      settler.stop();
    },
  };
}
