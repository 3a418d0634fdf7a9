import type { Command } from 'commander';
import { realClock } from '../shared/clock.io.ts';
import { sleep } from '../shared/clock.ts';
import { RelightError } from '../shared/errors.ts';
import { millis } from '../shared/units.ts';
import type { SiteView } from '../shared/view.ts';
import { askSite, controllerOption } from './api.ts';
import { liveViews } from './live.ts';
import { jsonOption, print } from './output.ts';
import { siteText } from './text/site.ts';

type Flags = Readonly<{ controller: string; watch?: boolean; json?: boolean }>;

const AGAIN_AFTER_MS = millis(1_000);
const CLEAR = '\u001b[2J\u001b[H';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('how a site stands: connectivity, power, agents, miners, the restart')
    .option('--watch', 'stay, and show what changes, until Ctrl-C')
    .addOption(controllerOption())
    .addOption(jsonOption())
    .action(status);
}

async function status(flags: Flags): Promise<void> {
  if (flags.watch && flags.json) throw new RelightError('USAGE', '--watch has no end, so it has no one JSON document');
  if (flags.watch) return watch(flags);
  const view = await askSite(flags.controller);
  print(flags, view, () => siteText(view));
}

async function watch({ controller }: Flags): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort()).once('SIGTERM', () => abort.abort());
  for (let first = true; !abort.signal.aborted; first = false) {
    try {
      for await (const view of liveViews(controller, abort.signal)) show(view);
    } catch (error) {
      if (abort.signal.aborted) return;
      // A controller that never answered is a wrong address; one that did comes back.
      if (first && error instanceof RelightError) throw error;
      process.stderr.write('the controller does not answer; asking again\n');
    }
    await sleep(realClock, AGAIN_AFTER_MS, abort.signal);
  }
}

let shown = '';

/** A terminal is redrawn; anything else gets a new text when there is one. */
function show(view: SiteView): void {
  const text = siteText(view);
  if (text === shown) return;
  shown = text;
  process.stdout.write(process.stdout.isTTY ? `${CLEAR}${text}\n` : `${text}\n\n`);
}
