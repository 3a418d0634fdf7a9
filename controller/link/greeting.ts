import type { KeyObject } from 'node:crypto';
import { Compile } from 'typebox/compile';
import { LINK_PROTOCOL } from '../../shared/frame.ts';
import { type AgentId, agentId } from '../../shared/ids.ts';
import { AgentHello, AgentProof, CLOSE, type ControllerHello } from '../../shared/messages.ts';
import { type Challenge, proofHolds, signProof } from '../../shared/proof.ts';
import type { Stranger } from './refusals.ts';

/** Who we are to agents: the raw public key is the id. */
export type Identity = Readonly<{ id: string; key: KeyObject }>;

export type Greeter = Readonly<{
  identity: Identity;
  site: string;
  siteEpoch: number;
  /** Raw public keys of the agents that may connect. */
  agentKeys: ReadonlyMap<AgentId, string>;
}>;

export type Turned = Readonly<{
  ok: false;
  close: number;
  reason: string;
  fields: Readonly<Record<string, unknown>>;
  /** Who it said it was, where nothing but its key was wrong. */
  unknown?: Stranger;
}>;
export type Greeted = Readonly<{ ok: true; agent: AgentId; hello: AgentHello; publicKey: string }>;

const helloShape = Compile(AgentHello);
const proofShape = Compile(AgentProof);

/** Judges the first call of a connection. */
export function judgeHello(greeter: Greeter, payload: unknown): Greeted | Turned {
  const protocol = (payload as { protocol?: unknown } | null)?.protocol;
  if (typeof protocol === 'string' && protocol !== LINK_PROTOCOL) {
    return turn(CLOSE.version, `this controller speaks ${LINK_PROTOCOL}`, { protocol: protocol.slice(0, 64) });
  }
  if (!helloShape.Check(payload)) return turn(CLOSE.policy, 'not a valid hello', {});
  if (payload.site !== greeter.site) {
    return turn(CLOSE.unauthorised, `UNKNOWN_SITE: this is ${greeter.site}`, {
      agent: payload.agent,
      site: payload.site,
    });
  }
  const publicKey = greeter.agentKeys.get(agentId(payload.agent));
  if (publicKey === undefined) {
    const key = payload.key ?? 'not said';
    const turned = turn(CLOSE.unauthorised, 'UNKNOWN_KEY: not in the controller’s agentKeys', {
      agent: payload.agent,
      key,
    });
    return { ...turned, unknown: { agent: payload.agent, key: payload.key ?? null } };
  }
  return { ok: true, agent: agentId(payload.agent), hello: payload, publicKey };
}

export type Facts = Omit<ControllerHello, 'controller' | 'signature' | 'siteEpoch'>;

export function challengeOf({ identity, siteEpoch }: Greeter, hello: AgentHello, nonce: string): Challenge {
  return {
    agent: hello.agent,
    controller: identity.id,
    agentNonce: hello.nonce,
    controllerNonce: nonce,
    siteEpoch,
  };
}

export function helloBack({ identity, siteEpoch }: Greeter, challenge: Challenge, facts: Facts): ControllerHello {
  const signature = signProof('controller', challenge, identity.key);
  return { controller: identity.id, signature, siteEpoch, ...facts };
}

/** Null: it is who it says. */
export function judgeProof(greeted: Greeted, challenge: Challenge, payload: unknown): Turned | null {
  if (!proofShape.Check(payload)) return turn(CLOSE.policy, 'not a valid proof', { agent: greeted.agent });
  const by = { publicKey: greeted.publicKey, signature: payload.signature };
  if (proofHolds('agent', challenge, by)) return null;
  const { key } = greeted.hello;
  // Very often the host was set up anew: the operator needs the new key, and which agent it is for.
  const fields = { agent: greeted.agent, configured: greeted.publicKey, key: key ?? 'not said' };
  const turned = turn(CLOSE.unauthorised, 'UNKNOWN_KEY: the proof is not by the configured key', fields);
  return { ...turned, unknown: { agent: greeted.agent, key: key ?? null } };
}

const turn = (close: number, reason: string, fields: Turned['fields']): Turned => ({
  ok: false,
  close,
  reason,
  fields,
});
