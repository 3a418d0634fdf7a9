import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { type Heard, minersWith, type Page, type Pages, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('admin', '12345678'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('iceriver');

/** No source says what it read here: the figures are those of the panel itself, in the snapshot's units. */
(captures.length > 0 ? describe : describe.skip)('captures of IceRiver', () => {
  test.each(captures)('$name is known by its panel and gives a snapshot that holds to its schema', async (one) => {
    for (const family of [null, one.family]) {
      const { snapshot, unreadable } = await readCapture(miners, one, family);
      expect([unreadable, snapshot?.family]).toEqual([null, 'iceriver']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
      expect(snapshot).not.toHaveProperty('partial');
      expect(snapshot?.model).toBe(one.model);
    }
  });

  const read = async (name: string) => {
    const capture = captures.find((one) => one.name.startsWith(name));
    if (capture === undefined) throw new Error(`no capture ${name}`);
    return (await readCapture(miners, capture, 'iceriver')).snapshot;
  };

  test('a KS3M is counted in TH/s, and says what it hashes', async () => {
    const snapshot = await read('ks3m');
    expect(snapshot).toMatchObject({
      ...{ algorithm: 'kHeavyHash', hashrateThs: 6.226, hashrateAvgThs: 6.308, hashrateNominalThs: null },
      ...{ miningState: 'hashing', uptimeS: 34_562, locating: false, errors: [] },
      ...{ mac: '52:8c:03:36:ec:e7', hostname: 'petalinux_config13', firmwareVersion: '5977449_ks3m_miner' },
      // The sensor at the outlet of board 2 is broken, and what it says is still in a sensor's range.
      boards: [
        { index: 0, hashrateThs: 2.15138, chips: 18, boardTempC: 49, chipTempC: null, state: 'working' },
        { index: 1, hashrateThs: 2.11473, boardTempC: 126 },
        { index: 2, hashrateThs: 1.9608, boardTempC: 49 },
      ],
      pools: [
        { index: 0, state: 'dead', active: false, accepted: 0 },
        {
          index: 1,
          url: 'stratum+tcp://asia-kas.2miners.com:2323',
          state: 'alive',
          active: true,
          accepted: 3_058,
          rejected: 76,
        },
        { index: 2, state: 'dead', active: false },
      ],
    });
    expect(snapshot).not.toHaveProperty('hashrateMhs');
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual([1_028, 1_028, 1_028, 1_072]);
  });

  test('an AL3 hashes something that is not counted in TH/s', async () => {
    expect(await read('al3')).toMatchObject({
      ...{ algorithm: 'Blake3', hashrateThs: null, hashrateMhs: 14_762_000, hashrateAvgMhs: 14_888_000 },
      // Two days, 20 hours, 7 minutes, 21 seconds. Counts come as 18.0.
      ...{ miningState: 'hashing', uptimeS: 245_241, mac: null, locating: null, pools: [] },
      boards: [
        { index: 0, hashrateThs: null, hashrateMhs: 5_153_040, chips: 18, boardTempC: 65 },
        { index: 1 },
        { index: 2 },
      ],
    });
  });
});

const DATA = {
  softver1: '5977449_ks5l_miner',
  rtpow: '12.1T',
  avgpow: '11.9T',
  runtime: '01:00:00:05',
  powstate: true,
};
const panelOf = (data: object): Page => ({ says: { error: 0, data, message: '' } });
const LOGIN_PAGE: Page = { says: '<html><title>login</title></html>' };

describe('an IceRiver', () => {
  const reads = async (pages: Pages, family: string | null = 'iceriver') => {
    const device = await pageDevice({ family, pages });
    const reading = await miners.read(device.target);
    await device.close();
    return { ...reading, heard: device.heard };
  };
  const snapshotOf = async (more: object) =>
    (await reads({ 'POST /user/userpanel': panelOf({ ...DATA, ...more }) })).snapshot;

  test.each([
    ['6226G', 'G', 6.226],
    ['12.1T', 'G', 12.1],
    ['12.1', 'T', 12.1],
    [6_226, 'G', 6.226],
    ['6226 GH/s', 'T', 6.226],
    ['850000M', 'G', 0.85],
  ])('that writes %j beside "%s"', async (rtpow, unit, hashrateThs) => {
    expect(await snapshotOf({ rtpow, unit })).toMatchObject({ model: 'KS5L', hashrateThs, miningState: 'hashing' });
  });

  test.each([
    ['has work', {}, 'hashing'],
    ['stands', { powstate: false, rtpow: '0G' }, 'idle'],
    ['stands, with a rate left over', { powstate: false }, 'idle'],
    ['says that it hashes at no rate', { rtpow: '0.00G' }, 'idle'],
    ['began just now', { powstate: false, runtime: '00:00:01:00' }, 'starting'],
  ])('that %s', async (_, more, state) => {
    expect((await snapshotOf(more))?.miningState).toBe(state);
  });

  test('without a total is the sum of its boards, and ideal where they say so', async () => {
    const boards = [
      { no: 1, rtpow: '4.0T', idealpow: '4.2T', error: 0, state: false, intmp: -60, outtmp: 0 },
      { no: 2, rtpow: '4.1T', idealpow: '4.2T', error: 3 },
    ];
    const snapshot = await snapshotOf({ rtpow: null, boards, fanstate: false, pools: [{ no: 1, addr: '' }] });
    expect(snapshot).toMatchObject({ hashrateThs: 8.1, hashrateNominalThs: 8.4, pools: [] });
    expect(snapshot?.errors).toEqual([
      { code: 'fanstate', message: 'a fan fails' },
      { code: '3', message: 'board 2 has an error' },
    ]);
    expect(snapshot?.boards).toMatchObject([{ state: 'not working', boardTempC: null }, { chips: null }]);
  });

  test.each([
    [{ softver1: 'x_y_miner', model: 'none', algo: 'none' }, null, 'unknown'],
    [{ softver1: 'x_y_miner', model: 'RX0', algo: 'sha512' }, 'RX0', 'sha512'],
  ])('named by %j', async (more, model, algorithm) => {
    expect(await snapshotOf(more)).toMatchObject({ model, algorithm, hashrateThs: null, hashrateMhs: 12_100_000 });
  });

  test('has its pools and its address elsewhere where the panel lacks them', async () => {
    const { snapshot } = await reads({
      'POST /user/userpanel': panelOf(DATA),
      'POST /user/machineconfig': panelOf({ pools: [{ no: 1, addr: 'p.example:1', connect: true, state: 1 }] }),
      'POST /user/ipconfig': panelOf({ mac: '52-8C-03-36-EC-E7', host: 'rig' }),
    });
    expect(snapshot).toMatchObject({ pools: [{ url: 'p.example:1' }], mac: '52:8c:03:36:ec:e7', hostname: 'rig' });
  });

  test('that lost a page loses that alone, and names it', async () => {
    const pages = { 'POST /user/userpanel': panelOf(DATA), 'POST /user/machineconfig': { status: 500, says: '' } };
    expect((await reads(pages)).snapshot).toMatchObject({ hashrateThs: 12.1, partial: [{ read: 'machine' }] });
  });

  test('is known by the title of its page', async () => {
    const page = { says: '<html><title>用户界面</title></html>' };
    expect((await reads({ 'GET /': page, 'POST /user/userpanel': panelOf(DATA) }, null)).snapshot?.family).toBe(
      'iceriver',
    );
  });

  const FORM = 'post=6&user=admin&pwd=12345678';
  const inside = ({ cookie }: Heard): Page => (cookie === 'sid=1' ? panelOf(DATA) : LOGIN_PAGE);
  const login: Page = { says: { error: 0 }, cookie: 'sid=1; Path=/' };

  test('that asks for a login gets a form, and its cookie back', async () => {
    const { snapshot, heard } = await reads({ 'POST /user/loginpost': login, 'POST /user/userpanel': inside });
    expect(snapshot).toMatchObject({ hashrateThs: 12.1 });
    expect(heard.slice(0, 2)).toMatchObject([
      { asked: 'POST /user/loginpost', body: FORM },
      { asked: 'POST /user/userpanel', body: 'post=4', cookie: 'sid=1' },
    ]);
  });

  test('that reads the URL alone is asked so, once the form came to nothing', async () => {
    const { snapshot, heard } = await reads({
      'POST /user/loginpost': LOGIN_PAGE,
      [`POST /user/loginpost?${FORM}`]: login,
      'POST /user/userpanel': { says: { error: 1, message: 'no post' } },
      'POST /user/userpanel?post=4': inside,
    });
    expect(snapshot).toMatchObject({ hashrateThs: 12.1, uptimeS: 86_405, model: 'KS5L', miningState: 'hashing' });
    expect(heard.slice(0, 2).map(({ asked }) => asked)).toEqual([
      'POST /user/loginpost',
      `POST /user/loginpost?${FORM}`,
    ]);
  });

  test('whose session runs out is logged into once more', async () => {
    let logins = 0;
    const { snapshot, heard } = await reads({
      'POST /user/loginpost': () => ({ says: { error: 0 }, cookie: `sid=${++logins}` }),
      'POST /user/userpanel': ({ cookie }) => (cookie === 'sid=2' ? panelOf(DATA) : { status: 302, says: '' }),
    });
    expect([snapshot?.hashrateThs, logins]).toEqual([12.1, 2]);
    expect(heard.filter(({ asked }) => asked === 'POST /user/userpanel')).toHaveLength(2);
  });

  test.each([
    ['says no', { says: { error: 1, message: 'password error' } }, 1],
    ['says HTTP 401', { status: 401, says: '' }, 1],
    // In this family a page for people may mean either, so both ways are tried, once.
    ['shows its login page', LOGIN_PAGE, 2],
  ] as const)('that %s to our password is not asked again', async (_, page, tries) => {
    const no = { 'POST /user/loginpost': page, [`POST /user/loginpost?${FORM}`]: page };
    const device = await pageDevice({ family: 'iceriver', pages: { ...no, 'POST /user/userpanel': inside } });
    for (const _ of [1, 2]) expect((await miners.read(device.target)).unreadable).toBe('auth_failed');
    await device.close();
    expect(device.heard.filter(({ asked }) => asked.startsWith('POST /user/loginpost'))).toHaveLength(tries);
    expect(device.heard).toHaveLength(tries);
  });

  test('that gives a cookie to anybody, and shows its login page to all, has another password', async () => {
    const pages = { 'POST /user/loginpost': login, 'POST /user/userpanel': LOGIN_PAGE };
    const device = await pageDevice({ family: 'iceriver', pages });
    for (const _ of [1, 2]) expect((await miners.read(device.target)).unreadable).toBe('auth_failed');
    await device.close();
    expect(device.heard).toHaveLength(4);
  });
});
