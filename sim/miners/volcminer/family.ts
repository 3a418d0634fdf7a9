import { ccminerFamily } from '../hammer/family.ts';

/** Hammer's firmware in another case; the rows of its `stats` run together (capture of a D1). Its rate is a guess. */
export const volcminer = ccminerFamily({
  family: 'volcminer',
  account: { user: 'root', password: 'ltc@dog' },
  make: { nominalMhs: 15_000, chips: 105 },
  print: (text) => text.replaceAll('},{', '}{'),
});
