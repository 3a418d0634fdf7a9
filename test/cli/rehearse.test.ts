import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ONE_LINE, relight } from './relight.ts';

const dir = mkdtempSync(join(tmpdir(), 'relight-rehearse-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** The worked example of the orchestration reference as a site file; `capA` is the cap of its first PDU. */
function site(name: string, capA: number): string {
  const file = join(dir, `${name}.yaml`);
  writeFileSync(
    file,
    `
site: worked
power:
  feed: site
  capW: 20_000
  baseW: 1_000
  rampWPerMin: 1_800
  rampBurstW: 8_000
  maxBooting: 3
  feeds:
    - feed: A
      capW: ${capA}
      maxBooting: 2
      miners:
        - { address: 10.0.0.1, model: one, family: whatsminer-v2 }
        - { address: 10.0.0.2, model: two, family: whatsminer-v2 }
        - { address: 10.0.0.3, model: three }
    - feed: B
      capW: 7_600
      maxBooting: 1
      miners:
        - { address: 10.0.0.4, model: four, family: antminer-stock }
        - { address: 10.0.0.5, model: five, family: antminer-stock }
profiles:
  one: { steadyW: 3000, bootOverheadW: 300, bootMs: 420_000 }
  two: { steadyW: 3400, bootOverheadW: 400, bootMs: 300_000 }
  three: { steadyW: 3400, bootOverheadW: 400, bootMs: 240_000 }
  four: { steadyW: 3250, bootOverheadW: 350, bootMs: 300_000 }
  five: { steadyW: 3250, bootOverheadW: 350, bootMs: 180_000 }
restart:
  waves: [100]
  canary: { percent: 0, minPerClass: 0, maxMiners: 0 }
  soakMs: 60_000
`,
  );
  return file;
}

describe('relight rehearse', () => {
  test('--ideal --json prints the whole run, whatever the families are', async () => {
    const { code, out, err } = await relight(['rehearse', '--site', site('fits', 10_300), '--ideal', '--json']);
    expect([code, err]).toEqual([0, '']);
    const run = JSON.parse(out);
    expect(run).toMatchObject({
      miners: 5,
      makespanMs: 720_000,
      lowerBoundMs: 720_000,
      bindingConstraint: { feed: 'A', kind: 'last-start' },
      violations: [],
      waves: [{ index: 0, miners: 5, startedAtMs: 0, gatedAtMs: 840_000, gate: 'PASS' }],
    });
    expect(run.starts).toHaveLength(5);
    expect(run.starts[0]).toEqual({
      miner: '10.0.0.1',
      feedPath: ['site', 'A'],
      wave: 0,
      attempt: 1,
      rung: 'wake',
      atMs: 0,
      steadyW: 3_000,
      bootOverheadW: 300,
      bootMs: 420_000,
      healthyAtMs: 480_000,
      outcome: 'healthy',
    });
  });

  test('says to a person how near the bound it came, and what decides', async () => {
    const { code, out } = await relight(['rehearse', '--site', site('text', 10_300), '--ideal']);
    expect(code).toBe(0);
    expect(out).toContain('last one healthy after 0:12:00; starting all of them takes at least 0:12:00 (0.0 % over)');
    expect(out).toContain('binding: last-start at A');
    expect(out).toContain('proof: every limit held at every instant');
  });

  test('sets apart who came back alone, in the order of the tree, and says why it halted', async () => {
    const example = fileURLToPath(new URL('../../config/examples/site.yaml', import.meta.url));
    const run = JSON.parse((await relight(['rehearse', '--site', example, '--json'])).out);
    const pdu = run.feeds.find(({ feed }: { feed: string }) => feed === 'pdu-1a');
    expect(pdu.peakOrderedBooting).toBeLessThanOrEqual(2);
    expect(pdu.peakBooting).toBeGreaterThan(2);
    expect(run.haltReasons).toHaveLength(run.halts);
    const { out } = await relight(['rehearse', '--site', example]);
    expect(out).toContain(`, since ${run.outcomes.alone} came back alone; if all of them needed an order`);
    expect(out).toContain(
      `booting at once: ${pdu.peakOrderedBooting} on orders, ${pdu.peakBooting} with those that started alone\n`,
    );
    for (const why of run.haltReasons) expect(out).toContain(`who let it go on: ${why}`);
    const shown = [...out.matchAll(/^(\S+): at most /gm)].map(([, feed]) => feed);
    expect(shown).toEqual(run.feeds.map(({ feed }: { feed: string }) => feed));
  });

  test('with a seed deals faults, the same ones each time', async () => {
    const file = site('seeded', 10_300);
    const [once, again] = await Promise.all(
      [1, 2].map(() => relight(['rehearse', '--site', file, '--seed', '5', '--json'])),
    );
    expect(once).toEqual(again);
    expect(JSON.parse(once?.out ?? '')).toMatchObject({ seed: 5, ideal: false, violations: [] });
  });

  test('names the feed and the watts that are missing, and fails', async () => {
    const { code, out, err } = await relight(['rehearse', '--site', site('tight', 10_199), '--ideal', '--json']);
    expect(code).toBe(1);
    expect(err).toMatch(ONE_LINE);
    expect(err).toContain('A needs 1 W more');
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      code: 'PLAN_INFEASIBLE',
      infeasible: [{ feed: 'A', constraint: 'cap', missingW: 1 }],
    });
  });

  test('warns of boots of less than seconds, beside the document', async () => {
    const file = site('seconds', 10_300);
    writeFileSync(file, readFileSync(file, 'utf8').replace('bootMs: 180_000', 'bootMs: 180'));
    const { code, out, err } = await relight(['rehearse', '--site', file, '--ideal', '--json']);
    expect([code, JSON.parse(out).miners]).toEqual([0, 5]);
    expect(err).toMatch(/^relight: warning: profiles\.five\.bootMs is 180, [^\n]+\n$/);
  });

  test('refuses a seed that is no whole number', async () => {
    const { code, err } = await relight(['rehearse', '--site', site('seed', 10_300), '--seed', '1.5']);
    expect(code).toBe(2);
    expect(err).toMatch(ONE_LINE);
  });
});
