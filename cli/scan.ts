import cliProgress from 'cli-progress';
import { type Command, Option } from 'commander';
import type { ScanHit } from '../agent/index.ts';
import { addressOf, type Span, spanOf } from '../config/addresses.ts';
import { RelightError } from '../shared/errors.ts';
import { millis } from '../shared/units.ts';
import { knownAt, openMiners, type TargetFlags, withLogin } from './miner-target.ts';
import { jsonOption, paint, print } from './output.ts';
import { known, table } from './text/units.ts';
import { whole } from './whole.ts';

type Flags = TargetFlags &
  Readonly<{ concurrency: number; rate: number; knockMs: number; wide?: boolean; listen?: number }>;

/** A /16: more is a slip of the pen, or somebody else's network. */
const ADDRESSES_MAX = 65_536;
const SHOWN_EVERY = 2_000; // addresses between two lines where no terminal shows a bar

export function registerScan(program: Command): void {
  const command = program
    .command('scan [ranges...]')
    .description('finds miners: 10.1.1.0/24, 10.1.1.1-10.1.2.40 or single addresses')
    .addOption(new Option('--rate <n>', 'addresses begun a second').argParser(whole(1, 5_000)).default(500))
    .addOption(new Option('--concurrency <n>', 'miners read at the same time').argParser(whole(1, 1_024)).default(128))
    .addOption(
      new Option('--knock-ms <n>', 'how long a port may take to open').argParser(whole(50, 10_000)).default(1_000),
    )
    .option('--wide', 'also more than a /16 (65 536 addresses)')
    .addOption(
      new Option('--listen <seconds>', 'instead of asking, hears miners whose button is pressed').argParser(
        whole(1, 86_400),
      ),
    );
  withLogin(command).addOption(jsonOption()).action(scanRanges);
}

async function scanRanges(ranges: readonly string[], flags: Flags): Promise<void> {
  if (flags.listen !== undefined && ranges.length > 0) {
    throw new RelightError('USAGE', 'scan either asks a range or hears with --listen: both cannot be meant');
  }
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  if (flags.listen !== undefined) await listen(flags, flags.listen, stopping.signal);
  else await ask(spansOf(ranges, flags), flags, stopping.signal);
  process.off('SIGINT', stop).off('SIGTERM', stop);
}

function spansOf(ranges: readonly string[], { wide }: Flags): readonly Span[] {
  if (ranges.length === 0) throw new RelightError('USAGE', 'scan needs a range, as in relight scan 10.1.1.0/24');
  const spans = apart(
    ranges.map((text) => {
      const span = spanOf(text);
      if (span !== null) return span;
      throw new RelightError('USAGE', `${text} is no range: 10.1.1.0/24, 10.1.1.1-10.1.2.40 or an address is expected`);
    }),
  );
  const total = spans.reduce((sum, span) => sum + span.count, 0);
  if (total > ADDRESSES_MAX && wide !== true) {
    throw new RelightError(
      'USAGE',
      `${total} addresses are more than a /16 (${ADDRESSES_MAX}): add --wide if that is meant`,
    );
  }
  return spans;
}

/** Every address once, however often it was named. */
function apart(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const { from, count } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || from > last.from + last.count) merged.push({ from, count });
    else merged[merged.length - 1] = { ...last, count: Math.max(last.count, from + count - last.from) };
  }
  return merged;
}

function* addressesOf(spans: readonly Span[]): Generator<string> {
  for (const { from, count } of spans) for (let i = 0; i < count; i++) yield addressOf(from + i);
}

async function ask(spans: readonly Span[], flags: Flags, signal: AbortSignal): Promise<void> {
  const { scan } = await import('../agent/index.ts');
  const total = spans.reduce((sum, span) => sum + span.count, 0);
  const hits: ScanHit[] = [];
  const knownMiners = knownAt(flags);
  const progress = progressOf(total);
  let tried = 0;
  await openMiners(flags, (miners) =>
    scan({
      miners,
      addresses: addressesOf(spans),
      portsAt: (address) => ({ ...knownMiners(address)[0]?.ports, ...flags.port }),
      concurrency: flags.concurrency,
      perSecond: flags.rate,
      knockMs: millis(flags.knockMs),
      signal,
      onHit: (hit) => void hits.push(hit),
      onTried(now) {
        tried = now;
        progress.update(now, hits.length);
      },
    }),
  );
  progress.stop();
  const found = inOrder(hits);
  print(flags, { tried, total, complete: tried === total, miners: found }, () => scanText(found, tried, total));
  if (tried < total) process.exitCode = 1;
}

const inOrder = (hits: readonly ScanHit[]): readonly ScanHit[] =>
  [...hits].sort((a, b) => (spanOf(a.address)?.from ?? 0) - (spanOf(b.address)?.from ?? 0));

type Shown = Readonly<{ update(tried: number, found: number): void; stop(): void }>;

/** On standard error, so that a document stays alone on standard output. */
function progressOf(total: number): Shown {
  if (!process.stderr.isTTY) {
    return {
      update(tried, found) {
        if (tried % SHOWN_EVERY === 0) process.stderr.write(`relight: ${tried} of ${total} tried, ${found} answer\n`);
      },
      stop() {},
    };
  }
  const format = '{bar} {value} of {total} tried, {found} answer, {eta_formatted} left';
  const bar = new cliProgress.SingleBar({ format, stream: process.stderr, clearOnComplete: true });
  bar.start(total, 0, { found: 0 });
  return { update: (tried, found) => bar.update(tried, { found }), stop: () => bar.stop() };
}

function scanText(hits: readonly ScanHit[], tried: number, total: number): string {
  const ended = tried < total ? paint('warn', ` of ${total}; ended early`) : '';
  const head = `${hits.length} answer on ${tried} addresses${ended}`;
  if (hits.length === 0) return head;
  const rows = hits.map((hit) => [
    hit.address,
    hit.family ?? 'unknown',
    known(hit.model),
    [hit.firmware, hit.firmwareVersion].filter(Boolean).join(' ') || '–',
    hit.miningState ?? '–',
    known(hit.hashrateThs),
    hit.why ?? '',
  ]);
  return `${table(['address', 'family', 'model', 'firmware', 'state', 'TH/s', ''], rows)}\n\n${head}`;
}

async function listen(flags: Flags, seconds: number, signal: AbortSignal): Promise<void> {
  const { listenForMiners } = await import('../agent/index.ts');
  const heard = new Map<string, { address: string; mac: string | null; make: string }>();
  process.stderr.write(`relight: listening for ${seconds} s; press the miners’ IP report button\n`);
  await listenForMiners({
    signal: AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_000)]),
    onAnnounced(one) {
      heard.set(one.address, one);
      process.stderr.write(`relight: ${one.make} at ${one.address}\n`);
    },
  });
  const all = [...heard.values()];
  print(flags, { announced: all }, () =>
    all.length === 0
      ? 'nobody was heard'
      : table(
          ['address', 'mac', 'make'],
          all.map((one) => [one.address, one.mac ?? '–', one.make]),
        ),
  );
}
