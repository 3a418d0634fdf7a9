import { Compile } from 'typebox/compile';
import type { AgentId } from '../../shared/ids.ts';
import { CommandAnswer, JournalAnswer } from '../../shared/messages.ts';
import type { CallEnd } from './calls.ts';
import type { AgentLinks, Reply } from './link.ts';
import type { Registry } from './registry.ts';

type Callable = Readonly<{ call(action: string, payload: unknown): Promise<CallEnd> }>;

const commandAnswer = Compile(CommandAnswer);
const journalAnswer = Compile(JournalAnswer);

/** Calls by agent, on whatever connection the agent has at that moment; answers are checked before anyone sees them. */
export function agentLinks(registry: Registry<Callable>): AgentLinks {
  const call = async (agent: AgentId, action: string, payload: unknown): Promise<CallEnd | null> =>
    (await registry.get(agent)?.call(action, payload)) ?? null;
  return {
    isLinked: (agent) => registry.get(agent) !== null,
    command: async (agent, command) => checked(await call(agent, 'command', { command }), commandAnswer),
    revoke: async (agent, cmdIds) => checked(await call(agent, 'revoke', { cmdIds }), journalAnswer),
    journal: async (agent, cmdIds) => checked(await call(agent, 'journal', { cmdIds }), journalAnswer),
  };
}

type Shape<Answer> = Readonly<{ Check(value: unknown): value is Answer }>;

function checked<Answer>(end: CallEnd | null, shape: Shape<Answer>): Reply<Answer> {
  if (end === null) return { ok: false, why: 'not_linked', detail: 'the agent is not linked' };
  if (!end.ok) return end;
  if (!shape.Check(end.payload)) return { ok: false, why: 'malformed', detail: 'not a valid answer' };
  return { ok: true, answer: end.payload };
}
