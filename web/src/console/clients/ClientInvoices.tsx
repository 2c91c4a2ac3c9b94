// The invoices of one client, newest first.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Stack } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Invoices } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { InvoiceTable } from "../invoices/InvoiceTable";
import { Pager } from "../../ui/Pager";

const route = getRouteApi("/shell/clients/$id");

export function ClientInvoices({ client }: { client: string }) {
  const { page } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery(Invoices.method.listInvoices, { client, pageToken: page ?? "" }, { placeholderData: keepPreviousData });
  return (
    <Stack>
      <InvoiceTable rows={found.data?.invoices} error={found.error} retry={() => void found.refetch()} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { tab: "invoices", page } })} />
    </Stack>
  );
}
