import type { Command } from 'commander';
import { diagnoseOnce } from '../agent/index.ts';
import { RelightError } from '../shared/errors.ts';
import { group } from './group.ts';
import { registerActs } from './miner-act.ts';
import { atMiner, loginHint, type TargetFlags, withTarget } from './miner-target.ts';
import { jsonOption, print } from './output.ts';
import { minerText } from './text/miner.ts';

type Reading = Parameters<typeof diagnoseOnce>[0];

export function registerMiner(program: Command): void {
  const miner = group(program, 'miner', 'one miner, asked directly');
  withTarget(miner.command('read').description('one snapshot; without a login, only what the miner tells anyone'))
    .addOption(jsonOption())
    .action(read);
  registerActs(miner);
}

/** The document where there is no snapshot to be it. */
function withoutSnapshot(ip: string, reading: Reading): object {
  const { condition, rung, evidence } = diagnoseOnce(reading);
  const { unreadable, detail } = reading;
  return { ip, unreadable, detail, snapshot: null, health: { condition, rung, evidence } };
}

async function read(host: string, flags: TargetFlags): Promise<void> {
  const reading = await atMiner(host, flags, (miners, target) => miners.read(target));
  const hint = reading.noPassword ? loginHint(flags) : null;
  const detail = [reading.detail, hint].filter(Boolean).join('; ');
  const why = [reading.unreadable, detail].filter(Boolean).join(': ');
  const { snapshot } = reading;
  if (snapshot === null) {
    if (flags.json) print(flags, withoutSnapshot(host, reading), () => '');
    throw new RelightError('MINER_UNREADABLE', `${host} could not be read: ${why}`, {
      host,
      unreadable: reading.unreadable,
    });
  }
  if (why !== '') process.stderr.write(`relight: ${host} was read in part: ${why}\n`);
  print(flags, snapshot, () => minerText(snapshot, diagnoseOnce(reading)));
}
