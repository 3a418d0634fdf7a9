import { monitorEventLoopDelay } from 'node:perf_hooks';
import si from 'systeminformation';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';

/** How the farm host is; null is what could not be learned, and `degraded` says why. */
export type Vitals = Readonly<{
  cpuPct: number | null;
  memoryUsedPct: number | null;
  diskUsedPct: number | null;
  temperatureC: number | null;
  uptimeS: number | null;
  eventLoopLagMs: number | null;
  degraded: readonly string[];
}>;

export type Host = Readonly<{ start(): void; latest(): Vitals | null; stop(): Promise<void> }>;

type Lag = ReturnType<typeof monitorEventLoopDelay>;

const EVERY_MS = millis(60_000); // some of them are processes: more often they cost more than all probing
const ONE_MAX_MS = millis(3_000); // df on a dead network mount never answers
const LAG_RESOLUTION_MS = 100; // how often it wakes the process; what makes a probe late is a second
const NANOS_PER_MS = 1_000_000;

/** `clock` is the real one. */
export function createHost(clock: Clock): Host {
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  const stopping = new AbortController();
  let latest: Vitals | null = null;
  let cancel: Cancel = () => {};
  let reading: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    latest = await readVitals(clock, lag, stopping.signal);
    if (!stopping.signal.aborted) cancel = clock.after(EVERY_MS, again);
  };
  const again = (): void => {
    reading = read();
  };
  return {
    start() {
      lag.enable();
      again();
    },
    latest: () => latest,
    async stop() {
      stopping.abort();
      cancel();
      lag.disable();
      await reading;
    },
  };
}

async function readVitals(clock: Clock, lag: Lag, signal: AbortSignal): Promise<Vitals> {
  const degraded: string[] = [];
  const ask = async <T>(name: string, asked: () => Promise<T>): Promise<T | null> => {
    const value = await within(clock, signal, asked).catch((error: unknown) => {
      degraded.push(`host: ${name}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 200));
      return null;
    });
    return value;
  };
  const [load, memory, disks, heat] = await Promise.all([
    ask('load', () => si.currentLoad()),
    ask('memory', () => si.mem()),
    ask('disks', () => si.fsSize()),
    ask('temperature', () => si.cpuTemperature()),
  ]);
  const lagMs = Math.max(0, lag.percentile(99) / NANOS_PER_MS - LAG_RESOLUTION_MS);
  lag.reset();
  return {
    cpuPct: finite(load?.currentLoad),
    memoryUsedPct: memory === null || !(memory.total > 0) ? null : finite((memory.active / memory.total) * 100),
    // The fullest one: any of them can be ours.
    diskUsedPct: disks === null || disks.length === 0 ? null : finite(Math.max(...disks.map(({ use }) => use ?? 0))),
    temperatureC: finite(heat?.main),
    uptimeS: finite(si.time().uptime),
    eventLoopLagMs: finite(lagMs),
    degraded,
  };
}

const finite = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function within<T>(clock: Clock, signal: AbortSignal, asked: () => Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(null);
    const stop = (): void => {
      cancel();
      resolve(null);
    };
    const cancel = clock.after(ONE_MAX_MS, () => {
      signal.removeEventListener('abort', stop);
      reject(new Error(`no answer within ${ONE_MAX_MS} ms`));
    });
    signal.addEventListener('abort', stop, { once: true });
    asked()
      .then(resolve, reject)
      .finally(() => {
        cancel();
        signal.removeEventListener('abort', stop);
      });
  });
}
