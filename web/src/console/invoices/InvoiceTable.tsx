// Invoices as rows that lead to each.
import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { day, dayOf } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { DataTable, type Column } from "../../ui/DataTable";
import { StateBadge } from "./StateBadge";
import { useInvoiceTexts } from "./texts";

interface Props {
  rows: Invoice[] | undefined;
  error: unknown;
  retry: () => void;
  reset?: () => void;
}

export function InvoiceTable(props: Props) {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const columns: Column<Invoice>[] = [
    { title: texts.number, cell: (row) => <InvoiceNumber invoice={row} /> },
    { title: own.payer, cell: (row) => row.payerTitle },
    { title: texts.state, cell: (row) => <StateBadge invoice={row} /> },
    { title: own.issued, cell: (row) => (row.issueDate ? day(row.issueDate, texts.language) : "—") },
    { title: own.due, cell: (row) => day(row.dueDate, texts.language) },
    { title: texts.total, cell: (row) => amount(row.total, texts.language), right: true },
    { title: own.left, cell: (row) => amount(row.residual, texts.language), right: true },
  ];
  return <DataTable label={texts.invoices} columns={columns} id={(row) => row.name} {...props} />;
}

export function InvoiceNumber({ invoice }: { invoice: Invoice }) {
  const { language } = useTexts();
  const own = useInvoiceTexts();
  const id = invoice.name.replace("invoices/", "");
  const made = dayOf(invoice.createTime, language);
  return (
    <Anchor inherit renderRoot={(props) => <Link to="/invoices/$id" params={{ id }} {...props} />}>
      {invoice.number || own.unnumbered(made)}
    </Anchor>
  );
}
