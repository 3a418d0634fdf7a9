import { LAYERS } from '../../shared/finding.ts';
import type { UplinkView } from '../../shared/view.ts';

export type LayerChip = Readonly<{ layer: string; is: 'up' | 'part' | 'down' | 'unknown'; text: string }>;

type Evidence = UplinkView['evidence'];

/** From the cable up, whatever order the answers came in. */
export function inOrder(evidence: Evidence): Evidence {
  const rank = (layer: string): number => (LAYERS as readonly string[]).indexOf(layer);
  return [...evidence].sort((a, b) => rank(a.layer) - rank(b.layer) || a.target.localeCompare(b.target));
}

/** One chip a layer; with several targets it says how many answered. */
export function layersOf(evidence: Evidence): readonly LayerChip[] {
  return [...Map.groupBy(inOrder(evidence), ({ layer }) => layer)].map(([layer, asked]) => {
    const known = asked.filter(({ is }) => is !== 'unknown');
    const up = known.filter(({ is }) => is === 'up').length;
    if (known.length === 0) return { layer, is: 'unknown', text: layer };
    if (up === known.length) return { layer, is: 'up', text: layer };
    return {
      layer,
      is: up === 0 ? 'down' : 'part',
      text: known.length === 1 ? layer : `${layer} ${up}/${known.length}`,
    };
  });
}
