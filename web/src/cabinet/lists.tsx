// What every list of the cabinet is: waiting, failed, empty, or there, page by page.
import type { ReactNode } from "react";
import { Pager } from "../ui/Pager";
import { Failure, Loading } from "../ui/states";
import { turn, usePlace } from "./router";

interface Props<Row> {
  label: string;
  found: { data: { nextPageToken: string } | undefined; error: unknown; refetch: () => unknown };
  rows: Row[] | undefined;
  empty: string;
  card: (row: Row) => ReactNode;
}

export function Cards<Row>({ label, found, rows, empty, card }: Props<Row>) {
  const { path, page } = usePlace();
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!rows) return <Loading />;
  if (rows.length === 0) return <p className="card calm dim">{empty}</p>;
  return (
    <>
      <ul className="cards" aria-label={label}>{rows.map(card)}</ul>
      <Pager page={page} next={found.data?.nextPageToken} turn={(to) => turn(path, to)} />
    </>
  );
}
