import { expect, test } from '@jest/globals';
import type { AgentLinks } from '../../../controller/link/link.ts';
import type { RestartEvent } from '../../../controller/restart/restart.ts';
import { performers } from '../../../controller/runner/perform.ts';
import type { Command, JournalEntry } from '../../../shared/command.ts';
import { agentId, minerId } from '../../../shared/ids.ts';
import { silentLog } from '../../../shared/log.ts';
import { entryOf } from '../agent.ts';

const agent = agentId('a1');
const miner = minerId('10.0.0.1');
const order = (cmdId: string, siteEpoch: number): Command => ({
  cmdId,
  restart: 'r',
  miner,
  attempt: 1,
  action: 'reboot',
  siteEpoch,
  planHash: '',
  precond: { healthyThs: null, uptimeS: null, miningState: null },
  ttlMs: 500,
  reservation: { steadyW: 1, bootOverheadW: 1 },
});

/** An agent with this journal, at the other end of a link. */
function anAgentWith(journal: readonly JournalEntry[], restored = () => true) {
  const calls: string[] = [];
  const told: RestartEvent[] = [];
  const find = async (action: string, cmdIds: readonly string[]) => {
    calls.push(`${action} ${cmdIds.join(' ')}`);
    return { ok: true, answer: { entries: journal.filter(({ cmdId }) => cmdIds.includes(cmdId)) } } as const;
  };
  const links: AgentLinks = {
    isLinked: () => true,
    command: async (_, { cmdId }) => {
      calls.push(`command ${cmdId}`);
      return { ok: true, answer: { taken: true, entry: journal.find((entry) => entry.cmdId === cmdId) ?? null } };
    },
    journal: (_, cmdIds) => find('journal', cmdIds),
    revoke: (_, cmdIds) => find('revoke', cmdIds),
  };
  const perform = performers({ links, epoch: 2, restored, tell: (event) => told.push(event), log: silentLog });
  return { perform, calls, told };
}

test('an order of this epoch goes out; one that an earlier process decided on never does', async () => {
  const { perform, calls } = anAgentWith([]);
  await perform.order({ kind: 'order', agent, command: order('ours', 2) });
  await perform.order({ kind: 'order', agent, command: order('theirs', 1) });
  expect(calls).toEqual(['command ours']);
});

test('an order that the agent knew already is told as its journal has it', async () => {
  const entry = entryOf(order('ours', 2), 'DONE');
  const { perform, told } = anAgentWith([entry]);
  await perform.order({ kind: 'order', agent, command: order('ours', 2) });
  expect(told).toEqual([{ kind: 'journal', entry }]);
});

test('questions that come up together go out in one call, and what the agent never had is absent', async () => {
  const entry = entryOf(order('known', 2), 'ACTING');
  const { perform, calls, told } = anAgentWith([entry]);
  const of = (cmdId: string) => ({ kind: 'ask', agent, miner, cmdId }) as const;
  await Promise.all([
    perform.ask(of('known')),
    perform.ask(of('lost')),
    perform.revoke({ ...of('x'), kind: 'revoke' }),
  ]);
  expect(calls).toEqual(['journal known lost', 'revoke x']);
  expect(told).toEqual([
    { kind: 'journal', entry },
    { kind: 'absent', miner, cmdId: 'lost' },
    { kind: 'absent', miner, cmdId: 'x' },
  ]);
});

test('an order that was decided a moment before the link was lost is not sent, and is free again', async () => {
  let restored = true;
  const { perform, calls, told } = anAgentWith([], () => restored);
  await perform.order({ kind: 'order', agent, command: order('first', 2) });
  restored = false;
  await perform.order({ kind: 'order', agent, command: order('second', 2) });
  expect(calls).toEqual(['command first']);
  expect(told).toEqual([{ kind: 'absent', miner, cmdId: 'second' }]);
});

test('no answer says nothing: the order stays in doubt', async () => {
  const told: RestartEvent[] = [];
  const gone = async () => ({ ok: false, why: 'timeout', detail: '' }) as const;
  const links: AgentLinks = { isLinked: () => true, command: gone, journal: gone, revoke: gone };
  const perform = performers({
    links,
    epoch: 2,
    restored: () => true,
    tell: (event) => told.push(event),
    log: silentLog,
  });
  await perform.order({ kind: 'order', agent, command: order('ours', 2) });
  await perform.ask({ kind: 'ask', agent, miner, cmdId: 'ours' });
  expect(told).toEqual([]);
});
