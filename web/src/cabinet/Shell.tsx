// What stands around every page: who the client is and what it has, the places, what is to be paid.
import { Button } from "@mantine/core";
import { Code, ConnectError } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import type { ReactNode } from "react";
import { Cabinet, type Home } from "../gen/raschet/gateway/v1/cabinet_pb";
import { useTexts } from "../shared/dictionary";
import { amount, digits, sign } from "../shared/money";
import { logOut } from "../shared/session";
import { isLoggedOut } from "../shared/transport";
import { Failure, Loading } from "../ui/states";
import { Copy } from "./Copy";
import { Menu, Switcher } from "./Menu";
import { Go, usePlace } from "./router";
import { useCabinetTexts } from "./texts";

const is = (error: unknown, code: Code) => error instanceof ConnectError && error.code === code;

export function Shell({ children }: { children: ReactNode }) {
  const texts = useCabinetTexts();
  const home = useQuery(Cabinet.method.getHome, {});
  if (is(home.error, Code.PermissionDenied)) return <StaffHere />;
  return (
    <>
      <a className="skip" href="#main">{texts.skip}</a>
      <header className="top">
        <div className="wide bar">
          <span className="who">{home.data?.title ?? "Raschet"}</span>
          <Menu current={home.data?.clientNumber} />
        </div>
        {home.data && <Account home={home.data} />}
      </header>
      <Places />
      <main id="main" className="wide" tabIndex={-1}>
        <Content failure={home.error} ready={home.data !== undefined} retry={() => void home.refetch()}>
          {children}
        </Content>
      </main>
      {home.data && <PayBar home={home.data} />}
    </>
  );
}

interface ContentProps {
  failure: unknown;
  ready: boolean;
  retry: () => void;
  children: ReactNode;
}

function Content({ failure, ready, retry, children }: ContentProps) {
  if (isLoggedOut(failure)) return <Loading />;
  if (failure && !ready) {
    return (
      <>
        <Failure error={failure} retry={retry} />
        {is(failure, Code.FailedPrecondition) && <Switcher />}
      </>
    );
  }
  return ready ? children : <Loading />;
}

/** E5–E7: the account's number and balance, on every page. */
function Account({ home }: { home: Home }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const number = String(home.clientNumber);
  return (
    <div className="wide account">
      <Copy label={texts.account} text={number} />
      {home.credit.map((credit) => (
        <Copy key={credit.currencyCode} label={texts.balance} text={amount(credit, language)} value={digits(credit)} />
      ))}
    </div>
  );
}

const ICONS = {
  "/": "M2 7.5 8 2l6 5.5V14h-4v-4H6v4H2z",
  "/invoices": "M3.5 1.5h9v13l-2.2-1.4L8 14.5l-2.3-1.4-2.2 1.4zM6 5h4M6 8h4",
  "/payments": "M1.5 3.5h13v9h-13zM1.5 6.5h13M4 10h3",
  "/requests": "M1.5 2.5h13v9H8l-3.5 3v-3h-3z",
};

function Places() {
  const texts = useCabinetTexts();
  const place = `/${usePlace().path.split("/")[1] ?? ""}`;
  const names = { "/": texts.home, "/invoices": texts.invoices, "/payments": texts.payments, "/requests": texts.requests };
  return (
    <nav className="places" aria-label={texts.places}>
      <div className="wide">
        {(Object.keys(ICONS) as (keyof typeof ICONS)[]).map((to) => (
          <Go key={to} to={to} aria-current={place === to ? "page" : undefined}>
            <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
              <path fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" d={ICONS[to]} />
            </svg>
            {names[to]}
          </Go>
        ))}
      </div>
    </nav>
  );
}

/** What is to be paid stays in sight; one invoice is paid at once, of several one is chosen. */
function PayBar({ home }: { home: Home }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const { path } = usePlace();
  const due = home.due.filter((money) => sign(money) > 0);
  const unpaid = home.unpaidInvoices.filter((invoice) => invoice.payToken);
  const only = unpaid.length === 1 ? unpaid[0] : undefined;
  if (due.length === 0 || unpaid.length === 0 || (path === "/" && !only)) return null;
  return (
    <aside className="paybar" aria-label={texts.due}>
      <div className="wide">
        <span>
          <span className="dim">{only ? texts.due : texts.payAll(unpaid.length)}</span>
          {due.map((money) => <b key={money.currencyCode}>{amount(money, language)}</b>)}
        </span>
        {only ? (
          <Button component="a" href={`/pay/${only.payToken}`} size="md">{texts.pay}</Button>
        ) : (
          <Go className="button" to="/">{texts.toPay}</Go>
        )}
      </div>
    </aside>
  );
}

/** Staff who are logged in and came to the wrong door. */
function StaffHere() {
  const texts = useCabinetTexts();
  const common = useTexts();
  return (
    <main id="main" className="wide door">
      <h1>{texts.staffTitle}</h1>
      <p>{texts.staffText}</p>
      <p className="acts">
        <Button component="a" href="/console">{texts.staffDoor}</Button>
        <Button variant="default" onClick={() => void logOut("/cabinet/login")}>{common.logout}</Button>
      </p>
    </main>
  );
}
