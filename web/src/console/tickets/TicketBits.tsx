// What the list and the page of a ticket show alike.
import { Badge } from "@mantine/core";
import { Ticket_State, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { Clock } from "../../ui/Clock";
import { useTicketTexts } from "./texts";

const COLOURS: Record<number, string> = {
  [Ticket_State.OPEN]: "blue",
  [Ticket_State.IN_PROGRESS]: "violet",
  [Ticket_State.ANSWERED]: "teal",
};

export function TicketBadge({ ticket }: { ticket: Ticket }) {
  const own = useTicketTexts();
  return (
    <Badge color={COLOURS[ticket.state] ?? "gray"} c="var(--mantine-color-text)" size="lg">{own.states[ticket.state]}</Badge>
  );
}

/** The two-hour clock; where it stands, what the ticket waits for. */
export function TicketClock({ ticket, size }: { ticket: Ticket; size?: "sm" | "lg" }) {
  const own = useTicketTexts();
  const aside = [Ticket_State.ON_HOLD, Ticket_State.SPAM, Ticket_State.MERGED].includes(ticket.state);
  const waits = aside ? own.states[ticket.state] ?? "" : own.waitsForClient;
  const stopped = ticket.state === Ticket_State.CLOSED ? own.closed : waits;
  return <Clock due={ticket.dueTime} size={size} stopped={ticket.breached ? `${stopped}, ${own.late}` : stopped} />;
}
