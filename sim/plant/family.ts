/**
 * Which firmware a model speaks where the site file names no family: by the name of the firmware in it, if one is, else
 * by the maker's. The badge of a Whatsminer does not tell V2 from V3, so V3 needs `family` or "V3" in the name.
 */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/braiins|\bbos\b/i, 'braiins'],
  [/luxos/i, 'luxos'],
  [/vnish|anthill/i, 'vnish'],
  [/\bepic\b|powerplay|blockminer/i, 'epic'],
  [/marathon|marafw/i, 'marathon'],
  [/hiveon/i, 'hiveon'],
  [/mskminer/i, 'mskminer'],
  [/whatsminer.*\bv3\b/i, 'whatsminer-v3'],
  [/whatsminer/i, 'whatsminer-v2'],
  [/avalon/i, 'avalon'],
  [/goldshell/i, 'goldshell'],
  [/iceriver/i, 'iceriver'],
  [/auradine|teraflux/i, 'auradine'],
  [/innosilicon/i, 'innosilicon'],
  [/dragonmint/i, 'dragonmint'],
  [/nerd.?q?axe/i, 'nerdaxe'],
  [/bitaxe/i, 'bitaxe'],
  [/elphapex/i, 'elphapex'],
  [/hammer/i, 'hammer'],
  [/volcminer/i, 'volcminer'],
  [/sealminer/i, 'sealminer'],
  [/proto rig/i, 'proto'],
  [/futurebit|apollo/i, 'futurebit'],
];

export const guessFamily = (model: string): string => SIGNS.find(([sign]) => sign.test(model))?.[1] ?? 'antminer-stock';
