// A thing to do and an event, each in a dialog: a new one, or one that is changed.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, Group, Text } from "@mantine/core";
import { Staff, type StaffMember } from "../../gen/raschet/clients/v1/staff_pb";
import { CalendarEvents, type CalendarEvent } from "../../gen/raschet/tickets/v1/calendar_events_pb";
import { Tasks, type Task } from "../../gen/raschet/tickets/v1/tasks_pb";
import { fromIso, iso } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { Failure } from "../../ui/DataTable";
import { RecordForm, type Field } from "../../ui/RecordForm";
import { useAct } from "../../ui/useAct";
import { usePlanTexts } from "./texts";

const tasks = createClient(Tasks, transport);
const events = createClient(CalendarEvents, transport);

function useColleagues(): StaffMember[] {
  const found = useQuery(Staff.method.listStaff, { pageSize: 1000 }, { staleTime: 60_000 });
  return found.data?.staff ?? [];
}

const options = (staff: StaffMember[]) => staff.map((one) => ({ value: one.name, label: one.displayName }));

interface TaskProps {
  /** The one that is changed; none for a new one. */
  task?: Task;
  /** What a new one begins with. */
  begin?: { day?: string; client?: string; assignee?: string };
  close: () => void;
}

export function TaskDialog({ task, begin = {}, close }: TaskProps) {
  const texts = useTexts();
  const own = usePlanTexts();
  const colleagues = useColleagues();
  const fields: Field[] = [
    { name: "text", label: own.text, required: true, wide: true },
    { name: "due_date", label: own.by, hint: own.byHint, type: "date" },
    { name: "assignee", label: own.assignee, options: [{ value: "", label: own.anybody }, ...options(colleagues)] },
    { name: "client", label: own.client, client: true, wide: true },
  ];
  const initial = {
    text: task?.text ?? "",
    due_date: task ? (task.dueDate ? iso(task.dueDate) : "") : (begin.day ?? ""),
    assignee: task?.assignee ?? begin.assignee ?? "",
    client: task?.client ?? begin.client ?? "",
  };
  return (
    <RecordForm title={task ? own.editTask : own.newTask} verb={task ? texts.save : texts.add} fields={fields} initial={initial} close={close}
      save={(values, paths, requestId) => {
        const given = { text: values.text, dueDate: fromIso(values.due_date), assignee: values.assignee, client: values.client };
        return task
          ? tasks.updateTask({ task: { ...given, name: task.name, etag: task.etag }, updateMask: { paths }, requestId })
          : tasks.createTask({ task: given, requestId });
      }} />
  );
}

interface EventProps {
  event?: CalendarEvent;
  /** The day of a new one. */
  day?: string;
  close: () => void;
  /** Hears which was called off. */
  removed?: (event: CalendarEvent) => void;
}

export function EventDialog({ event, day = "", close, removed }: EventProps) {
  const texts = useTexts();
  const own = usePlanTexts();
  const colleagues = useColleagues();
  const fields: Field[] = [
    { name: "title", label: own.eventTitle, required: true, wide: true },
    { name: "date", label: own.date, type: "date", required: true },
    { name: "start_time", label: own.time, hint: own.timeHint, type: "time" },
    { name: "staff", label: own.who, hint: own.whoHint, checks: options(colleagues), wide: true },
  ];
  const initial = {
    title: event?.title ?? "",
    date: event?.date ? iso(event.date) : day,
    start_time: event?.startTime ?? "",
    staff: [...(event?.staff ?? [])].sort().join(","),
  };
  return (
    <RecordForm title={event ? own.editEvent : own.newEvent} verb={event ? texts.save : texts.add} fields={fields} initial={initial} close={close}
      aside={event && <CallOff event={event} close={() => { removed?.(event); close(); }} />}
      save={(values, paths, requestId) => {
        const staff = (values.staff ?? "").split(",").filter(Boolean);
        const given = { title: values.title, date: fromIso(values.date), startTime: values.start_time, staff };
        return event
          ? events.updateCalendarEvent({ calendarEvent: { ...given, name: event.name, etag: event.etag }, updateMask: { paths }, requestId })
          : events.createCalendarEvent({ calendarEvent: given, requestId });
      }} />
  );
}

/** What was called off by mistake is planned again, as long as the screen is there. */
export function UndoRemoval({ event, close }: { event: CalendarEvent; close: () => void }) {
  const own = usePlanTexts();
  const { title, date, startTime, staff } = event;
  const act = useAct((requestId) => events.createCalendarEvent({ calendarEvent: { title, date, startTime, staff }, requestId }), close);
  return (
    <Group role="status" gap="xs" mt={6}>
      <Text size="sm" c="dimmed">{own.removed(title)}</Text>
      <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => void act.run()}>{own.undo}</Button>
      {act.failure !== undefined && <Failure error={act.failure} />}
    </Group>
  );
}

function CallOff({ event, close }: { event: CalendarEvent; close: () => void }) {
  const own = usePlanTexts();
  const act = useAct((requestId) => events.deleteCalendarEvent({ name: event.name, etag: event.etag, requestId }), close);
  return (
    <>
      <Button variant="subtle" color="red" c="var(--mantine-color-error)" loading={act.busy} onClick={() => void act.run()}>{own.remove}</Button>
      {act.failure !== undefined && <Failure error={act.failure} />}
    </>
  );
}
