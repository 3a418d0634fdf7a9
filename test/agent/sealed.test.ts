import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseScope, sealedStore, startAgent } from '../../agent/index.ts';
import { realClock } from '../../shared/clock.io.ts';
import type { Log } from '../../shared/log.ts';
import type { StateReport } from '../../shared/messages.ts';
import { seededRandom } from '../../shared/random.ts';
import { type Farm, type Internet, startFarm, startInternet } from '../../sim/index.ts';
import { aHome, aLiveSite } from './daemon.ts';
import { startFakeController } from './link/fake-controller.ts';

const SEED = 23;
const WRONG = 'Wr0ng-Horse-Battery';
let internet: Internet;
let farm: Farm;
let site: Awaited<ReturnType<typeof aLiveSite>>;
beforeAll(async () => {
  internet = await startInternet({ seed: SEED, clock: realClock });
  site = await aLiveSite(internet, 1);
  const options = { clock: realClock, random: seededRandom(SEED), seed: SEED, poolServes: () => true };
  farm = await startFarm({ site, faults: new Map(), ...options });
});
afterAll(async () => {
  await farm.stop();
  await internet.stop();
});

test('a running agent reads a miner with the password that was set since, and tells the controller of no password', async () => {
  const controller = await startFakeController();
  const home = aHome(site, [controller.url]);
  const store = sealedStore({ stateDir: home.config.stateDir });
  const set = (password: string): void => {
    const scope = parseScope('family antminer-stock');
    if (scope !== null) store.set(scope, { user: 'root', password });
  };
  set(WRONG);
  const logged: string[] = [];
  const note = (fields: object, text: string): void => {
    logged.push(`${text} ${JSON.stringify(fields)}`);
    if ('publicKey' in fields) controller.trust(String(fields.publicKey));
  };
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const config = { ...home.config, credentialsFile: null };
  const agent = await startAgent({ config, clock: realClock, random: seededRandom(SEED), log });
  const last = () =>
    controller.heard
      .flatMap(([, , action, payload]) => (action === 'state' ? (payload as StateReport).sightings : []))
      .at(-1);
  await controller.until(() => last()?.unreadable === 'auth_failed');

  set('root');
  await controller.until(() => last()?.unreadable === null && last()?.snapshot?.miningState === 'hashing');
  expect(logged).toContainEqual(expect.stringContaining('the sealed credentials have changed'));
  await agent.stop();
  await controller.close();
  home.remove();
  expect(JSON.stringify(controller.heard)).not.toContain(WRONG);
  expect(logged.join('\n')).not.toContain(WRONG);
});
