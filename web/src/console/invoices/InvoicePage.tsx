// One invoice: its lines with their reasons, its PDF, and for a held one «выпустить».
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Invoices, Invoice_State, type Invoice, type InvoiceLine } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { transport } from "../../shared/transport";
import { DataTable, Failure, Loading, type Column } from "../../ui/DataTable";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { StateBadge } from "./StateBadge";
import { useInvoiceTexts } from "./texts";

const route = getRouteApi("/shell/invoices/$id");
const invoices = createClient(Invoices, transport);

export function InvoicePage() {
  const name = `invoices/${route.useParams().id}`;
  const found = useQuery(Invoices.method.getInvoice, { name });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown invoice={found.data} />;
}

function Shown({ invoice }: { invoice: Invoice }) {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const held = invoice.state === Invoice_State.HELD;
  const [failure, setFailure] = useState<unknown>();
  const [asked, setAsked] = useState(false);
  const issue = useAct(
    (requestId) => invoices.issueInvoice({ name: invoice.name, etag: invoice.etag, requestId }),
    () => setAsked(false),
  );
  const columns: Column<InvoiceLine>[] = [
    { title: own.text, cell: (line) => <Line line={line} /> },
    { title: own.period, cell: (line) => <Period line={line} /> },
    { title: own.quantity, cell: (line) => `${line.quantity?.value ?? ""} ${line.unit}`, right: true },
    { title: own.tax, cell: (line) => amount(line.tax, texts.language), right: true },
    { title: texts.total, cell: (line) => amount(line.amount, texts.language), right: true },
  ];
  const open = async () => {
    setFailure(undefined);
    try {
      const document = await invoices.getInvoiceDocument({ name: invoice.name });
      const bytes = new Uint8Array(document.content);
      window.open(URL.createObjectURL(new Blob([bytes], { type: document.contentType })), "_blank");
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <Stack>
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h2">{invoice.number ? `№ ${invoice.number}` : own.preview}</Title>
          <StateBadge invoice={invoice} />
        </Group>
        <Group>
          <Button variant="default" onClick={() => void open()}>{own.pdf}</Button>
          {held && <Button onClick={() => setAsked(true)}>{own.issue}</Button>}
        </Group>
      </Group>
      <Text>{invoice.payerTitle}</Text>
      {held && <Alert color="grape" variant="outline">{own.held}</Alert>}
      {failure !== undefined && <Failure error={failure} />}
      <DataTable label={texts.invoices} columns={columns} rows={invoice.lines} error={undefined}
        retry={() => undefined} id={(line) => line.name} />
      <Text ta="right" fw={700} size="lg">{texts.total}: {amount(invoice.total, texts.language)}</Text>
      <Text ta="right" c="dimmed">{invoice.taxPhrase}</Text>
      <Confirm opened={asked} close={() => setAsked(false)} title={own.issueTitle} verb={own.issue} act={issue}>
        <Text>{own.issueText}</Text>
        <Text fw={600}>{invoice.payerTitle} · {amount(invoice.total, texts.language)}</Text>
      </Confirm>
    </Stack>
  );
}

function Line({ line }: { line: InvoiceLine }) {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const trace = line.trace;
  return (
    <>
      {line.text}
      {line.details.map((detail) => <Text key={detail} size="sm" c="dimmed">{detail}</Text>)}
      {trace && (
        <details>
          <summary>{own.why}</summary>
          <Text size="sm">{texts.language === "ru" ? trace.sentence : trace.sentenceEn}</Text>
          <Text size="sm" ff="monospace">{trace.formula}</Text>
        </details>
      )}
    </>
  );
}

function Period({ line }: { line: InvoiceLine }) {
  const { language } = useTexts();
  if (!line.startDate) return "—";
  const [first, last] = [day(line.startDate, language), day(line.lastDay, language)];
  return <span style={{ whiteSpace: "nowrap" }}>{first} – {last}</span>;
}
