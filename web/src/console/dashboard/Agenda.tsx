// One day of the calendar: what renews, whom one meets, what is to be done; and more of each.
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Board } from "../../gen/raschet/gateway/v1/dashboard_pb";
import type { CalendarEvent } from "../../gen/raschet/tickets/v1/calendar_events_pb";
import { fromIso, iso } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { useNames, type Names } from "../../shared/useNames";
import { Way } from "../../ui/Way";
import { EventDialog, TaskDialog, UndoRemoval } from "../plans/dialogs";
import { TaskRows } from "../plans/TaskRows";
import { usePlanTexts } from "../plans/texts";
import classes from "./Calendar.module.css";
import type { DayCounts } from "./weeks";

interface Props {
  board: Board;
  /** Such as `2019-02-26`. */
  chosen: string;
  counts: DayCounts | undefined;
}

export function Agenda({ board, chosen, counts }: Props) {
  const { language } = useTexts();
  const own = usePlanTexts();
  const [asked, setAsked] = useState<"event" | "task" | CalendarEvent>();
  const [removed, setRemoved] = useState<CalendarEvent>();
  const events = board.monthEvents.filter((event) => event.date && iso(event.date) === chosen);
  const tasks = board.monthTasks.filter((task) => task.dueDate && iso(task.dueDate) === chosen);
  const names = useNames([
    ...events.flatMap((event) => event.staff),
    ...tasks.flatMap((task) => [task.client, task.assignee, task.doneBy]),
  ]);
  const long = new Intl.DateTimeFormat(language === "ru" ? "ru" : "en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  const title = long.format(new Date(`${chosen}T00:00:00Z`));
  const today = board.overview?.today ?? fromIso(chosen);
  const close = () => setAsked(undefined);
  const { renewals = 0, addons = 0, domains = 0 } = counts ?? {};
  const among = [addons > 0 && own.addons(addons), domains > 0 && own.domains(domains)].filter((part) => part !== false);
  return (
    <section className={classes.agenda} aria-label={title}>
      <Group justify="space-between" gap="xs" mb={6}>
        <h3>{title}</h3>
        <Group gap={6}>
          <Button size="compact-sm" variant="default" onClick={() => setAsked("event")}>+ {own.addEvent}</Button>
          <Button size="compact-sm" variant="default" onClick={() => setAsked("task")}>+ {own.addTask}</Button>
        </Group>
      </Group>
      <Stack gap={6}>
        {renewals > 0 && (
          <Text size="sm">
            <Way href={`/services?renewal=${chosen}`}>{own.renewals(renewals)}</Way>
            {among.length > 0 && <Text span size="sm" c="dimmed">, {own.among(among.join(", "))}</Text>}
          </Text>
        )}
        {events.length > 0 && <Events events={events} names={names} open={setAsked} />}
        {tasks.length > 0 && today && <TaskRows label={own.tasks} tasks={tasks} names={names} today={today} dayless />}
        {renewals + events.length + tasks.length === 0 && <Text size="sm" c="dimmed">{own.free}</Text>}
      </Stack>
      {removed && <UndoRemoval key={removed.name} event={removed} close={() => setRemoved(undefined)} />}
      {asked === "task" && <TaskDialog begin={{ day: chosen }} close={close} />}
      {asked === "event" && <EventDialog day={chosen} close={close} />}
      {typeof asked === "object" && <EventDialog event={asked} close={close} removed={setRemoved} />}
    </section>
  );
}

function Events({ events, names, open }: { events: CalendarEvent[]; names: Names; open: (event: CalendarEvent) => void }) {
  const own = usePlanTexts();
  return (
    <ul className={classes.events}>
      {events.map((event) => (
        <li key={event.name}>
          <button type="button" className={classes.event} onClick={() => open(event)}>
            <span className={classes.time}>{event.startTime || own.allDay}</span>
            <span>
              <span className={classes.what}>{event.title}</span>{" "}
              <span className={classes.people}>{event.staff.map((one) => names.staff(one) ?? "…").join(", ") || own.everybody}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
