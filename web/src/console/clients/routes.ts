import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

const list = createRoute({
  getParentRoute: () => shell,
  path: "/clients",
  component: lazyRouteComponent(() => import("./ClientList"), "ClientList"),
  validateSearch: (search: Record<string, unknown>): { query?: string; page?: string } => ({
    query: text(search.query),
    page: text(search.page),
  }),
});

export const TABS = ["services", "invoices", "quotes", "acts", "tickets", "notes", "profile"] as const;
export type Tab = (typeof TABS)[number];

interface CardSearch {
  tab?: Tab;
  /** Page of the list on the tab. */
  page?: string;
  /** Id of the subscription whose quantity is being changed. */
  change?: string;
}
const card = createRoute({
  getParentRoute: () => shell,
  path: "/clients/$id",
  component: lazyRouteComponent(() => import("./ClientPage"), "ClientPage"),
  validateSearch: (search: Record<string, unknown>): CardSearch => ({
    tab: TABS.find((tab) => tab === search.tab),
    page: text(search.page),
    change: text(search.change),
  }),
});
export const clientRoutes = [list, card] as const;
