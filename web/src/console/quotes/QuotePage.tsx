// One quote: what is offered, how it stands, and the document that the client gets.
import { useQuery } from "@connectrpc/connect-query";
import { Alert, Group, Stack, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { OrderLine } from "../../gen/raschet/invoicing/v1/orders_pb";
import { Quotes, Quote_State, type Quote } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { day, moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount, exact, price } from "../../shared/money";
import { useNames } from "../../shared/useNames";
import { ClientLink, useClientTitles } from "../../ui/ClientLink";
import { DataTable, Failure, Loading, type Column } from "../../ui/DataTable";
import { Facts } from "../../ui/Facts";
import { Panel } from "../../ui/Panel";
import { Document } from "../invoices/Check";
import { Acts } from "./Acts";
import { quoteUrl } from "./document";
import { QuoteState } from "./QuoteTable";
import { useQuoteTexts } from "./texts";

const route = getRouteApi("/shell/quotes/$id");

export function QuotePage() {
  const { id } = route.useParams();
  const found = useQuery(Quotes.method.getQuote, { name: `quotes/${id}` });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown key={id} quote={found.data} />;
}

function Shown({ quote }: { quote: Quote }) {
  const own = useQuoteTexts();
  const titles = useClientTitles([quote.client]);
  return (
    <Stack>
      <Group justify="space-between" align="start">
        <div>
          <Group gap="xs">
            <Title order={1} size="h2">{own.quote(String(quote.number))}</Title>
            <QuoteState state={quote.state} />
          </Group>
          <Text>
            <ClientLink client={quote.client} titles={titles} within="text" />
            {quote.subject && ` · ${quote.subject}`}
          </Text>
        </div>
        <Acts quote={quote} />
      </Group>
      <Standing quote={quote} />
      <Panel title={own.lines}>
        <Lines quote={quote} />
        <Sum quote={quote} />
        {quote.note && <Text size="sm" mt="sm" className="text">{quote.note}</Text>}
      </Panel>
      <History quote={quote} />
      <Panel title={own.document}><Document of={quote} url={quoteUrl} /></Panel>
    </Stack>
  );
}

/** What its state means for whoever looks. */
function Standing({ quote }: { quote: Quote }) {
  const own = useQuoteTexts();
  const said: Partial<Record<Quote_State, [string, string]>> = {
    [Quote_State.DRAFT]: ["grape", own.draftHint],
    [Quote_State.SENT]: ["blue", own.sentHint],
    [Quote_State.ACCEPTED]: ["green", own.ordered],
    [Quote_State.DECLINED]: ["gray", `${own.declined}: ${quote.declineReason || own.noReason}`],
    [Quote_State.EXPIRED]: ["gray", own.expiredHint],
  };
  const [colour, text] = said[quote.state] ?? ["gray", ""];
  return <Alert color={colour} variant="outline" py="xs">{text}</Alert>;
}

function Lines({ quote }: { quote: Quote }) {
  const texts = useTexts();
  const own = useQuoteTexts();
  const currency = quote.total?.currencyCode ?? "";
  const { language } = texts;
  const columns: Column<OrderLine>[] = [
    { title: own.product, cell: (line) => <Offered line={line} /> },
    { title: own.unitPrice, cell: (line) => own.per(price(line.unitPrice, currency, language), line.cycleMonths), right: true },
    { title: own.quantity, cell: (line) => `${line.quantity} ${texts.pieces}`, right: true },
    { title: own.start, cell: (line) => <span className="sum">{day(line.startDate, language)}</span> },
    { title: own.first, cell: (line) => amount(line.amount, language), right: true },
  ];
  const rows = quote.lines.map((line, index) => ({ line, index }));
  return (
    <DataTable label={own.lines} rows={rows} error={undefined} retry={() => undefined} id={(row) => String(row.index)}
      columns={columns.map((column) => ({ ...column, cell: (row: { line: OrderLine }) => column.cell(row.line) }))} />
  );
}

function Offered({ line }: { line: OrderLine }) {
  const own = useQuoteTexts();
  const { language } = useTexts();
  return (
    <>
      {(language === "en" && line.titleEn) || line.title}
      {line.overrideReason && <Text size="xs" c="dimmed">{own.byHand(line.overrideReason)}</Text>}
    </>
  );
}

/** The sum, and when it is another. */
export function Sum({ quote }: { quote: Quote }) {
  const own = useQuoteTexts();
  const { language } = useTexts();
  return (
    <>
      <Text ta="right" fw={700} size="lg" mt="sm">{own.total}: {amount(quote.total, language)}</Text>
      {exact(quote.subtotal) !== exact(quote.total) && (
        <Text ta="right" size="sm" c="dimmed">{amount(quote.subtotal, language)} {own.withoutVat}</Text>
      )}
    </>
  );
}

function History({ quote }: { quote: Quote }) {
  const own = useQuoteTexts();
  const { language } = useTexts();
  const names = useNames([quote.author, quote.decidedBy]);
  const who = (name: string) => (name.startsWith("people/") ? own.customer : (names.staff(name) ?? name));
  return (
    <Facts facts={[
      [own.validUntil, day(quote.validUntil, language)],
      [own.made, `${moment(quote.createTime, language)}, ${who(quote.author)}`],
      [own.sent, quote.sendTime && moment(quote.sendTime, language)],
      [own.decided, quote.decideTime && `${moment(quote.decideTime, language)}, ${who(quote.decidedBy)}`],
    ]} />
  );
}
