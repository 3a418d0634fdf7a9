import type { Act } from '../driver.ts';
import { isArray, type Json, objectsOf, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Fault, type Link } from '../link.ts';
import { flagOf, positive, textOf } from '../normalise.ts';
import type { OrderOf } from '../order.ts';
import { SAVE_AND_APPLY } from './messages.ts';
import { grpcDetails, grpcPools } from './queries.ts';
import { state } from './rest.ts';

/** Orders over gRPC (fact sheet 7.3). A process that stops or starts its boards answers late. */
const WRITE_MS = 20_000;

const sent = (detail: string | null = null): ActAnswer => ({ result: 'sent', detail });
const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

/** Answers that say enough by themselves: a wrong password, and a build without pools. */
const PLAIN: ReadonlySet<Fault> = new Set(['auth_failed', 'no_credentials', 'absent']);

const call = (link: Link, method: string, request: Readonly<Record<string, Json>> = {}) =>
  link.call({ via: 'grpc', name: method, path: `/braiins.bos.v1.${method}`, request, timeoutMs: WRITE_MS });

const simple =
  (method: string): Act =>
  async (link) => {
    const delivery = await call(link, `ActionsService/${method}`);
    if (!delivery.ok) return actAnswer(delivery);
    return property(delivery.reply ?? {}, 'already') === true ? sent('it was so already, says the device') : sent();
  };

export const restart = simple('Restart');
export const reboot = simple('Reboot');
export const pause = simple('PauseMining');

const resume = simple('ResumeMining');
const start = simple('Start');

/** One whose process was stopped has nothing to resume. */
export const wake: Act<'wake'> = async (link, order) => {
  const before = await link.ask(grpcDetails);
  if (!before.ok && before.why !== 'absent' && PLAIN.has(before.why)) return actAnswer({ ...before, sent: false });
  return before.ok && state(before.reply) === 'stopped' ? start(link, order) : resume(link, order);
};

export const locate = async (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> => {
  const delivery = await call(link, 'ActionsService/SetLocateDeviceStatus', { enable: on });
  if (!delivery.ok) return actAnswer(delivery);
  const now = flagOf(property(delivery.reply ?? {}, 'enabled'));
  return now === null || now === on ? sent() : refused(`its light is ${now ? 'on' : 'off'}, says the device`);
};

/** Its limits are not known to the sheet: a device that has some says so itself. */
export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const request = { save_action: SAVE_AND_APPLY, power_target: { watt: Math.floor(powerW) } };
  const delivery = await call(link, 'PerformanceService/SetPowerTarget', request);
  if (!delivery.ok) return actAnswer(delivery);
  const set = positive(property(property(delivery.reply ?? {}, 'power_target'), 'watt'));
  return sent(set === null || set === powerW ? null : `a power target of ${set} W`);
};

/** All groups are replaced by one, under the name of the first; nothing is written unless they could be read. */
export const pools = async (link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> => {
  const before = await link.ask(grpcPools);
  if (!before.ok && PLAIN.has(before.why)) return actAnswer({ ...before, sent: false });
  const groups = before.ok ? property(before.reply, 'pool_groups') : undefined;
  if (!isArray(groups)) {
    return refused(`its pools could not be read (${before.ok ? 'no groups' : before.detail}), so none are written`);
  }
  const name =
    objectsOf(groups)
      .map((group) => textOf(property(group, 'name')))
      .find((one) => one !== null) ?? 'default';
  const list = wanted.map(({ url, worker, password }) => ({ url, user: worker, password, enabled: true }));
  const group = { name, quota: { value: 1 }, pools: list };
  const request = { save_action: SAVE_AND_APPLY, pool_groups: [group] };
  return actAnswer(await call(link, 'PoolService/SetPoolGroups', request));
};
