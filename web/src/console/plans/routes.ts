import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

interface Search {
  /** Everybody's; none means one's own, and nobody's. */
  whose?: "all";
  /** Done ones too. */
  done?: boolean;
  page?: string;
}

const list = createRoute({
  getParentRoute: () => shell,
  path: "/tasks",
  component: lazyRouteComponent(() => import("./TaskList"), "TaskList"),
  validateSearch: (search: Record<string, unknown>): Search => ({
    whose: search.whose === "all" ? "all" : undefined,
    done: search.done === true || undefined,
    page: text(search.page),
  }),
});
export const planRoutes = [list] as const;
