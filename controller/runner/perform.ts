import type { AgentId, MinerId } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import type { CommandAnswer, JournalAnswer } from '../../shared/messages.ts';
import type { AgentLinks, Reply } from '../link/link.ts';
import type { Performers } from '../restart/perform.ts';
import type { RestartEvent } from '../restart/restart.ts';

export type PerformOptions = Readonly<{
  links: AgentLinks;
  epoch: number;
  /** Whether the site is restored at this instant. */
  restored(): boolean;
  /** What an agent's answer says. */
  tell(event: RestartEvent): void;
  log: Log;
}>;

/**
 * Carries effects out. Each resolves when it is done for good, whatever came of it: an order that got no answer is
 * asked after, never sent again, and an agent that comes back is asked about everything that is in doubt.
 */
export function performers({ links, epoch, restored, tell, log }: PerformOptions): Performers {
  const asked = (agent: AgentId, of: { miner: MinerId; cmdId: string }, reply: Reply<JournalAnswer>): void => {
    if (!reply.ok) {
      log.info({ agent, cmdId: of.cmdId, why: reply.why, detail: reply.detail }, 'no answer about an order');
      return;
    }
    const entry = reply.answer.entries.find(({ cmdId }) => cmdId === of.cmdId);
    if (entry === undefined) tell({ kind: 'absent', miner: of.miner, cmdId: of.cmdId });
    else tell({ kind: 'journal', entry });
  };
  const journal = batched((agent, cmdIds) => links.journal(agent, cmdIds));
  const revoke = batched((agent, cmdIds) => links.revoke(agent, cmdIds));

  return {
    async order({ agent, command }) {
      // Decided by an earlier process: nobody knows whether it was sent, so it is asked after and never sent again.
      if (command.siteEpoch < epoch) return;
      // Decided a moment before the link was lost: it is not sent, so nobody has it.
      if (!restored()) {
        log.warn({ agent, cmdId: command.cmdId, miner: command.miner }, 'order not sent: the site is not restored');
        tell({ kind: 'absent', miner: command.miner as MinerId, cmdId: command.cmdId });
        return;
      }
      const reply = await links.command(agent, command);
      log.info({ agent, cmdId: command.cmdId, miner: command.miner, action: command.action, ...brief(reply) }, 'order');
      if (reply.ok && reply.answer.entry !== null) tell({ kind: 'journal', entry: reply.answer.entry });
    },
    ask: async (effect) => asked(effect.agent, effect, await journal(effect.agent, effect.cmdId)),
    revoke: async (effect) => asked(effect.agent, effect, await revoke(effect.agent, effect.cmdId)),
    async ticket({ miner, reason, evidence }) {
      log.warn({ miner, reason, evidence }, 'ticket');
    },
    async log() {
      // Saved with the decision itself.
    },
  };
}

const brief = (reply: Reply<CommandAnswer>): object =>
  reply.ok ? { taken: reply.answer.taken } : { taken: false, why: reply.why };

type Ask = (agent: AgentId, cmdIds: readonly string[]) => Promise<Reply<JournalAnswer>>;

const IDS_MAX = 500; // of one call: with all their details the answer still fits a frame

/** Questions to one agent that come up in the same turn go out in one call. */
function batched(ask: Ask): (agent: AgentId, cmdId: string) => Promise<Reply<JournalAnswer>> {
  const open = new Map<AgentId, { cmdIds: string[]; answer: Promise<Reply<JournalAnswer>> }>();
  return (agent, cmdId) => {
    const known = open.get(agent);
    if (known !== undefined && known.cmdIds.length < IDS_MAX) {
      known.cmdIds.push(cmdId);
      return known.answer;
    }
    const cmdIds = [cmdId];
    const answer = Promise.resolve().then((): Promise<Reply<JournalAnswer>> => {
      if (open.get(agent)?.cmdIds === cmdIds) open.delete(agent);
      return ask(agent, cmdIds);
    });
    open.set(agent, { cmdIds, answer });
    return answer;
  };
}
