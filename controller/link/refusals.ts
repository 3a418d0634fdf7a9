import type { Clock } from '../../shared/clock.ts';

/** Who a peer said it was, unproven. */
export type Stranger = Readonly<{ agent: string; key: string | null }>;

/** The last few that were sent away for their keys: whoever sets a farm up looks for them. */
export type Refusals = Readonly<{
  note(stranger: Stranger): void;
  /** It has linked: its key is known now. */
  forget(agent: string): void;
  /** One line each, the newest last. */
  said(): readonly string[];
}>;

const KEPT_MAX = 8; // anybody can knock under any name
const KEPT_MS = 600_000; // an agent tries again within about a minute: one that is gone is no news
const RAW_KEY = /^[A-Za-z0-9+/]{43}=$/;

export function createRefusals(real: Clock): Refusals {
  const kept = new Map<string, Readonly<{ key: string | null; atMs: number }>>();
  return {
    note({ agent, key }) {
      kept.delete(agent);
      kept.set(agent, { key, atMs: real.monoMs() });
      const [oldest] = kept.keys();
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    },
    forget: (agent) => void kept.delete(agent),
    said: () =>
      [...kept]
        .filter(([, { atMs }]) => real.monoMs() - atMs < KEPT_MS)
        .map(([agent, { key }]) => text(printable(agent), key)),
  };
}

function text(agent: string, key: string | null): string {
  const line = key !== null && RAW_KEY.test(key) ? `${agent}: ${key}` : `${agent}: KEY, which its log has`;
  return `agent ${agent} was refused, its key is unknown. If the key is the one in that agent's log, add it to agentKeys of the controller's file and restart the controller: ${line}`;
}

/** An unproven peer chose the name, and a terminal shows it. */
const printable = (name: string): string => name.replace(/[^\x20-\x7e]/g, '?');
