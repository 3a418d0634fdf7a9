import type { UplinkView } from '../../shared/view.ts';

export type LayerChip = Readonly<{ layer: string; is: 'up' | 'part' | 'down' | 'unknown'; text: string }>;

/** One chip a layer, in the order in which they were asked; with several targets it says how many answered. */
export function layersOf(evidence: UplinkView['evidence']): readonly LayerChip[] {
  return [...Map.groupBy(evidence, ({ layer }) => layer)].map(([layer, asked]) => {
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
