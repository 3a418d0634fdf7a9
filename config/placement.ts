import { type MinerId, minerId } from '../shared/ids.ts';
import { checkAddress, expandRange } from './addresses.ts';
import { RPC_PORT } from './defaults.ts';
import { type Key, refuse, shown } from './fault.ts';
import type { MinerEntry } from './schema-power.ts';
import type { Ports } from './site.ts';
import type { Branch } from './tree.ts';

/** One miner and the entry that it comes from. */
export type Place = Readonly<{ miner: MinerId; address: string; entry: MinerEntry; key: Key; branch: Branch }>;

const MINERS_MAX = 200_000; // more is several sites, or a slip in a range

/** Every miner of every range, in the order of the tree. */
export function place(branches: readonly Branch[]): readonly Place[] {
  const spots = branches.flatMap(spotsOf);
  if (spots.length === 0) refuse('CONFIG_MISSING', ['power'], 'has no miners anywhere, expected at least one');
  if (spots.length > MINERS_MAX) {
    refuse('CONFIG_VALUE', ['power'], `has ${spots.length} miners, expected at most ${MINERS_MAX}`);
  }
  const shared = sharedAddresses(spots);
  const places = spots.map((spot) => ({ ...spot, miner: idOf(spot, shared) }));
  refuseTwice(places, ({ miner }) => [miner]);
  // Two miners behind one address must not meet on any port.
  refuseTwice(
    places.filter(({ address }) => shared.has(address)),
    ({ address, entry }) => Object.values(entry.ports ?? {}).map((port) => `${address}:${port}`),
  );
  return places;
}

type Spot = Omit<Place, 'miner'>;

const spotsOf = (branch: Branch): readonly Spot[] =>
  (branch.entry.miners ?? []).flatMap((entry, i) => {
    const key = [...branch.key, 'miners', i];
    return addressesOf(entry, key).map((address) => ({ address, entry, key, branch }));
  });

function addressesOf({ range, address }: MinerEntry, key: Key): readonly string[] {
  if (range !== undefined && address === undefined) return expandRange(range, [...key, 'range']);
  if (address !== undefined && range === undefined) return [checkAddress(address, [...key, 'address'])];
  return refuse('CONFIG_VALUE', key, `has ${range === undefined ? 'neither' : 'both'}, expected range or address`);
}

function sharedAddresses(spots: readonly Spot[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { address } of spots) (seen.has(address) ? shared : seen).add(address);
  return shared;
}

const rpcOf = (ports: Ports | undefined): number => ports?.rpc ?? RPC_PORT;

const idOf = ({ address, entry }: Spot, shared: ReadonlySet<string>): MinerId =>
  minerId(shared.has(address) ? `${address}:${rpcOf(entry.ports)}` : address);

function refuseTwice(places: readonly Place[], claims: (place: Place) => readonly string[]): void {
  const holders = new Map<string, Place>();
  for (const one of places) {
    for (const claim of claims(one)) {
      const other = holders.get(claim);
      if (other !== undefined && other !== one) twice(claim, one, other);
      holders.set(claim, one);
    }
  }
}

function twice(claimed: string, one: Place, other: Place): never {
  const claim = one.entry.ports === undefined ? one.address : claimed;
  const where = [...one.key, one.entry.range === undefined ? 'address' : 'range'];
  const text = one.entry.range ?? one.entry.address;
  const there = shown(other.entry.range ?? other.entry.address);
  return refuse(
    'CONFIG_MINER_TWICE',
    where,
    `is ${shown(text)}: ${claim} stands under feed ${other.branch.feed} already (as ${there}), expected each miner once`,
  );
}
