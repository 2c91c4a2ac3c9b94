import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shell, text } from "../places";

export interface TicketsSearch {
  /** `Ticket.State`; absent for all. */
  state?: number;
  mine?: boolean;
  department?: string;
  query?: string;
  page?: string;
}

const list = createRoute({
  getParentRoute: () => shell,
  path: "/tickets",
  component: lazyRouteComponent(() => import("./TicketList"), "TicketList"),
  validateSearch: (search: Record<string, unknown>): TicketsSearch => ({
    state: Number(search.state) || undefined,
    mine: search.mine === true || undefined,
    department: text(search.department),
    query: text(search.query),
    page: text(search.page),
  }),
});
const page = createRoute({
  getParentRoute: () => shell,
  path: "/tickets/$id",
  component: lazyRouteComponent(() => import("./TicketPage"), "TicketPage"),
});
export const ticketRoutes = [list, page] as const;
