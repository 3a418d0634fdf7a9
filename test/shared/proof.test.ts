import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type Challenge, proofHolds, publicKeyOf, publicKeyText, signProof } from '../../shared/proof.ts';
import fc from '../properties.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const publicKey = publicKeyText(key);
const challenge: Challenge = {
  agent: 'a1',
  controller: publicKey,
  agentNonce: 'nonce-of-the-agent',
  controllerNonce: 'nonce-of-the-controller',
  siteEpoch: 4,
};
const signature = signProof('agent', challenge, key);

test('a proof holds for exactly the role, key and challenge that it was made for', () => {
  expect(proofHolds('agent', challenge, { publicKey, signature })).toBe(true);
});

test('a proof in the role of the other side is refused', () => {
  expect(proofHolds('controller', challenge, { publicKey, signature })).toBe(false);
});

test('a proof by another key is refused', () => {
  const other = publicKeyText(generateKeyPairSync('ed25519').privateKey);
  expect(proofHolds('agent', challenge, { publicKey: other, signature })).toBe(false);
});

const changes: readonly (readonly [string, Partial<Challenge>])[] = [
  ['nonce of the agent', { agentNonce: 'an older one' }],
  ['nonce of the controller', { controllerNonce: 'an older one' }],
  ['agent', { agent: 'a2' }],
  ['controller', { controller: 'another' }],
  ['epoch', { siteEpoch: 5 }],
];
test.each(changes)('a proof replayed for another %s is refused', (_, change) => {
  expect(proofHolds('agent', { ...challenge, ...change }, { publicKey, signature })).toBe(false);
});

test('what is moved from one field into its neighbour is another challenge', () => {
  const moved = { ...challenge, agentNonce: 'nonce-of-the-agentn', controllerNonce: 'once-of-the-controller' };
  expect(proofHolds('agent', moved, { publicKey, signature })).toBe(false);
});

test('no input of a peer makes the judgement throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (anyKey, anySignature) => {
      expect(proofHolds('agent', challenge, { publicKey: anyKey, signature: anySignature })).toBe(false);
      expect(proofHolds('agent', challenge, { publicKey, signature: anySignature })).toBe(false);
      expect(proofHolds('agent', challenge, { publicKey: anyKey, signature })).toBe(anyKey === publicKey);
    }),
  );
});

test('the text of a key is that of its private and its public half, and leads back to it', () => {
  const back = publicKeyOf(publicKey);
  expect(back && publicKeyText(back)).toBe(publicKey);
  expect(publicKeyOf('AAAA')).toBeNull();
});
