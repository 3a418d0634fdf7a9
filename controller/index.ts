/** The only way into the controller from outside. Importing it starts nothing. */
export type { Infeasible } from './restart/feasibility.ts';
export { planRestart } from './restart/plan.ts';
export { type PlanView, planView } from './restart/plan-view.ts';
export { type Rehearsal, type Rehearsed, rehearse } from './restart/rehearse.ts';
