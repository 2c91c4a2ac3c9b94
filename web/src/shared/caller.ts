// Who looks at the screens, what that person may do, and what time it is for the business.
import { millis } from "./dates";
import { useQuery } from "@connectrpc/connect-query";
import { useEffect, useState } from "react";
import { Directory } from "../gen/raschet/gateway/v1/directory_pb";

/** Asked once in a while, for all screens together. */
export function useCaller() {
  return useQuery(Directory.method.getCaller, {}, { staleTime: 5 * 60_000 });
}

/** Between two looks at the clock. */
const TICK = 5_000;

/**
 * The business instant in milliseconds, going on by itself; it stands where the suite's clock does.
 * Undefined until the suite has told it.
 */
export function useNow(): number | undefined {
  const { data, dataUpdatedAt } = useCaller();
  const [seen, setSeen] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setSeen(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  if (!data?.now) return undefined;
  const told = millis(data.now);
  return data.clockStands ? told : told + Math.max(0, seen - dataUpdatedAt);
}
