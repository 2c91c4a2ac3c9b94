// States in words; the colour behind them only helps.
import { Badge } from "@mantine/core";
import { Invoice_PaymentState, Invoice_State, type Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { useInvoiceTexts } from "./texts";

export function StateBadge({ invoice }: { invoice: Invoice }) {
  const texts = useInvoiceTexts();
  const [colour, text] = told(invoice, texts);
  return (
    <Badge color={colour} c="var(--mantine-color-text)">
      {text}
    </Badge>
  );
}

function told(invoice: Invoice, texts: ReturnType<typeof useInvoiceTexts>): [string, string] {
  if (invoice.state !== Invoice_State.ISSUED) {
    const colour = invoice.state === Invoice_State.HELD ? "grape" : "gray";
    return [colour, texts.states[invoice.state] ?? ""];
  }
  if (invoice.overdue) return ["red", texts.overdue];
  const paid = invoice.paymentState === Invoice_PaymentState.PAID;
  return [paid ? "green" : "blue", texts.payments[invoice.paymentState] ?? ""];
}
