import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

const list = createRoute({
  getParentRoute: () => shell,
  path: "/orders",
  component: lazyRouteComponent(() => import("./OrderList"), "OrderList"),
  validateSearch: (search: Record<string, unknown>): { state?: number; page?: string } => ({
    state: Number(search.state) || undefined,
    page: text(search.page),
  }),
});
export const orderRoutes = [list] as const;
