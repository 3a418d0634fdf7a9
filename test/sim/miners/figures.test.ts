import { expect, test } from '@jest/globals';
import { FAULT_KINDS, type FaultKind } from '../../../sim/index.ts';
import { oldBuildOf } from '../../../sim/miners/antminer-old/build.ts';
import { readsOf } from '../../../sim/miners/antminer-old/rpc.ts';
import * as auradine from '../../../sim/miners/auradine/reads.ts';
import * as bitaxe from '../../../sim/miners/bitaxe/info.ts';
import { type Device, threePools } from '../../../sim/miners/device.ts';
import * as elphapex from '../../../sim/miners/elphapex/reads.ts';
import * as goldshell from '../../../sim/miners/goldshell/reads.ts';
import * as hammer from '../../../sim/miners/hammer/rpc.ts';
import { panel } from '../../../sim/miners/iceriver/panel.ts';
import { CALLS } from '../../../sim/miners/innosilicon/api.ts';
import { readsBy } from '../../../sim/miners/innosilicon/rpc.ts';
import * as marathon from '../../../sim/miners/marathon/reads.ts';
import * as mskminer from '../../../sim/miners/mskminer/rpc.ts';
import * as proto from '../../../sim/miners/proto/reads.ts';
import * as sealminer from '../../../sim/miners/sealminer/rpc.ts';
import { look } from '../../../sim/plant/look.ts';
import { advance, newPlant, order, setPool } from '../../../sim/plant/plant.ts';
import { aSite, BOOT_MS } from '../site.ts';

type Reads = Readonly<Record<string, (device: Device) => unknown>>;

const FORM = new URLSearchParams();
const D10 = { nominalMhs: 4_873, chips: 108 };
const TUNING = { frequency: 525, coreVoltage: 1_150 };
const OLD: Reads = Object.fromEntries(
  ['Antminer S9', 'Antminer L3+', 'Antminer S17 Pro'].flatMap((model) =>
    (['summary', 'stats', 'pools'] as const).map((name) => [
      `${name} of ${model}`,
      (device: Device) => {
        const build = oldBuildOf({ ...device.look, traits: { ...device.look.traits, model } });
        return build && readsOf(build)[name](device);
      },
    ]),
  ),
);
const FIRMWARES: Readonly<Record<string, Reads>> = {
  'antminer-old': OLD,
  auradine: { ...auradine.RPC_READS, ...auradine.REST_READS },
  bitaxe: { info: (device) => bitaxe.info(device, TUNING), asic: bitaxe.asic },
  elphapex: elphapex.READS,
  goldshell: { ...goldshell.RPC_READS, web: (device) => goldshell.devs(device, 0) },
  hammer: { summary: hammer.summaryOf(D10), stats: (device) => hammer.stats(device, D10) },
  iceriver: { panel },
  innosilicon: { ...readsBy('innominer'), getAll: (device) => CALLS.getAll?.(device, FORM).reply },
  marathon: marathon.READS,
  mskminer: { summary: mskminer.summary, stats: mskminer.stats },
  proto: proto.READS,
  sealminer: sealminer.READS,
};

/** One miner through an outage, a reboot and sleep: what it is like at each of these times. */
function* life(fault: FaultKind): Generator<Device> {
  const site = aSite({ feed: 'site', capW: 100_000, miners: [{ address: '10.0.0.1' }] });
  const [miner] = [...site.miners.keys()];
  if (miner === undefined) return;
  const plant = newPlant({ site, seed: 3, faults: new Map([[miner, fault]]) });
  const steps = [
    () => {},
    () => setPool(plant, false),
    () => advance(plant, 20_000),
    () => setPool(plant, true),
    () => advance(plant, 21_000),
    () => order(plant, miner, 'reboot'),
    () => advance(plant, 40_000),
    () => advance(plant, 4 * BOOT_MS),
    () => order(plant, miner, 'sleep'),
  ];
  const pools = threePools([{ url: 'stratum+tcp://pool:3333', user: 'farm.1', pass: 'x' }]);
  for (const step of steps) {
    step();
    const now = look(plant, miner);
    if (now) yield { look: now, address: '10.0.0.1', pools, blink: false, powerLimitW: null, wallS: 1_700_000_000 };
  }
}

/** Where in a reply there is no figure but the trace of a failed sum. */
function oddities(value: unknown, at: string): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [at];
  if (typeof value === 'string') return /NaN|Infinity|undefined/.test(value) ? [at] : [];
  if (value === undefined) return [at];
  return Object.entries(value ?? {}).flatMap(([key, one]) => oddities(one, `${at}/${key}`));
}

test.each(Object.entries(FIRMWARES))('%s gives figures in every state, with whatever is wrong', (_, reads) => {
  const found = FAULT_KINDS.flatMap((fault) =>
    [...life(fault)].flatMap((device) =>
      Object.entries(reads).flatMap(([name, read]) => oddities(read(device), `${fault}/${device.look.phase}/${name}`)),
    ),
  );
  expect(found).toEqual([]);
});
