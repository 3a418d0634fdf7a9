import { type Catalogue, hardwareOf } from '../../config/catalogue.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

/** `rates`: also the nominal rate, for readers who have no site file that knows it better. */
export type Models = Readonly<{ catalogue: Catalogue; rates: boolean }>;

/** A reading with what is known of its model where the device does not say it itself. */
export function completed(snapshot: MinerSnapshot, { catalogue, rates }: Models): MinerSnapshot {
  if (snapshot.model === null) return snapshot;
  const { chipsPerBoard, hashrateThs } = hardwareOf(catalogue, snapshot.model);
  const { hashrateNominalThs, algorithm } = snapshot;
  return {
    ...snapshot,
    hashrateNominalThs: hashrateNominalThs ?? (rates && algorithm === undefined ? hashrateThs : null),
    boards: snapshot.boards.map((board) => ({ ...board, chipsExpected: board.chipsExpected ?? chipsPerBoard })),
  };
}
