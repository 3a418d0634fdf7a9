import { cgi } from '../antminer/cgi.ts';
import type { Account, Family } from '../family.ts';
import { readsOnly } from '../read-only.ts';
import { page } from './page.ts';
import { type Make, pools, repeated, stats, summaryOf, version } from './rpc.ts';

export const hammer: Family = ccminerFamily({
  family: 'hammer',
  account: { user: 'root', password: 'root' },
  make: { nominalMhs: 4_873, chips: 108 },
  print: (text) => text,
});

export type Ccminer = Readonly<{
  family: string;
  account: Account;
  make: Make;
  /** What becomes of a `stats` reply on its way out, beside the keys that repeat. */
  print(text: string): string;
}>;

/** Both makes have the realm of the maker they come from. */
export const REALM = 'blackMiner Configuration';

export function ccminerFamily({ family, account, make, print }: Ccminer): Family {
  const others = readsOnly('ccminer 2.3.3', { version, summary: summaryOf(make), pools });
  return {
    family,
    account,
    doors: (bench) => [
      { port: 'http', side: 'web', speaks: 'http', answer: cgi(bench, page, REALM) },
      {
        port: 'rpc',
        side: 'api',
        speaks: 'rpc',
        answer: (device, asked) =>
          asked?.command === 'stats'
            ? { reply: print(repeated(JSON.stringify(stats(device, make)))) }
            : others(device, asked),
      },
    ],
  };
}
