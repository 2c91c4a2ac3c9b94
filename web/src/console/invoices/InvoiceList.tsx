// Invoices by state and number; the address of the page says which.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Group, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Invoices, Invoice_State } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { useTexts } from "../../shared/dictionary";
import { Pager } from "../../ui/Pager";
import { Views } from "../views/Views";
import { InvoiceTable } from "./InvoiceTable";
import { useInvoiceTexts } from "./texts";

const route = getRouteApi("/shell/invoices");
const OVERDUE = "overdue";
const SHOWN = [Invoice_State.HELD, Invoice_State.ISSUED, Invoice_State.CANCELLED];

export function InvoiceList() {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const { state, overdue, number, page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { state: state ?? 0, overdue: overdue ?? false, number: number ?? "", pageToken: page ?? "" };
  const found = useQuery(Invoices.method.listInvoices, request, { placeholderData: keepPreviousData });
  const states = [0, ...SHOWN].map((value) => ({
    value: String(value),
    label: value ? (own.states[value] ?? "") : texts.all,
  }));
  const choices = [...states, { value: OVERDUE, label: own.overdueOnes }];
  const choose = (value: string) =>
    void navigate({ search: value === OVERDUE ? { number, overdue: true } : { number, state: Number(value) || undefined } });
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">{texts.invoices}</Title>
        <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
      </Group>
      <Group>
        <div className="sideways">
          <SegmentedControl aria-label={texts.state} data={choices} onChange={choose}
            value={overdue ? OVERDUE : String(state ?? 0)} />
        </div>
        <TextInput aria-label={own.searchInvoice} placeholder={own.searchInvoice} value={number ?? ""}
          onChange={(event) => void navigate({ search: { state, overdue, number: event.currentTarget.value || undefined }, replace: true })} />
      </Group>
      <Views />
      <InvoiceTable rows={found.data?.invoices} error={found.error} retry={() => void found.refetch()}
        reset={state || number || overdue ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { state, overdue, number, page } })} />
    </Stack>
  );
}
