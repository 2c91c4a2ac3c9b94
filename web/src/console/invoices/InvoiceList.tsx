// Invoices by state and number; the address of the page says which.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Anchor, Group, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Invoices, Invoice_State, type Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { StateBadge } from "./StateBadge";
import { useInvoiceTexts } from "./texts";

const route = getRouteApi("/shell/invoices");
const SHOWN = [Invoice_State.HELD, Invoice_State.ISSUED, Invoice_State.CANCELLED];

export function InvoiceList() {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const { state, number, page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { state: state ?? 0, number: number ?? "", pageToken: page ?? "" };
  const found = useQuery(Invoices.method.listInvoices, request, { placeholderData: keepPreviousData });
  const columns: Column<Invoice>[] = [
    { title: texts.number, cell: (row) => <Number invoice={row} /> },
    { title: own.payer, cell: (row) => row.payerTitle },
    { title: texts.state, cell: (row) => <StateBadge invoice={row} /> },
    { title: own.due, cell: (row) => day(row.dueDate, texts.language) },
    { title: texts.total, cell: (row) => amount(row.total, texts.language), right: true },
    { title: own.left, cell: (row) => amount(row.residual, texts.language), right: true },
  ];
  const states = [0, ...SHOWN].map((value) => ({
    value: String(value),
    label: value ? (own.states[value] ?? "") : texts.all,
  }));
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">{texts.invoices}</Title>
        <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
      </Group>
      <Group>
        <SegmentedControl aria-label={texts.state} data={states} value={String(state ?? 0)}
          onChange={(value) => void navigate({ search: { number, state: globalThis.Number(value) || undefined } })} />
        <TextInput aria-label={own.searchInvoice} placeholder={own.searchInvoice} value={number ?? ""}
          onChange={(event) => void navigate({ search: { state, number: event.currentTarget.value || undefined }, replace: true })} />
      </Group>
      <DataTable label={texts.invoices} columns={columns} rows={found.data?.invoices} error={found.error}
        retry={() => void found.refetch()} id={(row) => row.name}
        reset={state || number ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { state, number, page } })} />
    </Stack>
  );
}

function Number({ invoice }: { invoice: Invoice }) {
  const own = useInvoiceTexts();
  const id = invoice.name.replace("invoices/", "");
  return (
    <Anchor inherit renderRoot={(props) => <Link to="/invoices/$id" params={{ id }} {...props} />}>
      {invoice.number || own.preview}
    </Anchor>
  );
}
