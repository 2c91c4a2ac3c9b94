// Names instead of ids: what the ids on a screen stand for, all of them in one call.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Directory, type ClientTitle } from "../gen/raschet/gateway/v1/directory_pb";
import type { Invoice } from "../gen/raschet/invoicing/v1/invoices_pb";

export interface Names {
  client: (name: string) => ClientTitle | undefined;
  invoice: (name: string) => Invoice | undefined;
  /** What colleagues call a member of staff. */
  staff: (name: string) => string | undefined;
  /** False until they are known. */
  known: boolean;
  error: unknown;
}

/** Each once and in one order: the same ids ask the same question. */
export const asked = (names: Iterable<string>) => [...new Set(names)].filter(Boolean).sort();

/** Ids may be empty; an id that nothing has is simply not found. */
export function useNames(ids: Iterable<string>): Names {
  const names = asked(ids);
  const found = useQuery(Directory.method.getNames, { names }, {
    enabled: names.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  return {
    client: (name) => found.data?.clients.find((client) => client.name === name),
    invoice: (name) => found.data?.invoices.find((invoice) => invoice.name === name),
    staff: (name) => found.data?.staff.find((member) => member.name === name)?.displayName,
    known: names.length === 0 || (found.data !== undefined && !found.isPlaceholderData),
    error: found.error,
  };
}
