import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

interface Search {
  state?: number;
  /** Those whose next period starts on this day, such as `2026-12-24`. */
  renewal?: string;
  page?: string;
}

const list = createRoute({
  getParentRoute: () => shell,
  path: "/services",
  component: lazyRouteComponent(() => import("./ServiceList"), "ServiceList"),
  validateSearch: (search: Record<string, unknown>): Search => ({
    state: Number(search.state) || undefined,
    renewal: text(search.renewal),
    page: text(search.page),
  }),
});
export const subscriptionRoutes = [list] as const;
