/** A miner that has said where it is, by itself: somebody pressed its button. */
export type Announcement = Readonly<{ address: string; mac: string | null; make: 'Bitmain' | 'MicroBT' }>;

/** Ports on which miners shout their address into the LAN (fact sheet 1.3). */
export const ANNOUNCE_PORTS = { Bitmain: 14_235, MicroBT: 8_888 } as const;

const ADDRESS = /(\d{1,3}(?:\.\d{1,3}){3})/;
const MAC = /(?<![0-9a-z])([0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})/i;

/** null for an acknowledgement, and for what names no address. */
export function announcementOf(make: Announcement['make'], text: string): Announcement | null {
  if (text.startsWith('OK\0')) return null;
  const address = ADDRESS.exec(text)?.[1];
  if (address === undefined) return null;
  return { address, mac: MAC.exec(text)?.[1]?.toLowerCase().replaceAll('-', ':') ?? null, make };
}
