import { join } from 'node:path';
import { loadSite } from '../../config/load.io.ts';
import { scaledClock } from '../../shared/clock.io.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import { RelightError } from '../../shared/errors.ts';
import { seededRandom } from '../../shared/random.ts';
import { millis, unixMs } from '../../shared/units.ts';
import type { SiteView } from '../../shared/view.ts';
import { type Farm, type Internet, loopbackPlaces, startFarm, startInternet } from '../../sim/index.ts';
import { type DemoFiles, writeFiles } from './files.ts';
import { freeEndpoint } from './ports.ts';
import { type ProcessSpec, type Supervised, supervise } from './processes.ts';
import type { PlantNow, Progress } from './progress.ts';
import { playOutage } from './script.ts';
import { PACES, siteText } from './site.ts';
import { dealStory, type Story, type StoryName } from './story.ts';
import { type DemoSummary, summarise } from './summary.ts';
import { watchController } from './watch.ts';

const FAST_RATE = 10;
const BREAKER_TAU_MS = 3_000; // a breaker as quick as the demo's boots are short
const LOOK_EVERY_REAL_MS = 100;
const UP_WITHIN_REAL_MS = 20_000;

export type DemoOptions = Readonly<{
  story: StoryName;
  miners: number;
  seed: number;
  fast: boolean;
  progress: Progress;
  signal: AbortSignal;
  /** Starts the controller's process; tests put another policy in its place. */
  controllerMain?: string;
  /** Called when everything runs; tests kill processes here. */
  onRunning?(running: Running): void;
}>;

export type Running = Readonly<{ page: string; processes: readonly Supervised[]; farm: Farm; dir: string }>;
export type Demo = Readonly<{ summary: DemoSummary; running: Running; stop(): Promise<void> }>;

/** Plays the story to its end and leaves everything running; whoever calls stops it. Stops by itself on failure. */
export async function runDemo(options: DemoOptions): Promise<Demo> {
  const rate = options.fast ? FAST_RATE : 1;
  const origin = unixMs(Date.now());
  const closers: Closer[] = [];
  const stop = (): Promise<void> => closeAll(closers);
  try {
    const world = await startWorld(options, scaledClock(rate, origin), closers);
    const told = await play(options, { ...world, siteClock: `${rate}@${origin}` }, closers);
    return { ...told, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Closer = () => void | Promise<void>;

/** Newest first, as each rests on those before it. */
async function closeAll(closers: Closer[]): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

type World = Readonly<{
  story: Story;
  clock: Clock;
  internet: Internet;
  farm: Farm;
  files: DemoFiles;
  page: string;
}>;

async function startWorld(options: DemoOptions, clock: Clock, closers: Closer[]): Promise<World> {
  const internet = await startInternet({ seed: options.seed, clock });
  closers.push(internet.stop);
  const story = await makeStory(options);
  const pageAt = await freeEndpoint();
  const pace = PACES[options.fast ? 'fast' : 'normal'];
  const files = writeFiles({
    siteText: siteText(story, internet.at, pace),
    agentsAt: await freeEndpoint(),
    pageAt,
    pollMs: pace.pollMs,
  });
  closers.push(files.remove);
  const farm = await startFarm({
    site: loadSite(files.siteFile),
    faults: story.faults,
    clock,
    random: seededRandom(options.seed),
    seed: options.seed,
    poolServes: internet.poolServes,
    breakerTauMs: BREAKER_TAU_MS,
  });
  closers.push(farm.stop);
  return { story, clock, internet, farm, files, page: `http://${pageAt.host}:${pageAt.port}` };
}

async function makeStory({ story, seed, miners }: DemoOptions): Promise<Story> {
  // Chance of its own: where two demos run on one machine, they must not ask for the same addresses for ever.
  const places = await loopbackPlaces(miners, Math.random);
  return dealStory({ name: story, seed, places });
}

function daemons(options: DemoOptions, files: DemoFiles, clock: string): readonly [ProcessSpec, ...ProcessSpec[]] {
  const main = options.controllerMain === undefined ? {} : { main: options.controllerMain };
  const controller = ['controller', '--config', files.controllerFile, '--site-clock', clock];
  const agents = files.agentFiles.map((file, i) => ({
    name: `a${i + 1}`,
    args: ['agent', '--config', file, '--site-clock', clock],
  }));
  return [{ name: 'controller', args: controller, ...main }, ...agents];
}

async function play(
  options: DemoOptions,
  world: World & { siteClock: string },
  closers: Closer[],
): Promise<Omit<Demo, 'stop'>> {
  const { farm, files, clock, internet, story, page } = world;
  const processes: Supervised[] = [];
  closers.push(async () => void (await Promise.all(processes.map((one) => one.stop()))));
  const watch = watchController(page);
  closers.push(watch.stop);
  const [controller, ...agents] = daemons(options, files, world.siteClock);
  processes.push(supervise(controller, files.dir));
  // Agents that find nobody back off, which is right on a farm and a waste of time here.
  await until(options, world, {
    holds: () => watch.view() !== null,
    withinMs: UP_WITHIN_REAL_MS * clock.rate,
    view: () => null,
  });
  processes.push(...agents.map((spec) => supervise(spec, files.dir)));
  const running: Running = { page, processes, farm, dir: files.dir };
  options.onRunning?.(running);
  const script = await playOutage({
    clock,
    internet: internet.set,
    view: watch.view,
    pushes: () => farm.meter().pushes.length,
    say: options.progress.scene,
    until: (holds, withinMs) => until(options, world, { holds, withinMs, view: watch.view }),
  });
  const view = await lastView(watch.fresh, files);
  return { summary: summarise({ story, script, meter: farm.meter(), view }), running };
}

type Until = Readonly<{ holds(): boolean; withinMs: number; view(): SiteView | null }>;

async function until(options: DemoOptions, world: World, { holds, withinMs, view }: Until): Promise<boolean> {
  const { clock, farm } = world;
  const endMs = clock.monoMs() + withinMs;
  while (clock.monoMs() < endMs) {
    options.signal.throwIfAborted();
    const now = view();
    if (now !== null) options.progress.update(now, plantNow(farm));
    if (holds()) return true;
    await sleep(clock, millis(Math.min(endMs - clock.monoMs(), LOOK_EVERY_REAL_MS * clock.rate)), options.signal);
  }
  return holds();
}

function plantNow(farm: Farm): PlantNow {
  const [root] = farm.feeds();
  return { drawW: root?.drawW ?? 0, capW: root?.capW ?? 1 };
}

async function lastView(fresh: () => Promise<SiteView | null>, files: DemoFiles): Promise<SiteView> {
  const view = await fresh();
  if (view === null) {
    const log = join(files.dir, 'controller.log');
    throw new RelightError('API_UNREACHABLE', `the demo's controller does not answer; its log is ${log}`);
  }
  return view;
}
