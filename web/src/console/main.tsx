// The staff console: its places, and what all of them need.
// In a layer: what screens say of their own wins, in whatever order the files are loaded.
import "@mantine/core/styles.layer.css";
import "../ui/base.css";
import { TransportProvider } from "@connectrpc/connect-query";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { dictionaries, language, Texts } from "../shared/dictionary";
import { isLoggedOut, queries, transport } from "../shared/transport";
import { theme, variables } from "../ui/theme";
import { billingRoutes } from "./billing/routes";
import { clientRoutes } from "./clients/routes";
import { dashboardRoutes } from "./dashboard/routes";
import { invoiceRoutes } from "./invoices/routes";
import { letterRoutes } from "./letters/routes";
import { notepadRoutes } from "./notepad/routes";
import { orderRoutes } from "./orders/routes";
import { LoginPage } from "./LoginPage";
import { matchingRoutes } from "./matching/routes";
import { parkedRoutes } from "./parked/routes";
import { planRoutes } from "./plans/routes";
import { root, shell } from "./places";
import { quoteRoutes } from "./quotes/routes";
import { reconciliationRoutes } from "./reconciliation/routes";
import { ruleRoutes } from "./rules/routes";
import { subscriptionRoutes } from "./subscriptions/routes";
import { ticketRoutes } from "./tickets/routes";

const login = createRoute({ getParentRoute: () => root, path: "/login", component: LoginPage });
const router = createRouter({
  basepath: "/console",
  routeTree: root.addChildren([login, shell.addChildren([...dashboardRoutes, ...invoiceRoutes, ...clientRoutes, ...orderRoutes, ...quoteRoutes, ...billingRoutes, ...reconciliationRoutes, ...matchingRoutes, ...ruleRoutes, ...ticketRoutes, ...letterRoutes, ...parkedRoutes, ...planRoutes, ...notepadRoutes, ...subscriptionRoutes])]),
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
