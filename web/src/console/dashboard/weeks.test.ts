import { expect, test } from "vitest";
import { create } from "@bufbuild/protobuf";
import { BoardSchema } from "../../gen/raschet/gateway/v1/dashboard_pb";
import { iso } from "../../shared/dates";
import { counts, weeks } from "./weeks";

// A17: weeks start on Monday.
test("February 2019 begins on a Friday", () => {
  const rows = weeks("2019-02").map((week) => week.map((date) => date?.day ?? 0));
  expect(rows[0]).toEqual([0, 0, 0, 0, 1, 2, 3]);
  expect(rows).toHaveLength(5);
  expect(rows[4]).toEqual([25, 26, 27, 28, 0, 0, 0]);
});

// A18–A22: each day has its renewals, add-ons, events and what is still to be done.
test("a day is counted once for each thing on it", () => {
  const on = (day: number) => ({ year: 2019, month: 2, day });
  const board = create(BoardSchema, {
    overview: { renewals: [{ date: on(8), subscriptions: 22n, addons: 3n, domains: 2n }] },
    monthEvents: [{ date: on(8) }, { date: on(26) }],
    monthTasks: [{ dueDate: on(26) }, { dueDate: on(26), done: true }, { dueDate: on(26) }],
  });
  const days = counts(board);
  expect([...days.keys()].sort()).toEqual(["2019-02-08", "2019-02-26"]);
  expect(days.get(iso({ ...on(8), $typeName: "google.type.Date" }))).toEqual({ renewals: 22, addons: 3, domains: 2, events: 1, tasks: 0 });
  expect(days.get("2019-02-26")).toEqual({ renewals: 0, addons: 0, domains: 0, events: 1, tasks: 2 });
});
