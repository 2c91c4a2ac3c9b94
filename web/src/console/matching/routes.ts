import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell } from "../places";

const page = createRoute({
  getParentRoute: () => shell,
  path: "/matching",
  component: lazyRouteComponent(() => import("./MatchingPage"), "MatchingPage"),
});
export const matchingRoutes = [page] as const;
