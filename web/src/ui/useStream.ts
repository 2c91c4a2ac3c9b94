// A long piece of work that tells how far it is: a call that answers with many messages.
import { useCallback, useEffect, useRef, useState } from "react";
import { queries } from "../shared/transport";

export interface Work<State> {
  /** What the messages added up to; none before the first start. */
  state: State | undefined;
  busy: boolean;
  /** Why it ended early; for `Failure`. */
  failure: unknown;
  /** Starts from nothing. */
  start: (open: (signal: AbortSignal) => AsyncIterable<unknown>) => Promise<boolean>;
  reset: () => void;
}

/** `add` takes a message into the state; it is called often, so that it must not copy long lists. */
export function useStream<Message, State>(empty: () => State, add: (state: State, message: Message) => State): Work<State> {
  const [state, setState] = useState<State>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const start = async (open: (signal: AbortSignal) => AsyncIterable<unknown>) => {
    const control = new AbortController();
    abort.current = control;
    let current = empty();
    setState(current);
    setFailure(undefined);
    setBusy(true);
    try {
      for await (const message of open(control.signal)) {
        current = add(current, message as Message);
        setState(current);
      }
      await queries.invalidateQueries();
      return true;
    } catch (error) {
      if (!control.signal.aborted) setFailure(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const reset = useCallback(() => setState(undefined), []);
  return { state, busy, failure, start, reset };
}
