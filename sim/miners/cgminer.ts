import { type Device, round2 } from './device.ts';
import { envelope, type Reply, type Request, type StatusLetter } from './envelope.ts';

/** What the descendants of cgminer have in common (protocol sheet, section 2). */
export type Read = (device: Device) => Reply;
export type Reads = Readonly<Record<string, Read>>;

/** `by` is what calls itself the author of a reply. */
export const status = (
  device: Device,
  by: string,
  said: Readonly<{ letter?: StatusLetter; code: number; msg: string }>,
) => ({ letter: 'S', by, wallS: device.wallS, ...said }) as const;

export const refusal = (device: Device, by: string, said: Readonly<{ code: number; msg: string }>): Reply =>
  envelope(status(device, by, { letter: 'E', ...said }));

/** One read, or several joined by `+`; null: there is a command among them that is none. */
export function answerRead(device: Device, { command }: Request, reads: Reads): Reply | null {
  const names = (command ?? '').split('+');
  const found = names.map((name) => (Object.hasOwn(reads, name) ? reads[name] : undefined));
  if (found.includes(undefined)) return null;
  if (names.length === 1) return found[0]?.(device) ?? null;
  return { ...Object.fromEntries(names.map((name, at) => [name, [found[at]?.(device)]])), id: 1 };
}

export const mhs = (ths: number): number => round2(ths * 1e6);
export const ghs = (ths: number): number => round2(ths * 1e3);

/** The slots in use, counted from 0. */
export const poolRows = ({ look, pools }: Device): Reply[] =>
  pools.flatMap(({ url, user }, index) => {
    if (url === '') return [];
    const active = look.poolAlive && index === 0;
    const row = {
      POOL: index,
      URL: url,
      Status: look.poolAlive ? 'Alive' : 'Dead',
      Priority: index,
      Quota: 1,
      'Long Poll': 'N',
      Getworks: index === 0 ? look.accepted : 0,
      Accepted: index === 0 ? look.accepted : 0,
      Rejected: 0,
      Works: 0,
      Discarded: 0,
      Stale: 0,
      'Get Failures': 0,
      'Remote Failures': 0,
      User: user,
      'Last Share Time': 0,
      'Diff1 Shares': 0,
      'Difficulty Accepted': 0,
      'Difficulty Rejected': 0,
      'Difficulty Stale': 0,
      'Has Stratum': true,
      'Stratum Active': active,
      'Stratum URL': active ? url.replace(/^.*\/\/|:\d+$/g, '') : '',
      'Stratum Difficulty': active ? 131_072 : 0,
      'Has GBT': false,
      'Best Share': 0,
      'Pool Rejected%': 0,
      'Pool Stale%': 0,
    };
    return [row];
  });

/** The counters of a summary, without the rates: each firmware has its own of these. */
export const counters = ({ look }: Device): Reply => ({
  'Found Blocks': 0,
  Getworks: look.accepted,
  Accepted: look.accepted,
  Rejected: 0,
  'Hardware Errors': 0,
  Utility: 4,
  Discarded: 0,
  Stale: 0,
  'Get Failures': 0,
  'Local Work': 0,
  'Remote Failures': 0,
  'Network Blocks': 0,
  'Best Share': 0,
  'Pool Rejected%': 0,
  'Pool Stale%': 0,
  'Last getwork': 0,
});
