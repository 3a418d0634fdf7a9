/** `1 h 05 min`, `12 min`, `40 s`; unknown where nobody knows. */
export function duration(ms: number | null): string {
  if (ms === null) return 'unknown';
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export const kilowatts = (w: number | null): string => (w === null ? '?' : (w / 1_000).toFixed(1));

export const known = (value: number | string | null | undefined, unit = ''): string =>
  value === null || value === undefined ? '–' : `${value}${unit === '' ? '' : ` ${unit}`}`;

/** Columns as wide as their widest cell; numbers, and what stands for one, to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => pad(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line).join('\n');
}

const pad = (cell: string, width: number): string =>
  /^[–?\d][\d.,]*( \/ \d+)?$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
