import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createExecutor } from '../../../agent/execute/executor.ts';
import { openJournal } from '../../../agent/execute/journal.io.ts';
import type { ReadResult } from '../../../agent/execute/ports.ts';
import { openAgentDatabase } from '../../../agent/outbox/database.io.ts';
import { createOutbox } from '../../../agent/outbox/outbox.io.ts';
import { realClock } from '../../../shared/clock.io.ts';
import { minerId } from '../../../shared/ids.ts';
import { aCommand, aSnapshot, someCaps } from './builders.ts';

/**
 * A process that takes one order and lives only until its parent kills it. Its miner is two files: a line in `acts`
 * for every push, and the uptime to read. Prints where it is, one word a line.
 */
const [directory, mode] = process.argv.slice(2) as [string, 'take' | 'recover'];
const db = openAgentDatabase({ file: `${directory}/agent.db`, wallS: 1 });
const outbox = createOutbox({ db, clock: realClock });
const say = (word: string): void => void process.stdout.write(`${word}\n`);

async function look(): Promise<ReadResult> {
  const file = `${directory}/uptime`;
  const uptimeS = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 5_000;
  return { unreadable: null, detail: null, snapshot: aSnapshot({ uptimeS }) };
}

const executor = createExecutor({
  miners: new Map([[minerId('10.0.0.1'), { bootMs: 1_000, feeds: [] }]]),
  journal: openJournal({ ...db, append: outbox.append }),
  caps: someCaps(),
  glance: look,
  read: look,
  async act() {
    appendFileSync(`${directory}/acts`, 'reboot\n');
    say('acted');
    // The miner's answer never comes: this process is killed between ACTING and DONE.
    return new Promise(() => {});
  },
  notRestored: () => null,
  killSwitch: () => false,
  roomForAct: outbox.roomForAct,
  onActed() {},
  siteClock: realClock,
  realClock,
});

if (mode === 'recover') await executor.recover();
const { entry } = executor.take(aCommand({ ttlMs: 120_000 }));
say(entry === null ? 'took' : `${entry.state} ${entry.result ?? entry.notExecuted ?? ''}`.trim());
// Everything that the controller will hear, in its order.
for (const row of db.sql.prepare('select body from outbox order by boot_epoch, seq').all()) {
  say(`report ${(JSON.parse(String(row.body)) as { entry: { state: string } }).entry.state}`);
}
if (mode === 'recover') process.exit(0);
setInterval(() => {}, 1_000);
