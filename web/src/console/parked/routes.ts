import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell } from "../places";

const list = createRoute({
  getParentRoute: () => shell,
  path: "/parked",
  component: lazyRouteComponent(() => import("./ParkedList"), "ParkedList"),
});
export const parkedRoutes = [list] as const;
