import { styleText } from 'node:util';
import cliProgress from 'cli-progress';
import type { SiteView } from '../../shared/view.ts';
import type { Scene } from './script.ts';

/** Shows how the story goes. Nothing of it is on standard output, which may carry a document. */
export type Progress = Readonly<{
  scene(scene: Scene): void;
  update(view: SiteView, now: PlantNow): void;
  note(text: string): void;
  stop(): void;
}>;

/** What the plant itself draws, beside what the controller believes. */
export type PlantNow = Readonly<{ drawW: number; capW: number }>;

const LINE_EVERY_MS = 10_000;

export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? bars(stream) : lines(stream);
}

/** Plain lines: each scene, and now and then where it stands. */
function lines(stream: NodeJS.WriteStream): Progress {
  let lastMs = Number.NEGATIVE_INFINITY;
  let firstMs: number | null = null;
  const write = (text: string): void => {
    stream.write(`${text}\n`);
  };
  return {
    scene: ({ scene, text }) => write(`[${scene}] ${text}`),
    note: write,
    update(view, now) {
      firstMs ??= view.nowMs;
      if (view.nowMs - lastMs < LINE_EVERY_MS) return;
      lastMs = view.nowMs;
      const stamp = `${Math.round((view.nowMs - firstMs) / 1_000)} s`.padStart(6);
      write(`${stamp}  ${standing(view)} · ${kilo(now.drawW)} of ${kilo(now.capW)} kW · ${waiting(view)}`);
    },
    stop() {},
  };
}

const kilo = (w: number): string => (w / 1_000).toFixed(0);

export function standing(view: SiteView): string {
  const { state, label } = view.connectivity;
  const hashing = view.miners.filter(({ look }) => look === 'hashing').length;
  return `${label === null ? state : `${state}/${label}`} · ${hashing} of ${view.miners.length} hashing`;
}

/** What it waits for and why, in one line. */
export function waiting(view: SiteView): string {
  if (view.restart?.waitingFor) return `waits for ${view.restart.waitingFor}`;
  if (view.restart) return view.restart.haltReason ?? view.restart.state;
  const [fault] = view.degraded;
  const { whyNot, holdRemainingMs } = view.connectivity;
  if (holdRemainingMs !== null) return `hold: ${Math.ceil(holdRemainingMs / 1_000)} s left`;
  if (fault !== undefined) return fault;
  if (whyNot !== null) return `not restored: ${whyNot}`;
  const idle = view.miners.filter(({ look }) => look !== 'hashing').length;
  return idle === 0 ? 'nothing to do' : `${idle} do not hash while the connection counts as up`;
}

type Bars = Readonly<{ power: cliProgress.SingleBar; hashing: cliProgress.SingleBar; waves: cliProgress.SingleBar[] }>;

function bars(stream: NodeJS.WriteStream): Progress {
  const multi = new cliProgress.MultiBar(
    { stream, format: '{name} {bar} {figures}', hideCursor: true, clearOnComplete: false, barsize: 34, fps: 4 },
    cliProgress.Presets.shades_grey,
  );
  const all: Bars = {
    power: multi.create(1, 0, { name: pad('power'), figures: '' }),
    hashing: multi.create(1, 0, { name: pad('hashing'), figures: '' }),
    waves: [],
  };
  return {
    scene: ({ scene, text }) => multi.log(`${styleText('bold', scene)}  ${text}\n`),
    note: (text) => multi.log(`${text}\n`),
    update: (view, now) => draw(multi, all, { view, now }),
    stop: () => multi.stop(),
  };
}

const pad = (name: string): string => name.padEnd(9);

function draw(multi: cliProgress.MultiBar, all: Bars, { view, now }: { view: SiteView; now: PlantNow }): void {
  all.power.setTotal(now.capW);
  all.power.update(now.drawW, { figures: `${kilo(now.drawW)} of ${kilo(now.capW)} kW` });
  const hashing = view.miners.filter(({ look }) => look === 'hashing').length;
  all.hashing.setTotal(view.miners.length);
  all.hashing.update(hashing, { figures: `${standing(view)} · ${waiting(view)}` });
  for (const wave of view.restart?.waves ?? []) {
    const bar = all.waves[wave.index] ?? multi.create(wave.miners, 0, { name: pad(`wave ${wave.index}`), figures: '' });
    all.waves[wave.index] = bar;
    bar.update(wave.healthy, {
      figures: `${wave.healthy} of ${wave.miners} · ${wave.state}${wave.why ? ` · ${wave.why}` : ''}`,
    });
  }
}
