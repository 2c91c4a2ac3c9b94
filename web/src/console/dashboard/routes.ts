import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

const board = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("./Dashboard"), "Dashboard"),
  // `2026-12`: the month of the calendar; none means this one.
  validateSearch: (search: Record<string, unknown>): { month?: string } => ({ month: text(search.month) }),
});
export const dashboardRoutes = [board] as const;
