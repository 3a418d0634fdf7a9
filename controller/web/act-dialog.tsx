import { useEffect, useRef, useState } from 'preact/hooks';
import { type Act, EFFECT } from './acts.ts';
import { duration } from './format.ts';
import { silentMs, stale } from './state.ts';

const NAME_KEY = 'relight.actor';
const ANSWER_WITHIN_MS = 10_000;

/** Asks who and why before anything is done: both go on record. */
export function ActDialog({ act, close }: { act: Act; close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(act !== 'abort');
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('input:invalid, textarea')?.focus();
  }, []);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const actor = `${form.get('actor')}`.trim();
    rememberName(actor);
    setBusy(true);
    const answer = await post(act, { actor, reason: `${form.get('reason')}`.trim() });
    setBusy(false);
    if (answer === null) dialog.current?.close();
    else setFailure(answer);
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="act">
      <form onSubmit={submit}>
        <h3 id="act">{act} the restart</h3>
        <p>{EFFECT[act]}</p>
        {stale.value ? (
          <p class="caution">The page is not live: what you saw is {duration(silentMs.value)} old.</p>
        ) : null}
        <Fields act={act} agree={setSure} />
        {failure === null ? null : (
          <p class="caution" role="alert">
            {failure}
          </p>
        )}
        <div class="menu">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={`do ${act}`} disabled={busy || !sure}>
            {busy ? 'Asking…' : act}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Fields({ act, agree }: { act: Act; agree(sure: boolean): void }) {
  return (
    <>
      <label>
        Your name
        <input
          name="actor"
          required
          maxLength={64}
          pattern=".*\S.*"
          defaultValue={storedName()}
          autocomplete="username"
        />
      </label>
      <label>
        Reason
        <textarea name="reason" required maxLength={500} rows={2} placeholder="for those who read the record" />
      </label>
      {act === 'abort' ? (
        <label class="check">
          <input type="checkbox" required onChange={(event) => agree(event.currentTarget.checked)} />
          Yes, end it. It cannot be taken up again.
        </label>
      ) : null}
    </>
  );
}

/** Null when it was done, else why not. */
async function post(act: Act, by: { actor: string; reason: string }): Promise<string | null> {
  try {
    const response = await fetch(`/api/v1/restart/${act}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(by),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (response.ok) return null;
    const refusal = (await response.json()) as { code?: string; reason?: string };
    return `Not done: ${refusal.reason ?? response.statusText}`;
  } catch {
    // A lost answer says nothing about the act.
    return 'The controller did not answer. It is not known whether this was done: look before you repeat it.';
  }
}

function storedName(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return ''; // storage may be switched off
  }
}

function rememberName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // The name is asked for again next time.
  }
}
