// The staff console: its places, and what all of them need.
import "@mantine/core/styles.css";
import { TransportProvider } from "@connectrpc/connect-query";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter, redirect, RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { dictionaries, language, Texts } from "../shared/dictionary";
import { isLoggedOut, queries, transport } from "../shared/transport";
import { theme, variables } from "../ui/theme";
import { ClientList } from "./ClientList";
import { InvoiceList } from "./InvoiceList";
import { InvoicePage } from "./InvoicePage";
import { LoginPage } from "./LoginPage";
import { Shell } from "./Shell";

/** A search parameter as text: the router reads what looks like a number as one. */
const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));

const root = createRootRoute();
const login = createRoute({ getParentRoute: () => root, path: "/login", component: LoginPage });
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/invoices", search: {} });
  },
});
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const invoiceList = createRoute({
  getParentRoute: () => shell,
  path: "/invoices",
  component: InvoiceList,
  validateSearch: (search: Record<string, unknown>): { state?: number; number?: string; page?: string } => ({
    state: Number(search.state) || undefined,
    number: text(search.number),
    page: text(search.page),
  }),
});
const invoicePage = createRoute({ getParentRoute: () => shell, path: "/invoices/$id", component: InvoicePage });
const clientList = createRoute({
  getParentRoute: () => shell,
  path: "/clients",
  component: ClientList,
  validateSearch: (search: Record<string, unknown>): { query?: string; page?: string } => ({
    query: text(search.query),
    page: text(search.page),
  }),
});
const router = createRouter({
  basepath: "/console",
  routeTree: root.addChildren([login, home, shell.addChildren([invoiceList, invoicePage, clientList])]),
});
declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

// Whoever is logged out, wherever, is asked to log in.
queries.getQueryCache().subscribe((event) => {
  if (event.type === "updated" && isLoggedOut(event.query.state.error)) void router.navigate({ to: "/login" });
});

document.documentElement.lang = language();
const element = document.getElementById("root");
if (element) {
  createRoot(element).render(
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Texts.Provider value={dictionaries[language()] ?? dictionaries.ru!}>
        <TransportProvider transport={transport}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </TransportProvider>
      </Texts.Provider>
    </MantineProvider>,
  );
}
