// Money that was set against an invoice, the latest first; what was taken back stays in sight.
import { useQuery } from "@connectrpc/connect-query";
import { Text } from "@mantine/core";
import type { Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { Ledger, type Application } from "../../gen/raschet/invoicing/v1/ledger_pb";
import { day, moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { DataTable, type Column } from "../../ui/DataTable";
import { Panel } from "../../ui/Panel";
import { useInvoiceTexts } from "./texts";

export function Payments({ invoice }: { invoice: Invoice }) {
  const { language } = useTexts();
  const own = useInvoiceTexts();
  const found = useQuery(Ledger.method.listApplications, { invoice: invoice.name });
  const columns: Column<Application>[] = [
    { title: own.paidAt, cell: (row) => day(row.date, language) },
    { title: own.applied, cell: (row) => <Applied row={row} /> },
    { title: own.paid, cell: (row) => <Sum row={row} />, right: true },
  ];
  return (
    <Panel title={own.payment} note={own.payments[invoice.paymentState]}>
      {found.data?.totalSize === 0
        ? <Text size="sm" c="dimmed">{own.noPayments}</Text>
        : <DataTable label={own.payment} columns={columns} rows={found.data?.applications} error={found.error}
            retry={() => void found.refetch()} id={(row) => row.name} />}
    </Panel>
  );
}

function Applied({ row }: { row: Application }) {
  const { language } = useTexts();
  const own = useInvoiceTexts();
  return <>{moment(row.createTime, language)}{row.reversed && <Text span size="sm" c="dimmed"> · {own.reversed}</Text>}</>;
}

function Sum({ row }: { row: Application }) {
  const { language } = useTexts();
  return <Text span size="sm" td={row.reversed ? "line-through" : undefined}>{amount(row.amount, language)}</Text>;
}
