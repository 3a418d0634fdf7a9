import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './tidy/source.ts';

/**
 * What `npm test` runs. With arguments: Jest with these. Without: all tests in two goes, since a demo of a whole farm
 * and the many small tests would take each other's two cores; then one line with the sum. What tests leave in their
 * temporary directories goes when they have ended, also that of a test that was killed.
 */
type Counts = Readonly<{ passed: number; failed: number; skipped: number }>;

const JEST = [
  '--experimental-vm-modules',
  '--no-warnings',
  join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
] as const;
const GOES: readonly (readonly string[])[] = [
  ['--testPathIgnorePatterns', '/test/e2e/'],
  ['--runInBand', 'test/e2e/'],
];

const temporary = mkdtempSync(join(tmpdir(), 'relight-test-'));

const jest = (args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, [...JEST, ...args], { cwd: ROOT, stdio: 'inherit', env });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

async function all(): Promise<number> {
  let status = 0;
  const counts: Counts[] = [];
  for (const [index, go] of GOES.entries()) {
    const file = join(temporary, `${index}.json`);
    status = Math.max(status, await jest([...go, '--json', '--outputFile', file]));
    counts.push(countsIn(file));
  }
  const sum = (of: keyof Counts): number => counts.reduce((total, one) => total + one[of], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return status;
}

function countsIn(file: string): Counts {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  const { numPassedTests = 0, numFailedTests = 0, numFailedTestSuites = 0, numPendingTests = 0 } = results;
  // A suite that could not even be loaded has no tests that fail.
  return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites), skipped: numPendingTests };
}

// Jest, in the same terminal, hears Ctrl-C too and ends; what it left is removed then.
process.on('SIGINT', () => undefined);
const args = process.argv.slice(2);
try {
  process.exitCode = args.length > 0 ? await jest(args) : await all();
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
