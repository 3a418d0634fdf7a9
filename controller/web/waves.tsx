import type { WaveView } from '../../shared/view.ts';
import { count, duration, words } from './format.ts';

export function Waves({ waves, nowMs }: { waves: readonly WaveView[]; nowMs: number }) {
  return (
    <table class="waves">
      <thead>
        <tr>
          <th scope="col">wave</th>
          <th scope="col" class="wide">
            healthy · failing · undecided
          </th>
          <th scope="col">state</th>
          <th scope="col">gate</th>
          <th scope="col">took</th>
        </tr>
      </thead>
      <tbody>
        {waves.map((wave) => (
          <Wave key={wave.index} wave={wave} nowMs={nowMs} />
        ))}
      </tbody>
    </table>
  );
}

function Wave({ wave, nowMs }: { wave: WaveView; nowMs: number }) {
  const { index, state, gate, why, startedAtMs, gatedAtMs } = wave;
  const running = startedAtMs !== null && gatedAtMs === null;
  return (
    <>
      <tr class={running ? 'running' : startedAtMs === null ? 'ahead' : ''}>
        <th scope="row">{index === 0 ? 'canary' : index}</th>
        <td class="wide">
          <Share wave={wave} />
        </td>
        <td>{words(state)}</td>
        <td class={`gate ${gate ?? ''}`}>{gate === null ? '' : gate.toLowerCase()}</td>
        <td>{startedAtMs === null ? '' : duration((gatedAtMs ?? nowMs) - startedAtMs)}</td>
      </tr>
      {why === null || state === 'PASSED' ? null : (
        <tr class="reason">
          <td />
          <td colSpan={4}>{why}</td>
        </tr>
      )}
    </>
  );
}

/** Of a wave that has not begun nothing is undecided: it only has miners. */
function Share({ wave: { miners, healthy, failing, unknown: open, startedAtMs } }: { wave: WaveView }) {
  const unknown = startedAtMs === null ? 0 : open;
  const x = (part: number): number => (100 * part) / Math.max(1, miners);
  return (
    <span class="share">
      <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="room" width="100" height="8" />
        <rect class="healthy" width={x(healthy)} height="8" />
        <rect class="failing" x={x(healthy)} width={x(failing)} height="8" />
        <rect class="unknown" x={x(healthy + failing)} width={x(unknown)} height="8" />
      </svg>
      <span>
        {count(healthy)}
        {failing > 0 ? <b class="failing"> · {count(failing)} failing</b> : null}
        {unknown > 0 ? <span class="unknown"> · {count(unknown)} undecided</span> : null}{' '}
        <span class="of">of {count(miners)}</span>
      </span>
    </span>
  );
}
