import type { KeyObject } from 'node:crypto';
import { Compile } from 'typebox/compile';
import { type AgentHello, ControllerHello, Welcome } from '../../shared/messages.ts';
import { type Challenge, proofHolds, signProof } from '../../shared/proof.ts';

/** What the agent says of itself; the rest comes with each try. */
export type HelloFacts = Omit<AgentHello, 'protocol' | 'key' | 'nonce' | 'attempts'>;

export type Shaken =
  | Readonly<{ ok: true; hello: ControllerHello; proof: Readonly<{ signature: string }> }>
  | Readonly<{ ok: false; reason: string }>;

export type ShakeOptions = Readonly<{
  sent: AgentHello;
  answer: unknown;
  key: KeyObject;
  /** The controller's public key that we hold to; null: none seen yet. */
  pinned: string | null;
}>;

const controllerHello = Compile(ControllerHello);
const welcome = Compile(Welcome);

/**
 * Judges the controller's hello and makes our proof. Our own signature leaves only after the controller's holds: an
 * impostor learns nothing that it could pass on.
 */
export function shake({ sent, answer, key, pinned }: ShakeOptions): Shaken {
  if (!controllerHello.Check(answer)) return { ok: false, reason: 'its hello is malformed' };
  if (pinned !== null && answer.controller !== pinned) {
    return { ok: false, reason: `its key is ${answer.controller}, ours is pinned to ${pinned}` };
  }
  const challenge: Challenge = {
    agent: sent.agent,
    controller: answer.controller,
    agentNonce: sent.nonce,
    controllerNonce: answer.nonce,
    siteEpoch: answer.siteEpoch,
  };
  const { controller: publicKey, signature } = answer;
  if (!proofHolds('controller', challenge, { publicKey, signature })) {
    return { ok: false, reason: 'its signature does not hold' };
  }
  return { ok: true, hello: answer, proof: { signature: signProof('agent', challenge, key) } };
}

export function readWelcome(answer: unknown): Welcome | null {
  return welcome.Check(answer) ? answer : null;
}
