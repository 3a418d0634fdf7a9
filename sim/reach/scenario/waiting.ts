/**
 * Rows whose world answers already, while the agent does not ask yet. A row that is named here is played and told, and
 * does not fail; whoever builds what it waits for deletes its line.
 */
export const WAITING: Readonly<Record<number, string>> = {
  30: 'Stratum V2: such pools are not asked',
};
