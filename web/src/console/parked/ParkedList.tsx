// What is stuck in any service, and what an administrator can do about it.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { Operations } from "../../gen/raschet/gateway/v1/operations_pb";
import type { ParkedItem } from "../../gen/raschet/system/v1/queue_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { useNames } from "../../shared/useNames";
import { Confirm } from "../../ui/Confirm";
import { DataTable, Failure, type Column } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { useParkedTexts } from "./texts";

const operations = createClient(Operations, transport);

export function ParkedList() {
  const texts = useTexts();
  const own = useParkedTexts();
  const found = useQuery(Operations.method.listParked, {});
  const names = useNames(found.data?.items.map((item) => item.client) ?? []);
  const columns: Column<ParkedItem>[] = [
    { title: own.since, cell: (row) => <Text span size="sm">{moment(row.parkTime, texts.language)}</Text> },
    { title: own.service, cell: (row) => row.service },
    { title: own.kind, cell: (row) => row.kind },
    { title: own.client, cell: (row) => names.client(row.client)?.title ?? "—" },
    { title: own.error, cell: (row) => <Text span size="sm" style={{ overflowWrap: "anywhere" }}>{row.error === "HELD_BACK" ? own.heldBack : row.error}</Text> },
    { title: own.tries, cell: (row) => String(row.attempts), right: true },
    { title: own.acts, cell: (row) => <Acts item={row} /> },
  ];
  return (
    <Stack>
      <Title order={1} size="h2">{own.title}</Title>
      <Text c="dimmed">{own.about}</Text>
      {found.data?.items.length === 0
        ? <Text role="status" ta="center" py="xl" fw={600}>✓ {own.nothing}</Text>
        : <DataTable label={own.title} columns={columns} rows={found.data?.items} error={found.error}
            retry={() => void found.refetch()} id={(row) => `${row.service}/${row.name}`} />}
    </Stack>
  );
}

function Acts({ item }: { item: ParkedItem }) {
  const own = useParkedTexts();
  const [giving, setGiving] = useState(false);
  const [reason, setReason] = useState("");
  const { service, name } = item;
  const retry = useAct((requestId) => operations.retryParked({ service, name, requestId }));
  const discard = useAct((requestId) => operations.discardParked({ service, name, reason: reason.trim(), requestId }), () => setGiving(false));
  const missing = reason.trim() === "";
  return (
    <Stack gap={6}>
      <Group gap={6}>
        <Button size="compact-sm" variant="default" loading={retry.busy} onClick={() => void retry.run()}>{own.retry}</Button>
        <Button size="compact-sm" variant="default" onClick={() => setGiving(true)}>{own.discard}</Button>
      </Group>
      {retry.failure !== undefined && <Failure error={retry.failure} />}
      <Confirm opened={giving} close={() => setGiving(false)} title={own.discardTitle} verb={own.discard} act={discard} incomplete={missing}>
        <Text size="sm">{own.discardText}</Text>
        <Text size="sm" fw={600}>{service}: {item.kind}</Text>
        <TextInput label={own.reason} required value={reason}
          onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
      </Confirm>
    </Stack>
  );
}
