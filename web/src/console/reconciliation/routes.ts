import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

export interface ReconciliationSearch {
  /** `Line.State`; absent for those that wait for a person. */
  state?: number;
  /** `lines/{line}` without its collection. */
  line?: string;
  /** `statements/{statement}` without its collection. */
  statement?: string;
  page?: string;
}

const page = createRoute({
  getParentRoute: () => shell,
  path: "/reconciliation",
  component: lazyRouteComponent(() => import("./ReconciliationPage"), "ReconciliationPage"),
  validateSearch: (search: Record<string, unknown>): ReconciliationSearch => ({
    state: Number(search.state) || undefined,
    line: text(search.line),
    statement: text(search.statement),
    page: text(search.page),
  }),
});
export const reconciliationRoutes = [page] as const;
