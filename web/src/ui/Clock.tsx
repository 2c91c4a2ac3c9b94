// How long something may still wait: in colour and in words, counted while it is looked at.
import { Badge, Text, type MantineColor } from "@mantine/core";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { textsOf } from "../shared/dictionary";
import { millis } from "../shared/dates";
import { useNow } from "../shared/caller";

const useOwn = textsOf(
  { left: (span: string) => `осталось ${span}`, over: (span: string) => `просрочен ${span}` },
  { left: (span: string) => `${span} left`, over: (span: string) => `${span} overdue` },
);

/** Minutes before the end from which it is urgent. */
const URGENT = 30;

/** `0:23`, `26:05`: hours and minutes. */
export function span(minutes: number): string {
  const whole = Math.abs(Math.trunc(minutes));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Minutes left, rounded so that what has run out is never «осталось 0:00». */
export function minutesLeft(due: Timestamp, now: number): number {
  const left = (millis(due) - now) / 60_000;
  return left > 0 ? Math.ceil(left) : Math.min(-1, Math.ceil(left));
}

const colourOf = (left: number): MantineColor => (left < 0 ? "red.9" : left <= URGENT ? "orange" : "teal");

const SIZES = { xs: "sm", sm: "lg", lg: "xl" };

interface Props {
  due: Timestamp | undefined;
  /** What is said where no clock runs. */
  stopped?: string;
  size?: "xs" | "sm" | "lg";
}

export function Clock({ due, stopped = "—", size = "sm" }: Props) {
  const own = useOwn();
  const now = useNow();
  if (!due) return <Text span size="sm" c="dimmed">{stopped}</Text>;
  if (now === undefined) return null;
  const left = minutesLeft(due, now);
  const colour = colourOf(left);
  return (
    <Badge component="time" size={SIZES[size]} color={colour} variant={left < 0 ? "filled" : "light"}
      c={left < 0 ? undefined : "var(--mantine-color-text)"} dateTime={new Date(millis(due)).toISOString()}
      leftSection={<span aria-hidden>{left < 0 ? "⚠" : "◷"}</span>} style={{ fontVariantNumeric: "tabular-nums" }}>
      {left < 0 ? own.over(span(left)) : own.left(span(left))}
    </Badge>
  );
}
