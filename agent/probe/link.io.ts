import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Uplink } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import type { Evidence, Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { codeOf } from './errno.ts';
import { type HostFiles, type HostLinks, hostLinksOf } from './host-links.ts';
import { corrected, HIDDEN, linkFinding, neighbourFinding, unread } from './link.ts';
import type { Probe } from './probe.ts';

/** What the host itself knows of one uplink; asks nobody, and starts no process. */
export type LinkProbes = Readonly<{
  link: Probe;
  neighbour: Probe;
  /** A finding of this round as the latest reading lets it stand. */
  corrected(one: Evidence): Evidence;
}>;

export function linkProbes(uplink: Uplink, files: HostFiles = hostFiles): LinkProbes {
  let correct = (one: Evidence): Evidence => one;
  const read =
    (judge: (links: HostLinks, uplink: Uplink, tookMs: Millis) => Finding): Probe =>
    async (_, signal) => {
      if (signal.aborted) return { is: 'unknown', why: 'aborted' };
      const startedMs = realClock.monoMs();
      try {
        const links = hostLinksOf(files);
        correct = links === null ? (one) => one : corrected(links, uplink);
        return links === null ? HIDDEN : judge(links, uplink, millis(realClock.monoMs() - startedMs));
      } catch (error) {
        return unread(codeOf(error));
      }
    };
  return { link: read(linkFinding), neighbour: read(neighbourFinding), corrected: (one) => correct(one) };
}

// No such file, none for us, or none for an interface that is switched off.
const NOT_SHOWN: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EINVAL', 'ENODEV']);

/**
 * At once and not by the thread pool: the kernel answers these from memory in microseconds, and the four trips to
 * another thread that a read takes would be most of what a quiet round costs.
 */
const hostFiles: HostFiles = {
  read(path) {
    try {
      return readFileSync(path, 'latin1');
    } catch (error) {
      if (NOT_SHOWN.has(codeOf(error))) return null;
      throw error;
    }
  },
  exists: existsSync,
  addressed: networkInterfaces,
};
