// What a line was allocated to, and how to take that back.
import { Anchor, Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Allocation, Line } from "../../gen/raschet/payments/v1/lines_pb";
import { useTexts } from "../../shared/dictionary";
import { amount, exact } from "../../shared/money";
import type { Names } from "../../shared/useNames";
import { UnmatchDialog } from "./dialogs";
import { useLineTexts } from "./texts";

/** `""` takes all back. */
type Taking = string | undefined;

export function Allocations({ line, names }: { line: Line; names: Names }) {
  const own = useLineTexts();
  const [taking, setTaking] = useState<Taking>();
  const standing = line.allocations.filter((one) => !one.reversed);
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">{own.allocations}</Title>
          {standing.length > 1 && <Button size="xs" variant="default" onClick={() => setTaking("")}>{own.takeBackAll}</Button>}
        </Group>
        {line.allocations.map((one) => <One key={one.name} allocation={one} names={names} take={() => setTaking(one.name)} />)}
      </Stack>
      {taking !== undefined && (
        <UnmatchDialog opened close={() => setTaking(undefined)} line={line} allocation={taking} done={() => undefined} />
      )}
    </Card>
  );
}

function One({ allocation, names, take }: { allocation: Allocation; names: Names; take: () => void }) {
  const { language } = useTexts();
  const own = useLineTexts();
  const invoice = names.invoice(allocation.invoice);
  const client = names.client(allocation.client);
  const id = allocation.invoice.replace("invoices/", "");
  const said = allocation.settled
    ? [exact(allocation.applied) > 0n && own.applied(amount(allocation.applied, language)), exact(allocation.credit) > 0n && own.becomesCredit(amount(allocation.credit, language))]
    : [own.inFlight];
  return (
    <Group justify="space-between" align="start" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Group gap={8}>
          {id
            ? <Anchor renderRoot={(props) => <Link to="/invoices/$id" params={{ id }} {...props} />}>{own.invoice(invoice?.number ?? "…")}</Anchor>
            : <Text fw={600}>{own.credit}</Text>}
          {allocation.reversed && <Badge color="gray" c="var(--mantine-color-text)">{own.reversed}</Badge>}
        </Group>
        <Text size="sm">{client ? `${client.title} · ${client.number}` : ""}</Text>
        <Text size="sm" c="dimmed">{allocation.automatic ? own.automatic : own.byPerson}{allocation.reversed ? "" : ` · ${said.filter(Boolean).join(" · ")}`}</Text>
      </div>
      <Stack gap={4} align="end">
        <Text fw={600} td={allocation.reversed ? "line-through" : undefined} style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
          {amount(allocation.amount, language)}
        </Text>
        {!allocation.reversed && <Button size="compact-sm" variant="default" onClick={take}>{own.takeBack}</Button>}
      </Stack>
    </Group>
  );
}
