import { useRef } from 'preact/hooks';
import type { ConnectivityView, UplinkView } from '../../shared/view.ts';
import { duration, UNKNOWN, words } from './format.ts';
import { inOrder, layersOf } from './layers.ts';

export function Connectivity({ connectivity }: { connectivity: ConnectivityView }) {
  const { state, label, whyNot, votes, uplinks } = connectivity;
  return (
    <section class="panel connectivity" aria-labelledby="connectivity">
      <h2 id="connectivity">Internet</h2>
      <p class={`verdict state-${state}`}>
        <i class="lamp" />
        <strong>{words(state)}</strong>
        {label === null ? null : <span class="label">{words(label)}</span>}
      </p>
      {whyNot === null ? null : (
        <p class="why">
          not restored because <code>{whyNot}</code>
          {votesInWords(whyNot)}
        </p>
      )}
      <Hold connectivity={connectivity} />
      <p class="votes">
        <Ballots votes={votes} />
        <span>
          <b>{votes.up}</b> of {votes.known} known uplinks up, <b>{votes.needed}</b> needed
          {votes.known < votes.configured ? <em>, {votes.configured - votes.known} not known</em> : null}
        </span>
      </p>
      <ul class="uplinks">
        {uplinks.map((uplink) => (
          <Uplink key={`${uplink.uplink} ${uplink.agent}`} uplink={uplink} />
        ))}
      </ul>
    </section>
  );
}

/** What is said by the votes alone is in no layer's words. */
function votesInWords(whyNot: string): string {
  const [, known, some, all] = /^quorum\.(known)?(\d+)of(\d+)$/.exec(whyNot) ?? [];
  if (some === undefined || all === undefined) return '';
  return known === undefined ? `: ${some} of ${all} uplinks serve work` : `: only ${some} of ${all} uplinks are known`;
}

/** The longest remainder seen since the hold began is its whole length. */
function Hold({ connectivity: { holdRemainingMs, state } }: { connectivity: ConnectivityView }) {
  const wholeMs = useRef(0);
  if (holdRemainingMs === null || state === 'RESTORED') {
    wholeMs.current = 0;
    return null;
  }
  wholeMs.current = Math.max(wholeMs.current, holdRemainingMs);
  const done = wholeMs.current === 0 ? 1 : 1 - holdRemainingMs / wholeMs.current;
  return (
    <div class="hold">
      <span>
        It must stay for <b>{duration(holdRemainingMs)}</b> more
      </span>
      <progress value={done} max={1} aria-label="hold" />
    </div>
  );
}

function Ballots({ votes }: { votes: ConnectivityView['votes'] }) {
  const kinds = Array.from({ length: votes.configured }, (_, i) =>
    i < votes.up ? 'up' : i < votes.known ? 'down' : 'unknown',
  );
  return (
    <span class="ballots" aria-hidden="true">
      {kinds.map((kind, i) => (
        <i key={`${i}`} class={kind} />
      ))}
    </span>
  );
}

// Where there is room, the evidence of what is missing is shown without being asked for.
const roomy = matchMedia('(min-width: 1081px)').matches;

function Uplink({ uplink: { uplink, agent, state, label, whyNot, ageMs, evidence } }: { uplink: UplinkView }) {
  return (
    <li>
      <details open={state !== 'RESTORED' && roomy}>
        <summary>
          <i class={`lamp state-${state}`} />
          <b>{uplink}</b>
          <span class="via">{agent}</span>
          <span class="said">
            {words(state)}
            {label === null ? '' : ` · ${words(label)}`}
          </span>
          <span class="layers">
            {layersOf(evidence).map(({ layer, is, text }) => (
              <i key={layer} class={is}>
                {text}
              </i>
            ))}
          </span>
        </summary>
        <p class="age">
          {whyNot === null ? null : <code>{whyNot}</code>} judged {ageMs === null ? UNKNOWN : duration(ageMs)} ago
        </p>
        <table>
          <tbody>
            {inOrder(evidence).map((one) => (
              <tr key={`${one.layer} ${one.target}`} class={one.is}>
                <th scope="row">{one.layer}</th>
                <td>{one.target}</td>
                <td>{one.why ?? one.is}</td>
                <td>{one.tookMs === null ? '' : `${Math.round(one.tookMs)}\u202fms`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </li>
  );
}
