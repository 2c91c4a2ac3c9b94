import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

const board = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("./Dashboard"), "Dashboard"),
  // `2026-12`: the month of the calendar; none means this one. `2026-12-24`: the day that is open.
  validateSearch: (search: Record<string, unknown>): { month?: string; day?: string } => ({
    month: text(search.month),
    day: text(search.day),
  }),
});
export const dashboardRoutes = [board] as const;
