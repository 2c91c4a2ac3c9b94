// The line as the bank wrote it; where its purpose names the chosen invoice is marked.
import { Badge, Card, Group, Mark, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Line_Direction, type Line } from "../../gen/raschet/payments/v1/lines_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount, exact } from "../../shared/money";
import { Facts } from "../../ui/Facts";
import { marked } from "./candidates";
import { useLineTexts } from "./texts";

interface Props {
  line: Line;
  /** Number of the chosen invoice. */
  number: string;
  /** Whoever steps from line to line is where the line is. */
  focus: boolean;
}

export function LineFacts({ line, number, focus }: Props) {
  const texts = useTexts();
  const own = useLineTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  const { language } = texts;
  const out = line.direction === Line_Direction.OUT;
  const other = out ? line.payee : line.payer;
  useEffect(() => {
    if (focus) heading.current?.focus({ preventScroll: true });
  }, []);
  const partly = exact(line.unallocated) !== exact(line.amount) && exact(line.unallocated) !== 0n;
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <div>
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed">{own.direction[line.direction]} · {day(line.date, language)}</Text>
            {line.class !== "customer_payment" && (
              <Badge color="gray" c="var(--mantine-color-text)">{own.classes[line.class] ?? line.class}</Badge>
            )}
          </Group>
          <Title order={2} size="h2" ref={heading} tabIndex={-1} style={{ fontVariantNumeric: "tabular-nums", outline: "none" }}>
            {out ? "−" : ""}{amount(line.amount, language)}
          </Title>
          {partly && (
            <Text size="sm" fw={600}>{own.left}: {amount(line.unallocated, language)} {own.of} {amount(line.amount, language)}</Text>
          )}
        </div>
        <Text fw={600}>{other?.title || "—"}</Text>
        <div>
          <Text size="sm" c="dimmed">{own.purpose}</Text>
          <Text style={{ overflowWrap: "anywhere" }}>
            {marked(line.purpose, number).map((part, at) => (at % 2 ? <Mark key={at} color="yellow">{part}</Mark> : part))}
          </Text>
        </div>
        <Facts facts={[
          [own.taxId, other?.taxId],
          [own.account, other?.account],
          [own.bank, other?.bank || other?.bic],
          ["№", line.documentNumber && own.order(line.documentNumber, day(line.documentDate, language))],
        ]} />
      </Stack>
    </Card>
  );
}
