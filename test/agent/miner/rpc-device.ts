import { createServer } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { close, open } from './replay.ts';

/** `null` closes the line without a word. */
export type Said = object | string | null;
export type RpcDevice = Readonly<{
  target: Target;
  /** As they came: `command`, or `command|parameter`. */
  heard: readonly string[];
  close(): Promise<void>;
}>;

const INVALID = { STATUS: [{ STATUS: 'E', When: 1, Code: 14, Msg: 'Invalid command' }] };
let count = 0;

/** A device that is nothing but a cgminer-like port, on a real socket. What it is not told to say is an invalid command. */
export async function rpcDevice(family: string, answers: Readonly<Record<string, Said>>): Promise<RpcDevice> {
  const heard: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const asked = nameOf(data.toString());
      heard.push(asked);
      const said = answers[asked] === undefined ? INVALID : answers[asked];
      if (said === null) return void socket.end();
      socket.end(`${typeof said === 'string' ? said : JSON.stringify(said)}\0`);
    });
  });
  const rpc = await open(server);
  const ports = { http: 1, rpc };
  return {
    target: { miner: minerId(`rpc-${count++}`), address: '127.0.0.1', ports, family },
    heard,
    close: () => close(server),
  };
}

function nameOf(text: string): string {
  if (!text.startsWith('{')) return text.trim();
  const { command = '', parameter } = JSON.parse(text) as { command?: string; parameter?: string };
  return parameter === undefined ? command : `${command}|${parameter}`;
}
