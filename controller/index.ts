import type { Controller, ControllerOptions } from './main.ts';

export { newConnectivity, rulesOf, step } from './connectivity/connectivity.ts';
export type { Heard } from './connectivity/votes.ts';
/** The only way into the controller from outside. Importing it starts nothing. */
export type { Controller, ControllerOptions } from './main.ts';
export type { Infeasible } from './restart/feasibility.ts';
export { planRestart } from './restart/plan.ts';
export { type PlanView, planView } from './restart/plan-view.ts';
export { type Rehearsal, type Rehearsed, rehearse } from './restart/rehearse.ts';

/** Loaded when it is called: whoever only plans needs neither sockets nor a store. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const main = await import('./main.ts');
  return main.startController(options);
}
