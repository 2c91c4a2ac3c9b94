// Quotes as rows: of one client on its card, or of all.
import { Anchor, Badge, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Quote_State, type Quote } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { ClientLink, useClientTitles } from "../../ui/ClientLink";
import { DataTable, type Column } from "../../ui/DataTable";
import { useQuoteTexts } from "./texts";

const COLOURS = ["gray", "grape", "blue", "green", "gray", "gray"];

export function QuoteState({ state }: { state: Quote_State }) {
  const own = useQuoteTexts();
  return <Badge color={COLOURS[state]} c="var(--mantine-color-text)">{own.states[state]}</Badge>;
}

interface Props {
  rows: Quote[] | undefined;
  error: unknown;
  retry: () => void;
  /** Whose they are is said where they are of many. */
  clients?: boolean;
  reset?: () => void;
}

export function QuoteTable({ rows, error, retry, clients, reset }: Props) {
  const texts = useTexts();
  const own = useQuoteTexts();
  const titles = useClientTitles(clients ? (rows ?? []).map((row) => row.client) : []);
  const whose: Column<Quote>[] = clients
    ? [{ title: own.client, cell: (row) => <ClientLink client={row.client} titles={titles} /> }]
    : [];
  const columns: Column<Quote>[] = [
    { title: texts.number, cell: (row) => <Name quote={row} /> },
    ...whose,
    { title: own.subject, cell: (row) => <Subject quote={row} /> },
    { title: texts.state, cell: (row) => <QuoteState state={row.state} /> },
    { title: own.validUntil, cell: (row) => <span className="sum">{day(row.validUntil, texts.language)}</span> },
    { title: own.first, cell: (row) => amount(row.total, texts.language), right: true },
  ];
  return <DataTable label={own.title} columns={columns} rows={rows} error={error} retry={retry} id={(row) => row.name} reset={reset} />;
}

function Name({ quote }: { quote: Quote }) {
  const id = quote.name.replace("quotes/", "");
  return (
    <Anchor inherit renderRoot={(props) => <Link to="/quotes/$id" params={{ id }} {...props} />}>
      № {String(quote.number)}
    </Anchor>
  );
}

/** What it is called, or else what it offers. */
function Subject({ quote }: { quote: Quote }) {
  const { language } = useTexts();
  const titles = quote.lines.map((line) => (language === "en" && line.titleEn) || line.title).join(", ");
  return (
    <>
      {quote.subject || titles}
      {quote.subject && <Text size="xs" c="dimmed">{titles}</Text>}
    </>
  );
}
