/**
 * Rows whose world answers already, while the agent does not ask yet. A row that is named here is played and told, and
 * does not fail; whoever builds what it waits for deletes its line.
 */
export const WAITING: Readonly<Record<number, string>> = {
  2: 'the link layer: a carrier that is off is told as no route',
  11: 'TLS: without a certificate that is looked at, a port that accepts everything is a pool that is silent',
  17: 'TLS: pools over stratum+ssl are not asked',
  23: 'NTP: without a third clock nobody can say which of two is wrong',
  30: 'Stratum V2: such pools are not asked',
  40: 'NTP: without it the clock that is wrong is believed',
  49: 'miners: their shares are not held against the probes',
};
