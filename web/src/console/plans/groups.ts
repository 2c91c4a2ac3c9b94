import type { Date as CalendarDate } from "../../gen/google/type/date_pb";
import type { Task } from "../../gen/raschet/tickets/v1/tasks_pb";
import { daysBetween } from "../../shared/dates";

/** How pressing things are, the most first. */
export const URGENCIES = ["late", "today", "week", "later", "someDay", "done"] as const;
export type Urgency = (typeof URGENCIES)[number];
const WEEK = 7;

function urgency(task: Task, today: CalendarDate): Urgency {
  if (task.done) return "done";
  if (!task.dueDate) return "someDay";
  const left = daysBetween(today, task.dueDate);
  if (left < 0) return "late";
  if (left === 0) return "today";
  return left <= WEEK ? "week" : "later";
}

/** Things in groups by how pressing they are; groups without any are left out. */
export function grouped(tasks: Task[], today: CalendarDate): [Urgency, Task[]][] {
  const groups = URGENCIES.map((one): [Urgency, Task[]] => [one, tasks.filter((task) => urgency(task, today) === one)]);
  return groups.filter(([, rows]) => rows.length > 0);
}
