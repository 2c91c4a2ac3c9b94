// What needs a person, the most urgent of each sort first; behind each is the screen that does it.
import { Stack, Text } from "@mantine/core";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ReactNode } from "react";
import type { Board } from "../../gen/raschet/gateway/v1/dashboard_pb";
import type { Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { day, dayOf } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { Panel } from "../../ui/Panel";
import { Way } from "../../ui/Way";
import { useDashboardTexts } from "./texts";
import classes from "./ToDo.module.css";

/** Minutes from which on it is urgent. */
const SOON = 30;

const id = (name: string) => name.slice(name.indexOf("/") + 1);

export function ToDo({ board }: { board: Board }) {
  const own = useDashboardTexts();
  const { language } = useTexts();
  const nothing = board.heldInvoices.length + board.tickets.length + board.lines.length === 0;
  return (
    <Panel title={own.todo}>
      {nothing && <Text size="sm">✓ {own.done}</Text>}
      <Stack gap="lg">
        <Group title={own.ticketGroup} all="/tickets">
          {board.tickets.map((ticket) => (
            <Row key={ticket.name} href={`/tickets/${id(ticket.name)}`} title={`#${ticket.number} ${ticket.subject}`}
              note={ticket.requester} right={<Clock ticket={ticket} board={board} />} />
          ))}
        </Group>
        <Group title={own.heldGroup} all="/invoices?state=2">
          {board.heldInvoices.map((invoice) => (
            <Row key={invoice.name} href={`/invoices/${id(invoice.name)}`} title={invoice.payerTitle}
              note={`${own.from} ${dayOf(invoice.createTime, language)}`}
              right={amount(invoice.total, language)} />
          ))}
        </Group>
        <Group title={own.lineGroup} all="/reconciliation">
          {board.lines.map((line) => (
            <Row key={line.name} href={`/reconciliation?line=${id(line.name)}`} title={line.payer?.title || own.unknown}
              note={`${day(line.date, language)} · ${line.purpose}`} right={amount(line.unallocated ?? line.amount, language)} />
          ))}
        </Group>
      </Stack>
    </Panel>
  );
}

function Group({ title, all, children }: { title: string; all: string; children: ReactNode[] }) {
  const own = useDashboardTexts();
  if (children.length === 0) return null;
  return (
    <section aria-label={title}>
      <div className={classes.head}>
        <h3>{title}</h3>
        <Way href={all}>{own.all}</Way>
      </div>
      <ul className={classes.rows}>{children}</ul>
    </section>
  );
}

function Row({ href, title, note, right }: { href: string; title: string; note: string; right: ReactNode }) {
  return (
    <li>
      <Way href={href} className={classes.row}>
        <span className={classes.what}>
          <span className={classes.title}>{title}</span>
          <span className={classes.note}>{note}</span>
        </span>
        <span className={classes.right}>{right}</span>
      </Way>
    </li>
  );
}

/** How long the two-hour clock has, in words: colour only helps. */
function Clock({ ticket, board }: { ticket: Ticket; board: Board }) {
  const own = useDashboardTexts();
  if (!ticket.dueTime || !board.now) return null;
  const minutes = Math.round((timestampMs(ticket.dueTime) - timestampMs(board.now)) / 60_000);
  const time = own.minutes(Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60);
  const late = minutes <= 0;
  return (
    <span data-late={late || undefined} data-soon={(!late && minutes <= SOON) || undefined}>
      {late ? own.late(time) : own.left(time)}
    </span>
  );
}
