import { createServer } from 'node:net';
import type { Ports } from '../../config/site.ts';
import { RelightError } from '../../shared/errors.ts';
import { integer, type Random } from '../../shared/random.ts';

export type Place = Readonly<{ address: string; ports: Ports & Readonly<{ http: number; rpc: number }> }>;

// High enough to need no root; 4028 is the devices' own.
const HTTP_PORT = 8_080;
const RPC_PORT = 4_028;
// A block of 127.x.0.0/16 that another farm on this host has is passed over.
const TRIES = 12;
const PER_BLOCK = 250;
// Ports on 127.0.0.1 are taken from below the range that systems give out themselves.
const PORT_FLOOR = 20_000;
const PORT_CEILING = 32_000;
export const PLACES_MAX = PER_BLOCK * PER_BLOCK;

/**
 * Free places for so many miners: one loopback address each where the host has 127.0.0.0/8, else ports on 127.0.0.1.
 * Nothing is kept open, so another process may still be quicker.
 */
export async function loopbackPlaces(count: number, random: Random): Promise<readonly Place[]> {
  if (count > PLACES_MAX) throw new RelightError('USAGE', `a virtual farm has at most ${PLACES_MAX} miners`, { count });
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const ports = attempt === 0 ? { http: HTTP_PORT, rpc: RPC_PORT } : otherPorts(random);
    const places = addresses(count, integer(random, 1, 250), ports);
    const found = await firstProblem(places);
    if (found === null) return places;
    if (found === 'EADDRNOTAVAIL') return onePort(count, random);
  }
  throw new RelightError('PORT_IN_USE', `no free loopback addresses for ${count} virtual miners`, { count });
}

const addresses = (count: number, block: number, ports: Place['ports']): Place[] =>
  Array.from({ length: count }, (_, index) => ({
    address: `127.${block}.${1 + Math.floor(index / PER_BLOCK)}.${1 + (index % PER_BLOCK)}`,
    ports,
  }));

/** A service that listens on every address of the host takes its port from all of 127.0.0.0/8. */
function otherPorts(random: Random): Place['ports'] {
  const http = integer(random, PORT_FLOOR, PORT_CEILING);
  return { http, rpc: http + 1 };
}

async function onePort(count: number, random: Random): Promise<readonly Place[]> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const first = integer(random, PORT_FLOOR, Math.max(PORT_FLOOR, PORT_CEILING - 2 * count));
    const places = portPlaces(count, first);
    if ((await firstProblem(places)) === null) return places;
  }
  throw new RelightError('PORT_IN_USE', `no free ports on 127.0.0.1 for ${count} virtual miners`, { count });
}

/** Two ports on 127.0.0.1 for each. */
export const portPlaces = (count: number, first: number): Place[] =>
  Array.from({ length: count }, (_, index) => ({
    address: '127.0.0.1',
    ports: { http: first + 2 * index, rpc: first + 2 * index + 1 },
  }));

async function firstProblem(places: readonly Place[]): Promise<string | null> {
  for (const { address, ports } of places) {
    for (const port of [ports.http, ports.rpc]) {
      const problem = await tryListen(address, port);
      if (problem !== null) return problem;
    }
  }
  return null;
}

function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
