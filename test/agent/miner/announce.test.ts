import { createSocket } from 'node:dgram';
import { expect, test } from '@jest/globals';
import { listenForMiners } from '../../../agent/miner/announce.io.ts';
import { type Announcement, announcementOf } from '../../../agent/miner/announce.ts';

const told: readonly (readonly [string, Announcement['make'], string, Announcement | null])[] = [
  [
    'an Antminer by address and MAC',
    'Bitmain',
    '10.1.1.7,0A:1B:2C:3D:4E:5F',
    { address: '10.1.1.7', mac: '0a:1b:2c:3d:4e:5f', make: 'Bitmain' },
  ],
  [
    'a Whatsminer in its own words',
    'MicroBT',
    'IP:10.1.1.8MAC:0a-1b-2c-3d-4e-60\0',
    { address: '10.1.1.8', mac: '0a:1b:2c:3d:4e:60', make: 'MicroBT' },
  ],
  ['one without a MAC', 'Bitmain', '10.1.1.9', { address: '10.1.1.9', mac: null, make: 'Bitmain' }],
  ['nothing by an acknowledgement', 'Bitmain', 'OK\0 10.1.1.9', null],
  ['nothing by noise', 'MicroBT', 'hello', null],
];

test.each(told)('a shout tells %s', (_, make, text, announcement) => {
  expect(announcementOf(make, text)).toEqual(announcement);
});

test('what is shouted on either port is heard until told to stop', async () => {
  const stopping = new AbortController();
  const heard: Announcement[] = [];
  const ports = { Bitmain: await freePort(), MicroBT: await freePort() };
  const sender = createSocket('udp4');
  const shout = (text: string, port: number) =>
    new Promise<void>((sent) => sender.send(text, port, '127.0.0.1', () => sent()));
  const both = new Promise<void>((done) => {
    const listening = listenForMiners({
      host: '127.0.0.1',
      ports,
      signal: stopping.signal,
      onAnnounced(one) {
        heard.push(one);
        if (new Set(heard.map(({ address }) => address)).size === 2) done();
      },
    });
    void listening.then(() => heard.push({ address: 'ended', mac: null, make: 'Bitmain' }));
  });
  // Nobody tells when the sockets are open, and a miner shouts more than once as well.
  const again = setInterval(() => {
    void shout('10.1.1.7,0a:1b:2c:3d:4e:5f', ports.Bitmain);
    void shout('IP:10.1.1.8MAC:0a:1b:2c:3d:4e:60', ports.MicroBT);
  }, 20);
  await both;
  clearInterval(again);
  stopping.abort();
  sender.close();
  expect(new Set(heard.map(({ make }) => make))).toEqual(new Set(['Bitmain', 'MicroBT']));
});

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', () => bound()));
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(() => closed()));
  return port;
}
