import { firstOf, judged, reboot, wake as resume } from '../bitaxe/actions.ts';
import { info } from '../bitaxe/queries.ts';
import type { Act } from '../driver.ts';
import { property } from '../json.ts';
import { flagOf } from '../normalise.ts';

/** Builds that cannot pause can be shut down (fact sheet 16): the page stays, and the chips are off. */
export const sleep: Act = async (link) => judged(await firstOf(link, ['/api/system/pause', '/api/system/shutdown']));

/** What was shut down only a start brings back, and nothing else is started for it. */
export const wake: Act = async (link, order) => {
  const before = await link.ask(info);
  if (!before.ok) return judged({ ...before, sent: false });
  const down = flagOf(property(before.reply, 'shutdown'));
  if (down === true) return reboot(link, order);
  const resumed = await resume(link, order);
  const awake = down === false && resumed.result === 'unsupported';
  return awake ? { result: 'sent', detail: 'it was not shut down, and cannot be paused' } : resumed;
};
