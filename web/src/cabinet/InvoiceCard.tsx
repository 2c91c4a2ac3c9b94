// An invoice as its payer sees it: what is left, until when, and how to pay it.
import { Button } from "@mantine/core";
import { Invoice_PaymentState, Invoice_State, type Invoice } from "../gen/raschet/invoicing/v1/invoices_pb";
import { day } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { amount } from "../shared/money";
import { Go } from "./router";
import { useCabinetTexts } from "./texts";

type Tone = "good" | "bad" | "plain" | "quiet";

/** True where money is asked for. */
export const isUnpaid = (invoice: Invoice) =>
  invoice.state === Invoice_State.ISSUED &&
  invoice.payToken !== "" &&
  invoice.paymentState !== Invoice_PaymentState.PAID &&
  invoice.paymentState !== Invoice_PaymentState.REFUNDED;

export function InvoiceState({ invoice }: { invoice: Invoice }) {
  const texts = useCabinetTexts();
  const [tone, text] = told(invoice, texts);
  return <span className={`badge ${tone}`}>{text}</span>;
}

function told(invoice: Invoice, { states }: ReturnType<typeof useCabinetTexts>): [Tone, string] {
  if (invoice.state === Invoice_State.EXPIRED) return ["quiet", states.expired];
  if (invoice.paymentState === Invoice_PaymentState.REFUNDED) return ["quiet", states.refunded];
  // What takes back from earlier invoices asks for nothing.
  if (!invoice.payToken) return ["quiet", states.credit];
  if (invoice.paymentState === Invoice_PaymentState.PAID) return ["good", states.paid];
  if (invoice.overdue) return ["bad", states.overdue];
  return ["plain", invoice.paymentState === Invoice_PaymentState.PARTIALLY_PAID ? states.part : states.open];
}

/** When it is, or was, due; when part of it is paid, what is left. */
export function InvoiceTerms({ invoice }: { invoice: Invoice }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  if (!isUnpaid(invoice)) return <span className="dim">{texts.issued(day(invoice.issueDate, language))}</span>;
  const due = day(invoice.dueDate, language);
  const part = invoice.paymentState === Invoice_PaymentState.PARTIALLY_PAID;
  return (
    <span className="dim">
      {part && <>{texts.leftOf(amount(invoice.residual, language), amount(invoice.total, language))}, </>}
      {invoice.overdue ? texts.wasDue(due) : texts.until(due)}
    </span>
  );
}

export function PayLinks({ invoice }: { invoice: Invoice }) {
  const texts = useCabinetTexts();
  if (!invoice.payToken || invoice.state !== Invoice_State.ISSUED) return null;
  const page = `/pay/${invoice.payToken}`;
  return (
    <div className="acts">
      {isUnpaid(invoice) && (
        <Button component="a" href={page} size="md" aria-label={texts.payOf(invoice.number)}>{texts.pay}</Button>
      )}
      <Button component="a" href={`${page}/invoice.pdf`} target="_blank" size="md" variant="default" aria-label={texts.pdfOf(invoice.number)}>
        {texts.pdf}
      </Button>
    </div>
  );
}

export function InvoiceCard({ invoice }: { invoice: Invoice }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const sum = isUnpaid(invoice) ? invoice.residual : invoice.total;
  return (
    <li className="card">
      <div className="row">
        <Go to={`/${invoice.name}`} className="title">{texts.invoice(invoice.number)}</Go>
        <InvoiceState invoice={invoice} />
      </div>
      <div className="row end">
        <span>
          <b className="sum">{amount(sum, language)}</b>
          <InvoiceTerms invoice={invoice} />
        </span>
        <PayLinks invoice={invoice} />
      </div>
    </li>
  );
}
