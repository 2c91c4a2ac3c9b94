import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

export const VIEWS = ["run", "close", "acts"] as const;
export type View = (typeof VIEWS)[number];

interface Search {
  view?: View;
  /** `2026-12-01`: the day to bill up to. */
  date?: string;
  /** `2026-11`: the month to close, or whose acts are shown. */
  month?: string;
  page?: string;
}
const billing = createRoute({
  getParentRoute: () => shell,
  path: "/billing",
  component: lazyRouteComponent(() => import("./BillingPage"), "BillingPage"),
  validateSearch: (search: Record<string, unknown>): Search => ({
    view: VIEWS.find((view) => view === search.view),
    date: text(search.date),
    month: text(search.month),
    page: text(search.page),
  }),
});
export const billingRoutes = [billing] as const;
