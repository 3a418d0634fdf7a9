import { createMiners, loadCredentials } from '../../agent/index.ts';
import { loadAgentConfig, loadControllerConfig } from '../../config/load.io.ts';
import type { Miner } from '../../config/site.ts';
import { startController } from '../../controller/index.ts';
import { scaledClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { silentLog } from '../../shared/log.ts';
import { millis, unixMs } from '../../shared/units.ts';
import type { SiteView } from '../../shared/view.ts';

/**
 * A controller whose planner is replaced by what people do by hand: ten miners every five seconds, in the order of the
 * list, as soon as the internet is back. For tests only: it shows that the plant's meter can fail.
 */
const PACKET = 10;
const EVERY_MS = 5_000;

const [, , , , configFile = '', , clockText = '1@0'] = process.argv;
const [rate = 1, origin = 0] = clockText.split('@').map(Number);
const clock = scaledClock(rate, unixMs(origin));

const config = loadControllerConfig(configFile);
const idle = { ...config.site.restart, approval: { ...config.site.restart.approval, mode: 'person' as const } };
const running = await startController({
  config: { ...config, site: { ...config.site, restart: idle } },
  clock,
  log: silentLog,
});
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));

const { credentialsFile } = loadAgentConfig(configFile.replace('controller.yaml', 'a1.yaml'));
const miners = createMiners({ credentials: loadCredentials(credentialsFile), deadlineMs: millis(3_000) });

await backAgain();
for (const packet of packets([...config.site.miners.values()])) {
  // Nobody waits for an answer before the next ten.
  for (const miner of packet) void miners.act(miner, { action: 'reboot' });
  await sleep(clock, millis(EVERY_MS));
}

/** The outage has ended: the controller waits for a person, as people say that they do not. */
async function backAgain(): Promise<void> {
  for (let back = false; !back; ) {
    await sleep(clock, millis(500));
    back = (await view())?.restart?.state === 'AWAITING_APPROVAL';
  }
}

async function view(): Promise<SiteView | null> {
  const { host, port } = running.pageAt;
  const response = await fetch(`http://${host}:${port}/api/v1/site`).catch(() => null);
  return response?.ok ? ((await response.json()) as SiteView) : null;
}

function* packets(all: readonly Miner[]): Generator<readonly Miner[]> {
  for (let at = 0; at < all.length; at += PACKET) yield all.slice(at, at + PACKET);
}
