// What a run makes of each client; those that were passed over come first, with why.
import { Anchor, Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { BillingResult } from "../../gen/raschet/invoicing/v1/billing_pb";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { ClientLink, useClientTitles } from "../../ui/ClientLink";
import { DataTable, type Column } from "../../ui/DataTable";
import { useBillingTexts } from "./texts";

/** Rows at a time: a run may have a hundred thousand. */
const STEP = 50;

export function Results({ results, dry }: { results: BillingResult[]; dry: boolean }) {
  const { language } = useTexts();
  const own = useBillingTexts();
  const [shown, setShown] = useState(STEP);
  const problems = results.filter((result) => result.problem);
  const rows = [...problems, ...results.filter((result) => !result.problem)].slice(0, shown);
  const titles = useClientTitles(rows.map((row) => row.client));
  const columns: Column<BillingResult>[] = [
    { title: own.client, cell: (row) => <ClientLink client={row.client} titles={titles} /> },
    { title: own.outcome, cell: (row) => <Outcome row={row} dry={dry} /> },
    { title: own.linesShort, cell: (row) => row.lines || "—", right: true },
    { title: own.sum, cell: (row) => amount(row.total, language), right: true },
  ];
  if (results.length === 0) return null;
  return (
    <>
      <DataTable label={own.title} columns={columns} rows={rows} error={undefined} retry={() => undefined}
        id={(row) => `${row.client} ${row.contract} ${row.invoice} ${row.total?.currencyCode}`} />
      {results.length > shown && (
        <Group>
          <Button variant="default" onClick={() => setShown(shown + STEP)}>{own.more}</Button>
          <Text size="sm" c="dimmed">{own.shown(rows.length, results.length)}</Text>
        </Group>
      )}
    </>
  );
}

function Outcome({ row, dry }: { row: BillingResult; dry: boolean }) {
  const { language } = useTexts();
  const own = useBillingTexts();
  if (row.problem) {
    // Both languages come as one text.
    const [ru, en] = row.problem.split(" / ");
    return <Text span size="sm" c="red">{(language === "ru" ? ru : en) ?? row.problem}</Text>;
  }
  if (dry || !row.invoice) return row.held ? own.held : own.issued;
  const words = row.held ? own.heldNow : own.issuedNow;
  const id = row.invoice.replace("invoices/", "");
  return (
    <>
      {words} · <Anchor inherit underline="always"
        renderRoot={(props) => <Link to="/invoices/$id" params={{ id }} {...props} />}>{own.open}</Anchor>
    </>
  );
}
