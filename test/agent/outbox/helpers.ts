import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentDatabase, openAgentDatabase } from '../../../agent/outbox/database.io.ts';
import { createOutbox, type Outbox, type OutboxLimits } from '../../../agent/outbox/outbox.io.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import type { RecordBody } from '../../../shared/messages.ts';
import { unixMs } from '../../../shared/units.ts';

/** An outbox in a directory of its own that can be closed and opened again, as a process that ends and starts. */
export type Rig = {
  outbox: Outbox;
  db: AgentDatabase;
  clock: VirtualClock;
  restart(): void;
  remove(): void;
};

export function openRig(options: { limits?: OutboxLimits; maxBytes?: number } = {}): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'relight-outbox-'));
  const file = join(directory, 'agent.db');
  const clock = virtualClock(unixMs(1_700_000_000_000));
  const open = () => {
    const db = openAgentDatabase({ file, wallS: 1, ...(options.maxBytes ? { maxBytes: options.maxBytes } : {}) });
    return { db, outbox: createOutbox({ db, clock, ...(options.limits ? { limits: options.limits } : {}) }) };
  };
  const rig: Rig = {
    ...open(),
    clock,
    restart() {
      rig.db.close();
      Object.assign(rig, open());
    },
    remove() {
      rig.db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return rig;
}

export const aVerdict = (label: string): RecordBody => ({
  kind: 'verdict',
  uplink: 'isp-1',
  from: 'DOWN',
  to: 'PARTIAL',
  label,
  whyNot: null,
});

export const aJournal = (cmdId: string): RecordBody => ({
  kind: 'journal',
  entry: {
    cmdId,
    restart: 'r1',
    miner: '10.0.0.1',
    action: 'reboot',
    state: 'RECEIVED',
    notExecuted: null,
    result: null,
    detail: null,
    uptimeS: null,
    atMs: 0,
  },
});
