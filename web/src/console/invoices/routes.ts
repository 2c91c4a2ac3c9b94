import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

const list = createRoute({
  getParentRoute: () => shell,
  path: "/invoices",
  component: lazyRouteComponent(() => import("./InvoiceList"), "InvoiceList"),
  validateSearch: (search: Record<string, unknown>): { state?: number; overdue?: true; number?: string; page?: string } => ({
    state: Number(search.state) || undefined,
    overdue: search.overdue === true ? true : undefined,
    number: text(search.number),
    page: text(search.page),
  }),
});
const page = createRoute({
  getParentRoute: () => shell,
  path: "/invoices/$id",
  component: lazyRouteComponent(() => import("./InvoicePage"), "InvoicePage"),
});
export const invoiceRoutes = [list, page] as const;
