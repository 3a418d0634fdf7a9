import { type Device, round2, whole } from '../device.ts';

/** What a device can be run at: steps of 25 MHz around that of the factory. */
export type Profile = Readonly<{ name: string; step: number; mhz: number; rateThs: number; watts: number }>;

const DEFAULT_MHZ = 525;
const STEP_MHZ = 25;
const STEPS = [-6, -5, -4, -3, -2, -1, 0, 1, 2];

export function profilesOf({ look }: Device): readonly Profile[] {
  return STEPS.map((step) => {
    const mhz = DEFAULT_MHZ + step * STEP_MHZ;
    const share = mhz / DEFAULT_MHZ;
    const name = step === 0 ? 'default' : `${mhz}MHz`;
    return {
      name,
      step,
      mhz,
      rateThs: round2(look.traits.nominalThs * share),
      watts: whole(look.traits.steadyW * share ** 2),
    };
  });
}

/** The one that was set last, known by its watts. */
export function profileOf(device: Device): Profile {
  const all = profilesOf(device);
  const set = all.find(({ watts }) => watts === device.powerLimitW) ?? all.find(({ step }) => step === 0);
  return set as Profile;
}
