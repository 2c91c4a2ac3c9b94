import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

export interface LettersSearch {
  /** The delivery log rather than the journal of what came. */
  out?: boolean;
  /** `InboundLetter.State` or `OutboundLetter.State`; absent for all. */
  state?: number;
  page?: string;
}

const list = createRoute({
  getParentRoute: () => shell,
  path: "/letters",
  component: lazyRouteComponent(() => import("./LetterList"), "LetterList"),
  validateSearch: (search: Record<string, unknown>): LettersSearch => ({
    out: search.out === true || undefined,
    state: Number(search.state) || undefined,
    page: text(search.page),
  }),
});
export const letterRoutes = [list] as const;
