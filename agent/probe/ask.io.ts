import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import type { Evidence, Finding } from '../../shared/finding.ts';
import { millis } from '../../shared/units.ts';
import { codeOf } from './errno.ts';
import type { ProbeSpec, Probes } from './probe.ts';

// Every probe keeps its own deadline; this ends one that does not, so that no probe can hold up a round.
const OVERRUN_MS = 1_000;

/** Asks one question of the plan. Never rejects. */
export async function ask(probes: Probes, spec: ProbeSpec, signal: AbortSignal): Promise<Evidence> {
  const { uplink, layer, target, kind } = spec;
  await sleep(realClock, spec.delayMs, signal);
  const finding = signal.aborted ? ABORTED : await bounded(probes, spec, signal);
  return { uplink, layer, target, kind, finding };
}

// Without a reason of ours each end would make an exception with its stack, some hundreds a minute.
const OVER = 'over';
const ABORTED: Finding = { is: 'unknown', why: 'aborted' };

async function bounded(probes: Probes, spec: ProbeSpec, signal: AbortSignal): Promise<Finding> {
  const over = new AbortController();
  const overrun = sleep(realClock, millis(spec.timeoutMs + OVERRUN_MS), over.signal).then(
    (): Finding => ({ is: 'unknown', why: 'ownFault', detail: 'the probe overran its deadline' }),
  );
  try {
    const probe = probes[spec.layer](spec, AbortSignal.any([signal, over.signal]));
    return await Promise.race([probe, overrun]);
  } catch (error) {
    return { is: 'unknown', why: 'ownFault', detail: codeOf(error) };
  } finally {
    over.abort(OVER);
  }
}
