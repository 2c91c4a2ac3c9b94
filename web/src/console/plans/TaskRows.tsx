// Things to do, a line each: a box to tick, what it is, by when, whose, and about whom.
import { createClient } from "@connectrpc/connect";
import { Anchor, Button, Checkbox, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Date as CalendarDate } from "../../gen/google/type/date_pb";
import { Tasks, type Task } from "../../gen/raschet/tickets/v1/tasks_pb";
import { day, dayOf, daysBetween } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import type { Names } from "../../shared/useNames";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { TaskDialog } from "./dialogs";
import classes from "./TaskRows.module.css";
import { usePlanTexts } from "./texts";

const tasks = createClient(Tasks, transport);

interface Props {
  label: string;
  tasks: Task[];
  names: Names;
  today: CalendarDate;
  /** On a day of its own, the day need not be told. */
  dayless?: boolean;
  /** At a client's own, nor the client. */
  clientless?: boolean;
  /** Hears what was ticked off, where another place offers to take it back. */
  told?: (task: Task | undefined) => void;
}

export function TaskRows({ label, tasks, told, ...rest }: Props) {
  const [edited, setEdited] = useState<Task>();
  const [ticked, setTicked] = useState<Task>();
  return (
    <>
      <ul className={classes.rows} aria-label={label}>
        {tasks.map((task) => (
          <Row key={task.name} task={task} {...rest} edit={() => setEdited(task)} ticked={told ?? setTicked} />
        ))}
      </ul>
      {ticked && <Undo key={ticked.name} task={ticked} close={() => setTicked(undefined)} />}
      {edited && <TaskDialog task={edited} close={() => setEdited(undefined)} />}
    </>
  );
}

/** Ticks a thing off, or opens it again. */
const tick = (task: Task, done: boolean, requestId: string) =>
  tasks.updateTask({ task: { name: task.name, etag: task.etag, done }, updateMask: { paths: ["done"] }, requestId });

interface RowProps extends Omit<Props, "label" | "tasks" | "told"> {
  task: Task;
  edit: () => void;
  ticked: (task: Task | undefined) => void;
}

function Row({ task, names, today, dayless, clientless, edit, ticked }: RowProps) {
  const own = usePlanTexts();
  const act = useAct((requestId) => tick(task, !task.done, requestId), (now) => ticked(now.done ? now : undefined));
  const client = clientless ? undefined : names.client(task.client);
  return (
    <li className={classes.row} data-done={task.done || undefined}>
      <Checkbox aria-label={own.tick(task.text)} checked={task.done} disabled={act.busy} onChange={() => void act.run()} className={classes.box} />
      <div className={classes.what}>
        <button type="button" className={classes.text} onClick={edit} aria-label={own.edit(task.text)}>{task.text}</button>
        <div className={classes.note}>
          {!dayless && <Due task={task} today={today} />}
          <Whose task={task} names={names} />
          {client && (
            <Anchor size="xs" renderRoot={(props) => <Link to="/clients/$id" params={{ id: client.name.replace("clients/", "") }} search={{}} {...props} />}>
              {client.title}
            </Anchor>
          )}
        </div>
        {act.failure !== undefined && <Failure error={act.failure} />}
      </div>
    </li>
  );
}

function Whose({ task, names }: { task: Task; names: Names }) {
  const { language } = useTexts();
  const own = usePlanTexts();
  if (task.done) return <span>{own.doneBy(names.staff(task.doneBy) ?? "…", dayOf(task.doneTime, language))}</span>;
  return task.assignee ? <span>{names.staff(task.assignee) ?? "…"}</span> : null;
}

/** By when, in words where it is near; what is late says so. */
export function Due({ task, today }: { task: Task; today: CalendarDate }) {
  const { language } = useTexts();
  const own = usePlanTexts();
  if (!task.dueDate) return <span>{own.someDay}</span>;
  const left = daysBetween(today, task.dueDate);
  if (task.done || left > 1) return <span>{day(task.dueDate, language)}</span>;
  if (left < 0) return <span data-late>{own.late(-left)}</span>;
  return <span data-soon={left === 0 || undefined}>{left === 0 ? own.today : own.tomorrow}</span>;
}

/** What was ticked off by mistake comes back, as long as the screen is there. */
export function Undo({ task, close }: { task: Task; close: () => void }) {
  const own = usePlanTexts();
  const act = useAct((requestId) => tick(task, false, requestId), close);
  return (
    <Group role="status" gap="xs" mt={6}>
      <Text size="sm" c="dimmed" truncate style={{ flex: "0 1 auto", minWidth: 0 }}>{own.ticked(task.text)}</Text>
      <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => void act.run()}>{own.undo}</Button>
      {act.failure !== undefined && <Failure error={act.failure} />}
    </Group>
  );
}
