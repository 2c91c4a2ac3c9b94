// One invoice: what it is for, and why it is this much.
import { useQuery } from "@connectrpc/connect-query";
import { Cabinet } from "../gen/raschet/gateway/v1/cabinet_pb";
import { Invoice_State, type Invoice, type InvoiceLine } from "../gen/raschet/invoicing/v1/invoices_pb";
import { day } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { amount, formula, sign } from "../shared/money";
import { Failure, Loading } from "../ui/states";
import { InvoiceState, InvoiceTerms, isUnpaid, PayLinks } from "./InvoiceCard";
import { Go } from "./router";
import { useCabinetTexts } from "./texts";

export default function InvoicePage({ name }: { name: string }) {
  const texts = useCabinetTexts();
  const found = useQuery(Cabinet.method.getInvoice, { name });
  return (
    <>
      <p><Go to="/invoices">← {texts.invoices}</Go></p>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.data ? <Shown invoice={found.data} /> : !found.error && <Loading />}
    </>
  );
}

function Shown({ invoice }: { invoice: Invoice }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const expired = invoice.state === Invoice_State.EXPIRED;
  return (
    <article>
      <div className="row">
        <h1>{texts.invoice(invoice.number)}</h1>
        <InvoiceState invoice={invoice} />
      </div>
      <p className="dim">{invoice.payerTitle}, {texts.issued(day(invoice.issueDate, language))}</p>
      <section className="card">
        <div className="row end">
          <span>
            <b className="sum">{amount(isUnpaid(invoice) ? invoice.residual : invoice.total, language)}</b>
            <InvoiceTerms invoice={invoice} />
          </span>
          <PayLinks invoice={invoice} />
        </div>
        {expired && <p>{texts.expiredHint} <Go to="/requests/new">{texts.ask}</Go></p>}
      </section>
      <h2>{texts.lines}</h2>
      <ul className="list">{invoice.lines.map((line) => <Line key={line.name} line={line} />)}</ul>
      <Sums invoice={invoice} />
      <p><Go to="/requests/new">{texts.ask}</Go></p>
    </article>
  );
}

function Line({ line }: { line: InvoiceLine }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const sentence = language === "ru" ? line.trace?.sentence : line.trace?.sentenceEn;
  return (
    <li>
      <div className="row top-aligned">
        <span>{line.text}</span>
        <b className="tabular">{amount(line.amount, language)}</b>
      </div>
      {line.details.map((detail) => <div key={detail} className="dim">{detail}</div>)}
      {sentence && (
        <details className="why">
          <summary>{texts.why}</summary>
          <p>{sentence}</p>
          <code>{formula(line.trace?.formula ?? "", language)}</code>
        </details>
      )}
    </li>
  );
}

function Sums({ invoice }: { invoice: Invoice }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const taxed = sign(invoice.tax) !== 0;
  const applied = sign(invoice.applied) > 0;
  return (
    <dl className="facts">
      {taxed && <div><dt>{texts.net}</dt><dd>{amount(invoice.net, language)}</dd></div>}
      {taxed && <div><dt>{texts.tax}</dt><dd>{amount(invoice.tax, language)}</dd></div>}
      <div className="strong"><dt>{texts.total}</dt><dd>{amount(invoice.total, language)}</dd></div>
      {applied && <div><dt>{texts.paidBy}</dt><dd>{amount(invoice.applied, language)}</dd></div>}
    </dl>
  );
}
