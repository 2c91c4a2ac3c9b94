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
export const clientRoutes = [list] as const;
