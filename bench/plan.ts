// 20,000 miners, planned and rehearsed in every regime of the orchestration reference (A13): wall time, and how far the
// makespan is above the lower bound. Prints one JSON line. `node bench/plan.ts [miners] [seed]`
import { rehearse } from '../controller/restart/rehearse.ts';
import { aFarm, type FarmLimits } from '../test/controller/restart/farms.ts';
import { aSite } from '../test/controller/restart/sites.ts';

const miners = Number(process.argv[2] ?? 20_000);
const seed = Number(process.argv[3] ?? 1);

const REGIMES: Readonly<Record<string, Omit<FarmLimits, 'miners' | 'seed'>>> = {
  ramp: { rampWPerMin: 900_000, slots: miners },
  slots600: { rampWPerMin: 3_000_000, slots: 600 },
  slots300: { rampWPerMin: 21_000_000, slots: 300 },
  serial: { rampWPerMin: 60_000_000, slots: miners, pduSlots: 1 },
  nested: {
    rampWPerMin: 3_000_000,
    slots: 600,
    nested: { rampWPerMin: 500_000, burstW: 60_000, spacingMs: 2_000 },
  },
  starved: { rampWPerMin: 21_000_000, slots: miners, pduSlots: 10, capPct: 1.2, pduCapPct: 1.8 },
};

const regimes = Object.entries(REGIMES).map(([regime, limits]) => {
  const site = aSite(aFarm({ ...limits, miners, seed }));
  const from = process.hrtime.bigint();
  const result = rehearse(site, null);
  const wallMs = Number((process.hrtime.bigint() - from) / 1_000_000n);
  if (!result.ok) return { regime, wallMs, infeasible: result.infeasible.length };
  const { makespanMs, lowerBoundMs, bindingConstraint, violations } = result.rehearsal;
  const ratio = Math.round((makespanMs * 10_000) / lowerBoundMs) / 10_000;
  return {
    regime,
    wallMs,
    makespanMs,
    lowerBoundMs,
    ratio,
    binding: bindingConstraint.kind,
    violations: violations.length,
  };
});
console.log(JSON.stringify({ bench: 'plan', miners, seed, regimes }));
