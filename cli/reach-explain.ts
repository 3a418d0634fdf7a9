import type { Command } from 'commander';
import type { ConnectivityView, SiteView, UplinkView } from '../shared/view.ts';
import { ask, controllerOption } from './api.ts';
import { jsonOption, paint, print } from './output.ts';
import { duration, table } from './text/units.ts';
import { EVIDENCE_HEAD, tookText, verdictText } from './text/verdict.ts';
import { meaningOf } from './text/why.ts';

type Flags = Readonly<{ controller: string; json?: boolean }>;

export function registerExplain(reach: Command): void {
  reach
    .command('explain')
    .description('why the site is not restored, now: what each uplink lacks, and where to look')
    .addOption(controllerOption())
    .addOption(jsonOption())
    .action(explain);
}

async function explain(flags: Flags): Promise<void> {
  const { site, nowMs, connectivity } = await ask<SiteView>(flags.controller, 'site');
  const meanings = {
    meaning: meaningOf(connectivity.whyNot),
    uplinks: connectivity.uplinks.map((one) => ({ ...one, meaning: meaningOf(one.whyNot) })),
  };
  print(flags, { site, nowMs, ...connectivity, ...meanings }, () => explainText(site, connectivity, nowMs));
}

/** `code: what it means`, or what of that there is. */
function reason(whyNot: string | null): string {
  const parts = [whyNot, meaningOf(whyNot)].filter((part) => part !== null);
  return parts.length === 0 ? '' : `\n  ${parts.join(': ')}`;
}

function explainText(site: string, connectivity: ConnectivityView, nowMs: number): string {
  const { votes, holdRemainingMs, sinceMs, uplinks } = connectivity;
  const since = `since ${duration(nowMs - sinceMs)}`;
  const hold = holdRemainingMs === null ? '' : `\n  ${duration(holdRemainingMs)} of the hold are left`;
  const count = `\n  ${votes.up} of ${votes.known} known uplinks are restored, ${votes.needed} are needed`;
  const head = `${paint('bold', site)}  ${verdictText(connectivity)} ${since}${reason(connectivity.whyNot)}${count}${hold}`;
  return [head, ...uplinks.map(uplinkText)].join('\n\n');
}

function uplinkText(uplink: UplinkView): string {
  const { whyNot, ageMs, evidence, agent } = uplink;
  const age = ageMs === null ? 'never heard of' : `${duration(ageMs)} ago`;
  const head = `${paint('bold', uplink.uplink)} by ${agent}, ${age}  ${verdictText(uplink)}${reason(whyNot)}`;
  if (evidence.length === 0) return head;
  const rows = evidence.map(({ layer, target, is, why, tookMs }) => [layer, target, is, tookText(tookMs), why ?? '']);
  return `${head}\n${table(EVIDENCE_HEAD, rows)}`;
}
