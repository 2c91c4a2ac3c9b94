import { expect, test } from "vitest";
import { minutesLeft, span } from "./Clock";
import { keyOf } from "./useShortcuts";

const key = (code: string, key: string, shiftKey = false) => keyOf({ code, key, shiftKey });

test("keys are told by their place, in any layout", () => {
  expect([key("KeyJ", "j"), key("KeyJ", "о"), key("Digit1", "1"), key("Numpad1", "1")]).toEqual(["J", "J", "1", "1"]);
  expect([key("Slash", "/"), key("Slash", "."), key("Slash", "?", true), key("Slash", ",", true)]).toEqual(["/", "/", "?", "?"]);
  expect([key("Digit7", "?", true), key("Enter", "Enter"), key("Escape", "Escape")]).toEqual(["?", "Enter", "Escape"]);
});

// A27: two hours, in hours and minutes.
test("a clock never says that nothing is left, nor that nothing is overdue", () => {
  const due = { seconds: 7200n, nanos: 0 } as Parameters<typeof minutesLeft>[0];
  const at = (seconds: number) => minutesLeft(due, seconds * 1000);
  expect([at(0), at(1), at(7199), at(7200), at(7201), at(7320)]).toEqual([120, 120, 1, -1, -1, -2]);
  expect([span(120), span(23), span(-70), span(1565)]).toEqual(["2:00", "0:23", "1:10", "26:05"]);
});
