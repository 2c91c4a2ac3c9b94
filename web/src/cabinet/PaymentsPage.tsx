// Money that came, and what it paid.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Cabinet } from "../gen/raschet/gateway/v1/cabinet_pb";
import type { Payment } from "../gen/raschet/invoicing/v1/ledger_pb";
import { day } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { amount, sign } from "../shared/money";
import { Cards } from "./lists";
import { Go, usePlace } from "./router";
import { useCabinetTexts } from "./texts";

const ROWS = 20;

export default function PaymentsPage() {
  const texts = useCabinetTexts();
  const { page } = usePlace();
  const request = { pageSize: ROWS, pageToken: page };
  const found = useQuery(Cabinet.method.listPayments, request, { placeholderData: keepPreviousData });
  return (
    <>
      <h1>{texts.payments}</h1>
      <Cards label={texts.payments} found={found} rows={found.data?.payments} empty={texts.noPayments}
        card={(payment) => <PaymentCard key={payment.line} payment={payment} />} />
    </>
  );
}

function PaymentCard({ payment }: { payment: Payment }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const { credit } = payment;
  return (
    <li className="card">
      <div className="row">
        <h2 className="title">{texts.paymentFrom(day(payment.date, language))}</h2>
        <b className="sum">{amount(payment.amount, language)}</b>
      </div>
      <span className="dim">{texts.toSeller(payment.sellerTitle)}</span>
      <dl className="facts">
        {payment.parts.map((part) => (
          <div key={part.invoice}>
            <dt>{texts.wentTo}: <Go to={`/${part.invoice}`}>{texts.invoice(part.number)}</Go></dt>
            <dd>{amount(part.amount, language)}</dd>
          </div>
        ))}
        {sign(credit) > 0 && (
          <div><dt title={texts.balanceHint}>{texts.onBalance}</dt><dd>{amount(credit, language)}</dd></div>
        )}
      </dl>
    </li>
  );
}
