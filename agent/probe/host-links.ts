/** The host's own tables of its links, as far as it shows them. */
export type HostLinks = Readonly<{
  interfaces: readonly Interface[];
  /** Of the main table: those of policy rules are in no file. */
  routes: readonly Route[];
  /** Any address of it at all, be it that of loopback. */
  hasIpv6: boolean;
  /** IPv4; null: not shown. */
  neighbours: readonly Neighbour[] | null;
}>;

export type Interface = Readonly<{
  name: string;
  /** null: not shown. An interface that is switched off has none. */
  hasCarrier: boolean | null;
  isLoopback: boolean;
  /** A bridge, a tunnel or one end of a pair has no device behind it. */
  isHardware: boolean;
  /** Tunnels and dial-up lines have nobody to ask for. */
  asksNeighbours: boolean;
  /** Empty without carrier, whatever is configured. */
  addresses: readonly Address[];
}>;
export type Address = Readonly<{ address: string; netmask: string; family: 4 | 6 }>;

export type Route = Readonly<{
  family: 4 | 6;
  on: string;
  /** Of an IPv6 route only whether it is the default is read. */
  destination: string;
  netmask: string;
  isDefault: boolean;
  /** null: on the link itself. */
  gateway: string | null;
  metric: number;
  /** `unreachable` or `prohibit`. */
  refuses: boolean;
}>;

export type Neighbour = Readonly<{ address: string; on: string; is: 'resolved' | 'permanent' | 'unresolved' }>;

/** As `os.networkInterfaces()` gives them: those that run. */
export type Addressed = Readonly<
  Record<string, readonly Readonly<{ address: string; netmask: string; family: string }>[] | undefined>
>;
export type HostFiles = Readonly<{
  /** null: the host has no such file, or does not show it. Throws for what is our own trouble. */
  read(path: string): string | null;
  exists(path: string): boolean;
  addressed(): Addressed;
}>;

const INTERFACES_MAX = 64; // a host of many containers has hundreds; those that a route or an address names come first
const ENTRIES_MAX = 4_096; // of routes and of neighbours

/** null: the host shows nothing of its links. Throws as the files do. */
export function hostLinksOf(files: HostFiles): HostLinks | null {
  const devices = files.read('/proc/net/dev');
  if (devices === null) return null;
  const addressed = files.addressed();
  const routes = [...routes4(files.read('/proc/net/route')), ...routes6(files.read('/proc/net/ipv6_route'))];
  const known = new Set([...routes.map(({ on }) => on), ...Object.keys(addressed)]);
  const names = devices.split('\n').flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? []);
  const interfaces = [...names]
    .sort((a, b) => Number(known.has(b)) - Number(known.has(a)))
    .slice(0, INTERFACES_MAX)
    .map((name) => interfaceOf(name, files, addressed[name] ?? []));
  const arp = files.read('/proc/net/arp');
  const hasIpv6 = (files.read('/proc/net/if_inet6') ?? '').trim() !== '';
  return { interfaces, routes, hasIpv6, neighbours: arp === null ? null : neighboursOf(arp) };
}

const [IFF_UP, IFF_LOOPBACK, IFF_POINTOPOINT, IFF_NOARP] = [0x1, 0x8, 0x10, 0x80];

function interfaceOf(name: string, files: HostFiles, addressed: NonNullable<Addressed[string]>): Interface {
  const at = `/sys/class/net/${name}`;
  const flagsText = files.read(`${at}/flags`);
  const flags = Number(flagsText ?? 0);
  const carrier = files.read(`${at}/carrier`)?.trim();
  const isOff = flagsText !== null && (flags & IFF_UP) === 0; // its carrier cannot be read at all
  return {
    name,
    hasCarrier: isOff ? false : carrier === undefined ? null : carrier === '1',
    isLoopback: (flags & IFF_LOOPBACK) !== 0,
    isHardware: files.exists(`${at}/device`),
    asksNeighbours: flagsText !== null && (flags & (IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP)) === 0,
    addresses: addressed.map(({ address, netmask, family }) => ({
      address,
      netmask,
      family: family === 'IPv6' ? 6 : 4,
    })),
  };
}

const rowsOf = (text: string | null): readonly (readonly string[])[] =>
  (text ?? '')
    .split('\n', ENTRIES_MAX)
    .map((line) => line.trim().split(/\s+/))
    .filter(({ length }) => length > 1);

const [RTF_UP, RTF_GATEWAY, RTF_REJECT] = [0x1, 0x2, 0x200];
const ANY = '0.0.0.0';

function routes4(text: string | null): readonly Route[] {
  return rowsOf(text)
    .slice(1)
    .flatMap(([on = '', destination = '', gateway = '', flagsHex = '', , , metric = '', mask = '']): Route[] => {
      const flags = Number.parseInt(flagsHex, 16);
      if ((flags & RTF_UP) === 0) return [];
      const [to, netmask] = [address4(destination), address4(mask)];
      const via = (flags & RTF_GATEWAY) === 0 ? null : address4(gateway);
      const refuses = (flags & RTF_REJECT) !== 0;
      const isDefault = to === ANY && netmask === ANY;
      return [{ family: 4, on, destination: to, netmask, isDefault, gateway: via, metric: Number(metric), refuses }];
    });
}

const LOOPBACK_NAME = 'lo'; // the kernel's own route for what has none

function routes6(text: string | null): readonly Route[] {
  return rowsOf(text).flatMap((row): Route[] => {
    const [destination = '', length = '', , , , metric = '', , , flagsHex = '', on = ''] = row;
    const flags = Number.parseInt(flagsHex, 16);
    const isDefault = length === '00' && /^0+$/.test(destination);
    const refuses = (flags & RTF_REJECT) !== 0;
    if ((flags & RTF_UP) === 0 || !isDefault || (on === LOOPBACK_NAME && metric === 'ffffffff')) return [];
    const whole = { destination: '::', netmask: '::', isDefault, gateway: null };
    return [{ family: 6, on, ...whole, metric: Number.parseInt(metric, 16), refuses }];
  });
}

const [ATF_COM, ATF_PERM] = [0x2, 0x4];

/** An entry that is resolved may be out of date by some seconds: the kernel asks again only when it is used. */
function neighboursOf(text: string): readonly Neighbour[] {
  return rowsOf(text)
    .slice(1)
    .map(([address = '', , flagsHex = '', , , on = '']) => {
      const flags = Number(flagsHex);
      const resolved = (flags & ATF_COM) === 0 ? 'unresolved' : 'resolved';
      return { address, on, is: (flags & ATF_PERM) === 0 ? resolved : 'permanent' };
    });
}

/** Four bytes in the order of the host's memory, which is the last one first wherever miners' farms run. */
const address4 = (hex: string): string =>
  [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');

function number4(address: string): number | null {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) return null;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Whether an IPv4 address lies in the network of another. */
export function isWithin(host: string, address: string, netmask: string): boolean {
  const [one, other, mask] = [number4(host), number4(address), number4(netmask)];
  if (one === null || other === null || mask === null) return false;
  return (one & mask) === (other & mask);
}
