import { expect, test } from "vitest";
import { create } from "@bufbuild/protobuf";
import { TaskSchema } from "../../gen/raschet/tickets/v1/tasks_pb";
import { fromIso } from "../../shared/dates";
import { grouped } from "./groups";

// A21: what is late comes first, whatever the month's end; what is done comes last.
test("things are grouped by how pressing they are", () => {
  const task = (name: string, day: string, done = false) => create(TaskSchema, { name, dueDate: fromIso(day), done });
  const all = [
    task("1", "2019-02-27"), task("2", "2019-02-28"), task("3", "2019-03-01"), task("4", "2019-03-07"),
    task("5", "2019-03-08"), task("6", ""), task("7", "2019-02-01", true),
  ];
  const told = grouped(all, fromIso("2019-02-28")!).map(([urgency, rows]) => `${urgency}: ${rows.map((row) => row.name).join()}`);
  expect(told).toEqual(["late: 1", "today: 2", "week: 3,4", "later: 5", "someDay: 6", "done: 7"]);
});
