import { type Command, Option } from 'commander';
import { createProgress } from './demo/progress.ts';
import { type Demo, runDemo } from './demo/run.ts';
import { STORIES, type StoryName } from './demo/story.ts';
import { summaryText } from './demo/text.ts';
import { whole } from './whole.ts';

type Flags = Readonly<{
  miners: number;
  seed: number;
  fast: boolean;
  json: boolean;
  story: StoryName;
  serve: boolean;
}>;

const MINERS_MAX = 2_000; // more listeners than that want a farm in a process of its own

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('the whole story on a virtual farm: the internet goes, comes back, and the farm restarts in stages')
    .addOption(new Option('--miners <n>', 'how many virtual miners').default(240).argParser(whole(12, MINERS_MAX)))
    .addOption(
      new Option('--seed <n>', 'deals faults and chance; the same seed tells the same story').argParser(
        whole(0, 2 ** 31),
      ),
    )
    .addOption(
      new Option('--story <name>', 'outage ends well; bad-feed ends halted').choices([...STORIES]).default('outage'),
    )
    .option('--fast', 'site time runs ten times as fast as real time', false)
    .option('--serve', 'keep serving the page afterwards, until Ctrl-C', false)
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText('after', '\nExit code: 0 when every promise held, 1 when one did not.\n')
    .action(async (flags: Flags) => {
      process.exitCode = await demo({ ...flags, seed: flags.seed ?? Date.now() % 1_000_000 });
    });
}

const INTERRUPTED = 130;

export async function demo(flags: Flags): Promise<number> {
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const progress = createProgress(process.stderr);
  try {
    const told = await runDemo({
      ...flags,
      progress,
      signal: abort.signal,
      onRunning: ({ page }) => progress.note(`page: ${page}   seed: ${flags.seed}`),
    });
    progress.stop();
    return await finish(flags, told, abort.signal);
  } catch (error) {
    progress.stop();
    if (abort.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function finish({ json, serve }: Flags, told: Demo, signal: AbortSignal): Promise<number> {
  const { summary, running, stop } = told;
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  if (serve && !signal.aborted) {
    process.stderr.write(`\nthe page stays: ${running.page}   Ctrl-C ends it\n`);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  await stop();
  return summary.promises.every(({ held }) => held) ? 0 : 1;
}
