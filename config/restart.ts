import { type Millis, millis } from '../shared/units.ts';
import { ACK_MARGIN_MS, ACT_MARGIN_MS, COMMAND_TTL_MS, RESTART } from './defaults.ts';
import { FAMILY_TIMES } from './families.ts';
import { type Key, refuse, shown } from './fault.ts';
import type { RestartEntry } from './schema-restart.ts';
import type { FamilyTimes, HaltScope, RestartPolicy } from './site.ts';

const AT: Key = ['restart'];

/** Every key that is left out gets its default. */
export function restartOf(entry: RestartEntry): RestartPolicy {
  const policy = {
    order: entry.order ?? RESTART.order,
    observationMs: maybeMs(entry.observationMs),
    soakMs: millis(entry.soakMs ?? RESTART.soakMs),
    healthyPct: entry.healthyPct ?? RESTART.healthyPct,
    freshSamples: entry.freshSamples ?? RESTART.freshSamples,
    freshMs: millis(entry.freshMs ?? RESTART.freshMs),
    canary: { ...RESTART.canary, ...entry.canary },
    waves: entry.waves ?? RESTART.waves,
    gate: gateOf(entry.gate ?? {}),
    halt: haltOf(entry.halt ?? {}),
    command: commandOf(entry.command ?? {}),
    families: familiesOf(entry.families ?? {}),
    unknownMaxMs: millis(entry.unknownMaxMs ?? RESTART.unknownMaxMs),
    approval: approvalOf(entry.approval ?? {}),
    abortGraceMs: maybeMs(entry.abortGraceMs),
    ladder: ladderOf(entry.ladder ?? {}),
    agedMs: maybeMs(entry.agedMs),
    lateSelfStartPct: entry.lateSelfStartPct ?? RESTART.lateSelfStartPct,
    ledger: { ...RESTART.ledger, ...entry.ledger },
  };
  checkWaves(policy.waves);
  checkCanary(policy.canary);
  return policy;
}

const maybeMs = (value: number | undefined): Millis | null => (value === undefined ? null : millis(value));

type Part<Name extends keyof RestartEntry> = NonNullable<RestartEntry[Name]>;

const gateOf = (entry: Part<'gate'>): RestartPolicy['gate'] => ({
  failPct: entry.failPct ?? RESTART.gate.failPct,
  absoluteMax: entry.absoluteMax ?? null,
  minOk: entry.minOk ?? null,
  gateMs: millis(entry.gateMs ?? RESTART.gate.gateMs),
  waveDeadlineMs: maybeMs(entry.waveDeadlineMs),
  progressDeadlineMs: millis(entry.progressDeadlineMs ?? RESTART.gate.progressDeadlineMs),
});

const haltOf = ({ pdu, model, firmware, ...whole }: Part<'halt'>): RestartPolicy['halt'] => ({
  ...RESTART.halt,
  ...whole,
  pdu: scopeOf(RESTART.halt.pdu, pdu),
  model: scopeOf(RESTART.halt.model, model),
  firmware: scopeOf(RESTART.halt.firmware, firmware),
});

const scopeOf = (byDefault: HaltScope, entry: Part<'halt'>['pdu']): HaltScope => ({ ...byDefault, ...entry });

function commandOf(entry: Part<'command'>): RestartPolicy['command'] {
  const ttlMs = entry.ttlMs ?? COMMAND_TTL_MS;
  const { ackTimeoutMs = ttlMs + ACK_MARGIN_MS, actTimeoutMs = ttlMs + ACT_MARGIN_MS } = entry;
  // Before the order has expired silence proves nothing, and a second order could overtake the first.
  for (const [name, value] of Object.entries({ ackTimeoutMs, actTimeoutMs })) {
    if (value <= ttlMs)
      refuse('CONFIG_VALUE', [...AT, 'command', name], `is ${value}, expected more than ttlMs, ${ttlMs}`);
  }
  return { ttlMs: millis(ttlMs), ackTimeoutMs: millis(ackTimeoutMs), actTimeoutMs: millis(actTimeoutMs) };
}

const familiesOf = (entry: Part<'families'>): RestartPolicy['families'] =>
  new Map(Object.entries(FAMILY_TIMES).map(([name, times]) => [name, familyOf(times, entry[name])]));

const familyOf = (times: FamilyTimes, entry: Part<'families'>[string] = {}): FamilyTimes => ({
  waitMs: millis(entry?.waitMs ?? times.waitMs),
  graceMs: millis(entry?.graceMs ?? times.graceMs),
  hashDeadlineMs: millis(entry?.hashDeadlineMs ?? times.hashDeadlineMs),
});

const approvalOf = (entry: Part<'approval'>): RestartPolicy['approval'] => ({
  mode: entry.mode ?? RESTART.approval.mode,
  ttlMs: millis(entry.ttlMs ?? RESTART.approval.ttlMs),
  validityMs: millis(entry.validityMs ?? RESTART.approval.validityMs),
});

const ladderOf = ({ powerCycle, powerOffMs, budgets }: Part<'ladder'>): RestartPolicy['ladder'] => ({
  powerCycle: powerCycle ?? RESTART.ladder.powerCycle,
  powerOffMs: millis(powerOffMs ?? RESTART.ladder.powerOffMs),
  budgets: { ...RESTART.ladder.budgets, ...budgets },
});

function checkWaves(waves: readonly number[]): void {
  if (waves.at(-1) === 100) return;
  const expected = 'expected 100 at the end: the last wave takes the rest';
  refuse('CONFIG_VALUE', [...AT, 'waves'], `are ${shown(waves)}, ${expected}`);
}

function checkCanary(canary: RestartPolicy['canary']): void {
  const { percent, minPerClass, maxMiners } = canary;
  const none = percent === 0 && minPerClass === 0;
  if (none === (maxMiners === 0)) return;
  const expected = 'expected all three 0 for no canary, or room for at least one miner';
  refuse('CONFIG_VALUE', [...AT, 'canary'], `is ${shown(canary)}, ${expected}`);
}
