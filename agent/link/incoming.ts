import { Compile } from 'typebox/compile';
import type { Command, JournalEntry } from '../../shared/command.ts';
import { FRAME_MAX_BYTES, type FrameErrorCode } from '../../shared/frame.ts';
import { CommandCall, JournalCall, RevokeCall } from '../../shared/messages.ts';

/** Who carries out what the controller calls for. All of it answers at once: an act itself takes its own time. */
export type Orders = Readonly<{
  take(command: Command): Readonly<{ taken: boolean; entry: JournalEntry | null }>;
  revoke(cmdIds: readonly string[]): readonly JournalEntry[];
  journal(cmdIds: readonly string[]): readonly JournalEntry[];
}>;

export type Answered =
  | Readonly<{ ok: true; payload: unknown }>
  | Readonly<{ ok: false; code: FrameErrorCode; description: string; bad: boolean }>;

const command = Compile(CommandCall);
const revoke = Compile(RevokeCall);
const journal = Compile(JournalCall);

/** Answers a call of the controller. Never throws: a fault of ours is an InternalError, and the link goes on. */
export function answerCall(orders: Orders, action: string, payload: unknown): Answered {
  try {
    return answer(orders, action, payload);
  } catch (error) {
    return { ok: false, code: 'InternalError', description: String(error).slice(0, 200), bad: false };
  }
}

function answer(orders: Orders, action: string, payload: unknown): Answered {
  switch (action) {
    case 'command':
      return command.Check(payload) ? { ok: true, payload: orders.take(payload.command) } : violation(action);
    case 'revoke':
      return revoke.Check(payload) ? entries(orders.revoke(payload.cmdIds)) : violation(action);
    case 'journal':
      return journal.Check(payload) ? entries(orders.journal(payload.cmdIds)) : violation(action);
    default: // a newer controller may know more than we do: no fault of its own
      return { ok: false, code: 'NotImplemented', description: action.slice(0, 64), bad: false };
  }
}

const ENTRIES_MAX_BYTES = FRAME_MAX_BYTES - 1_024;

/**
 * Never a part of what was found: an id that is missing in the answer counts as never heard of, and its reservation
 * would be freed. What does not fit goes without its details, and else not at all.
 */
function entries(found: readonly JournalEntry[]): Answered {
  const fits = (some: readonly JournalEntry[]): boolean => Buffer.byteLength(JSON.stringify(some)) <= ENTRIES_MAX_BYTES;
  const brief = fits(found) ? found : found.map((entry) => ({ ...entry, detail: null }));
  if (fits(brief)) return { ok: true, payload: { entries: brief } };
  return {
    ok: false,
    code: 'PropertyConstraintViolation',
    description: 'too many for one answer: ask for fewer',
    bad: false,
  };
}

const violation = (action: string): Answered => ({
  ok: false,
  code: 'PropertyConstraintViolation',
  description: `not a valid ${action}`,
  bad: true,
});
