import type { DriverDefinition } from '../../../agent/miner/driver.ts';
import { MINER_ACTIONS } from '../../../agent/miner/order.ts';

/** How many devices of a family have had their published replies read; `real`: as captured, the rest shows a shape only. */
export type Evidence = Readonly<{ real: number; shape: number }>;

const HEAD = `# Miners

What each driver reads and does, and how that was checked. Made by \`npm test -- test/agent/miner/miners-table.test.ts\`
with \`RELIGHT_WRITE_DOCS=1\`; do not edit by hand.

**Read**: published replies of real devices, read through real sockets and compared with what independent readers found in
them ("+ n" are edited, simulated or vendor samples, which only show a shape). **Actions**: \`v\` = tried against a virtual
miner that other hands wrote from the protocol sheet: it has its effect, a wrong password is told as such, a device that
says yes and does nothing is caught; \`s\` = from the sheet alone, tried against a device made by the test. No action has been
tried on hardware. An empty cell is unsupported, and says so.
`;

/** docs/miners.md. */
export function minersTable(
  drivers: readonly DriverDefinition[],
  evidence: ReadonlyMap<string, Evidence>,
  virtual: ReadonlySet<string>,
): string {
  const rows = [...drivers]
    .sort((a, b) => a.family.localeCompare(b.family))
    .map((driver) => {
      const acts = MINER_ACTIONS.map((action) =>
        action in driver.actions ? (virtual.has(driver.family) ? 'v' : 's') : '',
      );
      return [
        `\`${driver.family}\``,
        `${driver.make}, ${driver.firmware}`,
        readCell(evidence.get(driver.family)),
        ...acts,
      ];
    });
  const columns = [
    'family',
    'make and firmware',
    'read',
    'restart',
    'reboot',
    'sleep',
    'wake',
    'locate',
    'limit',
    'pools',
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [HEAD, line(columns), line(columns.map(() => '---')), ...rows.map(line), ''].join('\n');
}

function readCell(evidence: Evidence | undefined): string {
  if (evidence === undefined) return 'sheet only';
  const { real, shape } = evidence;
  return [real > 0 ? `${real} real` : '', shape > 0 ? `${real > 0 ? '+ ' : ''}${shape} shape` : '']
    .filter(Boolean)
    .join(' ');
}
