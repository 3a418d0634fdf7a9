import type { Log } from '../shared/log.ts';

const STOP_WITHIN_MS = 1_900; // whoever asked us to stop has 2 s
const AGAIN = 130; // a second Ctrl-C means now

type Daemon = Readonly<{ stop(): Promise<void> }>;

/**
 * Runs until SIGINT, SIGTERM, or the death of the process that started us with a channel, then stops and exits 0.
 * A signal during the start is kept: what was started is stopped at once.
 */
export async function runDaemon(start: () => Promise<Daemon>, log: Log): Promise<void> {
  const asked = stopAsked();
  const daemon = await start();
  log.info({ by: await asked }, 'stopping');
  const late = setTimeout(() => {
    log.warn({ afterMs: STOP_WITHIN_MS }, 'not everything stopped in time');
    process.exit(0);
  }, STOP_WITHIN_MS);
  await daemon.stop();
  clearTimeout(late);
  log.info({}, 'stopped');
  process.exit(0);
}

function stopAsked(): Promise<string> {
  return new Promise((resolve) => {
    let before = false;
    const onSignal = (signal: string): void => {
      if (before && signal === 'SIGINT') process.exit(AGAIN);
      before = true;
      resolve(signal);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    process.on('disconnect', () => resolve('disconnect'));
  });
}
