// Which page stands at which place. Home comes with the cabinet, the others when they are opened.
import { lazy, Suspense, useEffect, type ReactNode } from "react";
import { Loading } from "../ui/states";
import { HomePage } from "./HomePage";
import { LoginPage } from "./LoginPage";
import { usePlace } from "./router";
import { Shell } from "./Shell";
import { useCabinetTexts } from "./texts";

const InvoicesPage = lazy(() => import("./InvoicesPage"));
const InvoicePage = lazy(() => import("./InvoicePage"));
const PaymentsPage = lazy(() => import("./PaymentsPage"));
const QuotesPage = lazy(() => import("./QuotesPage"));
const RequestsPage = lazy(() => import("./RequestsPage"));
const RequestPage = lazy(() => import("./RequestPage"));
const NewRequestPage = lazy(() => import("./NewRequestPage"));

export function Cabinet() {
  const { path } = usePlace();
  useTitle(path);
  if (path === "/login") return <LoginPage />;
  return (
    <Shell>
      <Suspense fallback={<Loading />}>{page(path)}</Suspense>
    </Shell>
  );
}

/** The window is named by its page: people have many. */
function useTitle(path: string) {
  const texts = useCabinetTexts();
  const place = path.split("/")[1] ?? "";
  const names: Record<string, string> = {
    invoices: texts.invoices, payments: texts.payments, requests: texts.requests, quotes: texts.quotes, login: texts.login,
  };
  const name = names[place] ?? texts.home;
  useEffect(() => {
    document.title = `${name} — ${texts.title}`;
  }, [name, texts.title]);
}

function page(path: string): ReactNode {
  const [, place = "", id, ...more] = path.split("/");
  if (more.length > 0) return <Lost />;
  if (id) {
    if (place === "invoices") return <InvoicePage key={id} name={`invoices/${id}`} />;
    if (place === "requests" && id === "new") return <NewRequestPage />;
    if (place === "requests") return <RequestPage key={id} name={`tickets/${id}`} />;
    return <Lost />;
  }
  switch (place) {
    case "": return <HomePage />;
    case "invoices": return <InvoicesPage />;
    case "payments": return <PaymentsPage />;
    case "quotes": return <QuotesPage />;
    case "requests": return <RequestsPage />;
    default: return <Lost />;
  }
}

function Lost() {
  const texts = useCabinetTexts();
  return (
    <>
      <h1>{texts.lost}</h1>
      <p>{texts.lostText}</p>
    </>
  );
}
