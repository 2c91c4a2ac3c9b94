// The lines of the list, each in three rows: who, how much, and what the machine makes of it.
import { Anchor, Badge, Box, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Line_Direction, Line_State, type Line } from "../../gen/raschet/payments/v1/lines_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { Failure, Loading } from "../../ui/DataTable";
import { bandOf, type Band } from "./candidates";
import { useLineTexts } from "./texts";

interface Props {
  lines: Line[];
  chosen: string | undefined;
  error: unknown;
  loading: boolean;
  state: number;
  retry: () => void;
}

export function Queue({ lines, chosen, error, loading, state, retry }: Props) {
  const texts = useTexts();
  const own = useLineTexts();
  if (error) return <Failure error={error} retry={retry} />;
  if (loading) return <Loading />;
  if (lines.length === 0) {
    const clear = state === Line_State.REVIEW;
    return (
      <Stack align="center" py="xl" gap={4}>
        {clear && <Text size="xl" aria-hidden>✓</Text>}
        <Text fw={600}>{clear ? own.clear : texts.empty}</Text>
        {clear && <Text size="sm" c="dimmed" ta="center">{own.clearText}</Text>}
      </Stack>
    );
  }
  return (
    <Box component="ol" aria-label={own.queue} m={0} p={0} style={{ listStyle: "none", display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: 4 }}>
      {lines.map((line) => (
        <li key={line.name}>
          <Item line={line} current={line.name === chosen} />
        </li>
      ))}
    </Box>
  );
}

function Item({ line, current }: { line: Line; current: boolean }) {
  const { language } = useTexts();
  const other = line.direction === Line_Direction.OUT ? line.payee : line.payer;
  const id = line.name.replace("lines/", "");
  const place = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (current) place.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <Anchor ref={place} underline="never" c="inherit" display="block" p="xs"
      style={{
        borderRadius: "var(--mantine-radius-sm)",
        border: "1px solid var(--mantine-color-default-border)",
        boxShadow: current ? "inset 4px 0 0 var(--mantine-primary-color-filled)" : undefined,
        background: current ? "var(--mantine-primary-color-light)" : undefined,
      }}
      renderRoot={(props) => (
        <Link from="/reconciliation" to="/reconciliation" search={(search) => ({ ...search, line: id })} resetScroll={false}
          {...props} aria-current={current ? "true" : undefined} />
      )}>
      <Group justify="space-between" gap={6} wrap="nowrap">
        <Text size="sm" fw={700} style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
          {line.direction === Line_Direction.OUT ? "−" : ""}{amount(line.amount, language)}
        </Text>
        <Text size="xs" style={{ whiteSpace: "nowrap" }}>{day(line.date, language)}</Text>
      </Group>
      <Text size="sm" truncate>{other?.title || other?.taxId || "—"}</Text>
      <Guess line={line} />
    </Anchor>
  );
}

export const BAND_COLOURS: Record<Band, string> = { high: "teal", medium: "yellow", low: "orange", never: "red" };

/** What the machine makes of it, in one badge. */
function Guess({ line }: { line: Line }) {
  const own = useLineTexts();
  if (line.state === Line_State.MATCHED) return null;
  const best = line.proposals[0];
  // What cannot be accepted is no verdict on the line: something else may fit.
  const band = best && (bandOf(best.reasons) === "never" ? "low" : bandOf(best.reasons));
  const text = line.state === Line_State.IGNORED || (!best && line.class !== "customer_payment")
    ? (own.classes[line.class] ?? line.class)
    : band ? own.bands[band] : line.reasons[0]?.text;
  if (!text) return null;
  return <Badge size="sm" color={band ? BAND_COLOURS[band] : "gray"} c="var(--mantine-color-text)" maw="100%">{text}</Badge>;
}
