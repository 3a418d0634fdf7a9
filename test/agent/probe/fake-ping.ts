import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Scripts that stand first in PATH in place of the host's `ping`: real processes, and nobody is ever pinged. */
export function fakePing(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'relight-ping-'));
  const file = join(folder, 'ping');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return folder;
}

const HOST_PATH = process.env.PATH;
/** With the folder first; null: a PATH on which there is nothing at all. */
export const pathOf = (folder: string | null): string =>
  folder === null ? mkdtempSync(join(tmpdir(), 'relight-no-ping-')) : `${folder}:${HOST_PATH}`;

const says = (text: string, exitCode = 0): string => `cat <<'END'\n${text}\nEND\nexit ${exitCode}`;

/** Recorded from iputils 20221126 (Debian 12), in a network namespace of its own; the address was another. */
export const IPUTILS = `PING 198.51.100.1 (198.51.100.1) 56(84) bytes of data.
64 bytes from 198.51.100.1: icmp_seq=1 ttl=64 time=0.273 ms
64 bytes from 198.51.100.1: icmp_seq=2 ttl=64 time=0.040 ms
64 bytes from 198.51.100.1: icmp_seq=3 ttl=64 time=0.039 ms

--- 198.51.100.1 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 424ms
rtt min/avg/max/mdev = 0.039/0.117/0.273/0.110 ms
`;
export const IPUTILS_SILENT = `PING 198.51.100.1 (198.51.100.1) 56(84) bytes of data.

--- 198.51.100.1 ping statistics ---
3 packets transmitted, 0 received, 100% packet loss, time 409ms

`;
export const PASSES = says(IPUTILS);
export const SILENT = says(IPUTILS_SILENT, 1);
export const EPERM = `cat >&2 <<'END'
ping: socktype: SOCK_RAW
ping: socket: Operation not permitted
ping: => missing cap_net_raw+p capability or setuid?
END
exit 2`;
