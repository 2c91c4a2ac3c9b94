// One act of a person: a call that changes something.
import { useState } from "react";
import { queries } from "../shared/transport";

export interface Act {
  /** Does it, and has every list on the screen read anew. */
  run: () => Promise<void>;
  busy: boolean;
  /** Why the last try failed; for `Failure`. */
  failure: unknown;
  /** Forgets the failure, when what was tried is no longer what is asked for. */
  clear?: () => void;
}

/**
 * `call` gets a `request_id` that stays the same until it succeeds, so that a repeated try does
 * nothing twice; then `done` is called with the answer.
 */
export function useAct<Result>(call: (requestId: string) => Promise<Result>, done?: (result: Result) => void): Act {
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const result = await call(requestId);
      setRequestId(crypto.randomUUID());
      await queries.invalidateQueries();
      done?.(result);
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return { run, busy, failure, clear: () => setFailure(undefined) };
}
