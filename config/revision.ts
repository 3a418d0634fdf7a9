import { createHash } from 'node:crypto';
import type { Site } from './site.ts';

/** Names, limits, miners and policy, in the order of the file. What only the probes read is no part of it. */
export function revisionOf(site: Omit<Site, 'revision'>): string {
  const hash = createHash('sha256');
  const add = (value: unknown): void => {
    hash.update(`${JSON.stringify(value)}\n`);
  };
  add([site.site, site.root]);
  for (const {
    feed,
    parent,
    capW,
    baseW,
    rampWPerMin,
    rampBurstW,
    maxBooting,
    startSpacingMs,
  } of site.feeds.values()) {
    add([feed, parent, capW, baseW, rampWPerMin, rampBurstW, maxBooting, startSpacingMs]);
  }
  for (const { miner, address, ports, model, family, feed, profile, priority } of site.miners.values()) {
    add([miner, address, ports, model, family, feed, profile, priority]);
  }
  add({ ...site.restart, families: [...site.restart.families] });
  return hash.digest('hex');
}
