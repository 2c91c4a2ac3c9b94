// What became of a ticket besides its messages: who took it, handed it over, closed it, opened it again.
import type { Message, Ticket, TicketChange } from "../../gen/raschet/tickets/v1/tickets_pb";
import { millis, moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import type { Names } from "../../shared/useNames";
import { TimelineMark } from "../../ui/Timeline";
import { useTicketTexts } from "./texts";

/** Other states come with a message, or with whoever takes the ticket, and need no line of their own. */
const told = ({ field, from, to }: TicketChange) => field !== "state" || from === "CLOSED" || to === "CLOSED";

/** Messages and changes in order; of one moment, the message first: it is why. */
export function story({ messages, changes }: Ticket): (Message | TicketChange)[] {
  const at = (entry: Message | TicketChange) => (entry.createTime ? millis(entry.createTime) : 0);
  return [...messages, ...changes.filter(told)].sort((a, b) => at(a) - at(b));
}

/** Who stands in the changes. */
export const mentioned = ({ changes }: Ticket): string[] =>
  changes.flatMap((change) => [change.actor, change.from, change.to]).filter((name) => /^(staff|clients)\//.test(name));

export function Became({ change, names }: { change: TicketChange; names: Names }) {
  const { language } = useTexts();
  const own = useTicketTexts();
  const { actor, field, from, to } = change;
  const name = (of: string) => names.staff(of) ?? names.client(of)?.title ?? of;
  const byLetter = !actor.startsWith("staff/");
  const what = () => {
    if (field === "assignee" && to && to === actor) return own.taken(name(to));
    if (field === "assignee") return to ? own.given(name(to), name(actor)) : own.takenOff(name(from), name(actor));
    if (field === "department") return own.moved(from, to, name(actor));
    if (field === "client") return own.recognised(name(to), name(actor));
    if (to === "CLOSED") return own.closedBy(name(actor));
    return byLetter ? own.reopenedByLetter : own.reopenedBy(name(actor));
  };
  return <TimelineMark when={moment(change.createTime, language)}>{what()}</TimelineMark>;
}
