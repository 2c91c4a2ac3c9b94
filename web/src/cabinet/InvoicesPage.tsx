// Invoices of the client, newest first.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Cabinet } from "../gen/raschet/gateway/v1/cabinet_pb";
import { InvoiceCard } from "./InvoiceCard";
import { Cards } from "./lists";
import { usePlace } from "./router";
import { useCabinetTexts } from "./texts";

const ROWS = 20;

export default function InvoicesPage() {
  const texts = useCabinetTexts();
  const { page } = usePlace();
  const request = { pageSize: ROWS, pageToken: page };
  const found = useQuery(Cabinet.method.listInvoices, request, { placeholderData: keepPreviousData });
  return (
    <>
      <h1>{texts.invoices}</h1>
      <Cards label={texts.invoices} found={found} rows={found.data?.invoices} empty={texts.noInvoices}
        card={(invoice) => <InvoiceCard key={invoice.name} invoice={invoice} />} />
    </>
  );
}
