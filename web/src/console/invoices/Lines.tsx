// The lines of an invoice, each with the reason of its amount.
import { Text } from "@mantine/core";
import type { InvoiceLine } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { DataTable, type Column } from "../../ui/DataTable";
import { Reasons } from "../../ui/Reasons";
import { useInvoiceTexts } from "./texts";

export function Lines({ lines }: { lines: InvoiceLine[] }) {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const columns: Column<InvoiceLine>[] = [
    { title: own.text, cell: (line) => <Line line={line} /> },
    { title: own.period, cell: (line) => <Period line={line} /> },
    { title: own.quantity, cell: (line) => `${line.quantity?.value ?? ""} ${texts.pieces}`, right: true },
    { title: own.tax, cell: (line) => amount(line.tax, texts.language), right: true },
    { title: texts.total, cell: (line) => amount(line.amount, texts.language), right: true },
  ];
  return (
    <DataTable label={own.lines} columns={columns} rows={lines} error={undefined} retry={() => undefined} id={(line) => line.name} />
  );
}

function Line({ line }: { line: InvoiceLine }) {
  const own = useInvoiceTexts();
  return (
    <>
      {line.text}
      {line.details.map((detail) => <Text key={detail} size="sm" c="dimmed">{detail}</Text>)}
      {line.trace && (
        <details>
          <Text component="summary" size="sm" c="dimmed">{own.why}</Text>
          <Reasons trace={line.trace} amount={line.amount} />
        </details>
      )}
    </>
  );
}

function Period({ line }: { line: InvoiceLine }) {
  const { language } = useTexts();
  if (!line.startDate) return "—";
  return <span className="sum">{day(line.startDate, language)} – {day(line.lastDay, language)}</span>;
}
