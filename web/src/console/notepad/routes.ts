import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell } from "../places";

const page = createRoute({
  getParentRoute: () => shell,
  path: "/notes",
  component: lazyRouteComponent(() => import("./NotepadPage"), "NotepadPage"),
});
export const notepadRoutes = [page] as const;
