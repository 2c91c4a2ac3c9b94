// E5–E8: what is to be paid, what the client has, and what is known of the account.
import { useQuery } from "@connectrpc/connect-query";
import { Cabinet, type Home } from "../gen/raschet/gateway/v1/cabinet_pb";
import { Subscription_State, type Subscription } from "../gen/raschet/invoicing/v1/subscriptions_pb";
import { day, dayOf, shifted } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { amount, price, sign } from "../shared/money";
import { UsageBar } from "../ui/UsageBar";
import { InvoiceCard } from "./InvoiceCard";
import { Go } from "./router";
import { useCabinetTexts } from "./texts";

export function HomePage() {
  const texts = useCabinetTexts();
  const { data: home } = useQuery(Cabinet.method.getHome, {});
  if (!home) return null;
  return (
    <>
      <h1 className="hidden">{texts.home}</h1>
      {home.openQuotes > 0 && <Offered count={home.openQuotes} />}
      <ToPay home={home} />
      <Services home={home} />
      <About home={home} />
    </>
  );
}

/** What waits for a yes or no. */
function Offered({ count }: { count: number }) {
  const texts = useCabinetTexts();
  return (
    <section className="card offer">
      <Go to="/quotes" className="title">{texts.openQuotes(count)}</Go>
      <p className="dim">{texts.openQuotesHint}</p>
    </section>
  );
}

function ToPay({ home }: { home: Home }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const due = home.due.filter((money) => sign(money) > 0);
  const unpaid = home.unpaidInvoices.filter((invoice) => invoice.payToken);
  if (due.length === 0) {
    return (
      <section className="card calm">
        <h2>✓ {texts.nothingDue}</h2>
        <p className="dim">{texts.nothingDueHint}</p>
      </section>
    );
  }
  return (
    <section>
      <div className="due">
        <h2>{texts.due}</h2>
        {due.map((money) => <b key={money.currencyCode}>{amount(money, language)}</b>)}
      </div>
      <ul className="cards" aria-label={texts.toPay}>
        {unpaid.map((invoice) => <InvoiceCard key={invoice.name} invoice={invoice} />)}
      </ul>
    </section>
  );
}

const TONES: Record<number, string> = {
  [Subscription_State.PENDING]: "plain",
  [Subscription_State.ACTIVE]: "good",
  [Subscription_State.SUSPENDED]: "bad",
};

function Services({ home }: { home: Home }) {
  const texts = useCabinetTexts();
  const live = home.subscriptions.filter((service) => service.state !== Subscription_State.TERMINATED);
  return (
    <section>
      <h2>{texts.services}</h2>
      {live.length === 0 && <p className="dim">{texts.noServices}</p>}
      <ul className="list">{live.map((service) => <Service key={service.name} service={service} home={home} />)}</ul>
    </section>
  );
}

function Service({ service, home }: { service: Subscription; home: Home }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const usages = home.usages.filter((usage) => usage.subscription === service.name);
  // Periods are kept half-open, and told inclusive.
  const paid = service.paidThrough && shifted(service.paidThrough, -1);
  return (
    <li>
      <div className="row top-aligned">
        <span>{service.title}</span>
        <span className={`badge ${TONES[service.state] ?? "quiet"}`}>{texts.service[service.state]}</span>
      </div>
      <span className="dim">
        {texts.units(service.quantity)} × {texts.perCycle(price(service.unitPrice, service.currency, language), service.priceMonths)}
        {paid && service.cycleMonths > 0 && service.state !== Subscription_State.PENDING && <>, {texts.paidThrough(day(paid, language))}</>}
      </span>
      {service.suspendedSince && <Stopped service={service} home={home} />}
      {usages.map((usage) => <UsageBar key={usage.metric?.code} usage={usage} />)}
    </li>
  );
}

/** Since when and why it stands still, and what makes it go on. */
function Stopped({ service, home }: { service: Subscription; home: Home }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const unpaid = home.unpaidInvoices.find((invoice) => invoice.name === service.unpaidInvoice);
  return (
    <p className="stopped">
      <b>{texts.suspendedSince(day(service.suspendedSince, language))}</b> {service.suspensionReason}
      <br />
      {unpaid?.payToken
        ? <><a href={`/pay/${unpaid.payToken}`}>{texts.payToResume(unpaid.number)}</a> {texts.resumesByItself}</>
        : <Go to="/requests/new">{texts.askToResume}</Go>}
    </p>
  );
}

function About({ home }: { home: Home }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  return (
    <section>
      <h2>{texts.about}</h2>
      <dl className="facts">
        <div><dt>{texts.account}</dt><dd>{String(home.clientNumber)}</dd></div>
        <div><dt>{texts.since}</dt><dd>{dayOf(home.clientCreateTime, language)}</dd></div>
        {home.received.map((money) => (
          <div key={money.currencyCode}><dt>{texts.received}</dt><dd>{amount(money, language)}</dd></div>
        ))}
      </dl>
      <p><Go to="/quotes">{texts.quotes}</Go> · <Go to="/requests/new">{texts.ask}</Go></p>
    </section>
  );
}
