import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

const list = createRoute({
  getParentRoute: () => shell,
  path: "/quotes",
  component: lazyRouteComponent(() => import("./QuoteList"), "QuoteList"),
  validateSearch: (search: Record<string, unknown>): { state?: number; page?: string } => ({
    state: Number(search.state) || undefined,
    page: text(search.page),
  }),
});

const make = createRoute({
  getParentRoute: () => shell,
  path: "/quotes/new",
  component: lazyRouteComponent(() => import("./NewQuote"), "NewQuote"),
  validateSearch: (search: Record<string, unknown>): { client?: string; like?: string } => ({
    // Ids without their collections.
    client: text(search.client),
    like: text(search.like),
  }),
});

const one = createRoute({
  getParentRoute: () => shell,
  path: "/quotes/$id",
  component: lazyRouteComponent(() => import("./QuotePage"), "QuotePage"),
});
export const quoteRoutes = [list, make, one] as const;
