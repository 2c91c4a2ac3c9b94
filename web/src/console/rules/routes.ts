import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

export interface RulesSearch {
  /** `LearnedRule.State`; absent for all. */
  state?: number;
  /** `clients/{client}` without its collection. */
  client?: string;
  page?: string;
}

const page = createRoute({
  getParentRoute: () => shell,
  path: "/rules",
  component: lazyRouteComponent(() => import("./RulesPage"), "RulesPage"),
  validateSearch: (search: Record<string, unknown>): RulesSearch => ({
    state: Number(search.state) || undefined,
    client: text(search.client),
    page: text(search.page),
  }),
});
export const ruleRoutes = [page] as const;
