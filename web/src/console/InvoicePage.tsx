// One invoice: its lines with their reasons, its PDF, and for a held one «выпустить».
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Alert, Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Invoices, Invoice_State, type Invoice, type InvoiceLine } from "../gen/raschet/invoicing/v1/invoices_pb";
import { day } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { amount } from "../shared/money";
import { queries, transport } from "../shared/transport";
import { DataTable, Failure, Loading, type Column } from "../ui/DataTable";
import { StateBadge } from "../ui/StateBadge";

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
  const held = invoice.state === Invoice_State.HELD;
  const [failure, setFailure] = useState<unknown>();
  const [asked, setAsked] = useState(false);
  const columns: Column<InvoiceLine>[] = [
    { title: texts.text, cell: (line) => <Line line={line} /> },
    { title: texts.period, cell: (line) => <Period line={line} /> },
    { title: texts.quantity, cell: (line) => `${line.quantity?.value ?? ""} ${line.unit}`, right: true },
    { title: texts.tax, cell: (line) => amount(line.tax, texts.language), right: true },
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
          <Title order={1} size="h2">{invoice.number ? `№ ${invoice.number}` : texts.preview}</Title>
          <StateBadge invoice={invoice} />
        </Group>
        <Group>
          <Button variant="default" onClick={() => void open()}>{texts.pdf}</Button>
          {held && <Button onClick={() => setAsked(true)}>{texts.issue}</Button>}
        </Group>
      </Group>
      <Text>{invoice.payerTitle}</Text>
      {held && <Alert color="grape" variant="outline">{texts.held}</Alert>}
      {failure !== undefined && <Failure error={failure} />}
      <DataTable label={texts.invoices} columns={columns} rows={invoice.lines} error={undefined}
        retry={() => undefined} id={(line) => line.name} />
      <Text ta="right" fw={700} size="lg">{texts.total}: {amount(invoice.total, texts.language)}</Text>
      <Text ta="right" c="dimmed">{invoice.taxPhrase}</Text>
      <Modal opened={asked} onClose={() => setAsked(false)} title={texts.issueTitle}
        closeButtonProps={{ "aria-label": texts.close }}>
        <Issue invoice={invoice} close={() => setAsked(false)} />
      </Modal>
    </Stack>
  );
}

function Issue({ invoice, close }: { invoice: Invoice; close: () => void }) {
  const texts = useTexts();
  // Kept for every try, so that a repeated one issues nothing twice.
  const [requestId] = useState(() => crypto.randomUUID());
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const issue = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await invoices.issueInvoice({ name: invoice.name, etag: invoice.etag, requestId });
      await queries.invalidateQueries();
      close();
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return (
    <Stack>
      <Text>{texts.issueText}</Text>
      <Text fw={600}>{invoice.payerTitle} · {amount(invoice.total, texts.language)}</Text>
      {failure !== undefined && <Failure error={failure} />}
      <Group justify="end">
        <Button variant="default" onClick={close}>{texts.cancel}</Button>
        <Button loading={busy} onClick={() => void issue()} data-autofocus>{texts.issue}</Button>
      </Group>
    </Stack>
  );
}

function Line({ line }: { line: InvoiceLine }) {
  const texts = useTexts();
  const trace = line.trace;
  return (
    <>
      {line.text}
      {line.details.map((detail) => <Text key={detail} size="sm" c="dimmed">{detail}</Text>)}
      {trace && (
        <details>
          <summary>{texts.why}</summary>
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
