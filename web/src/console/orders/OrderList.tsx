// Orders by state; those that wait are accepted or given up here (A119, A158).
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Anchor, Badge, Button, Group, SegmentedControl, Stack, Text, Textarea, Title } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Order_State, Orders, type Order } from "../../gen/raschet/invoicing/v1/orders_pb";
import { dayOf } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amounts } from "../../shared/money";
import { transport } from "../../shared/transport";
import { ClientLink, useClientTitles } from "../../ui/ClientLink";
import { Confirm } from "../../ui/Confirm";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { useAct } from "../../ui/useAct";
import { Views } from "../views/Views";
import { useOrderTexts } from "./texts";

const route = getRouteApi("/shell/orders");
const orders = createClient(Orders, transport);
const SHOWN = [Order_State.PENDING, Order_State.ACCEPTED, Order_State.ACTIVE, Order_State.CANCELLED];
const COLOURS = ["gray", "grape", "blue", "green", "gray"];

export function OrderList() {
  const texts = useTexts();
  const own = useOrderTexts();
  const { state, page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { state: state ?? 0, pageToken: page ?? "" };
  const found = useQuery(Orders.method.listOrders, request, { placeholderData: keepPreviousData });
  const titles = useClientTitles((found.data?.orders ?? []).map((row) => row.client));
  const columns: Column<Order>[] = [
    { title: texts.number, cell: (row) => String(row.number) },
    { title: own.client, cell: (row) => <ClientLink client={row.client} titles={titles} /> },
    { title: texts.state, cell: (row) => <State state={row.state} /> },
    { title: own.made, cell: (row) => dayOf(row.createTime, texts.language) },
    { title: own.what, cell: (row) => own.lines(row.lines.length) },
    { title: texts.total, cell: (row) => amounts(row.totals, texts.language) || "—", right: true },
    { title: "", cell: (row) => row.state === Order_State.PENDING && <Acts order={row} />, right: true },
  ];
  const states = [0, ...SHOWN].map((value) => ({ value: String(value), label: value ? (own.states[value] ?? "") : texts.all }));
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">{own.title}</Title>
        <Group gap="md">
          <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
          <Anchor renderRoot={(props) => <Link to="/quotes" search={{}} {...props} />}>{own.quotes}</Anchor>
        </Group>
      </Group>
      <div className="sideways">
        <SegmentedControl aria-label={texts.state} data={states} value={String(state ?? 0)}
          onChange={(value) => void navigate({ search: { state: Number(value) || undefined } })} />
      </div>
      <Views />
      <DataTable label={own.title} columns={columns} rows={found.data?.orders} error={found.error}
        retry={() => void found.refetch()} id={(row) => row.name}
        reset={state ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { state, page } })} />
    </Stack>
  );
}

function State({ state }: { state: Order_State }) {
  const own = useOrderTexts();
  return <Badge color={COLOURS[state]} c="var(--mantine-color-text)">{own.states[state]}</Badge>;
}

function Acts({ order }: { order: Order }) {
  const own = useOrderTexts();
  const [asked, setAsked] = useState<"accept" | "cancel">();
  const close = () => setAsked(undefined);
  return (
    <Group gap={4} justify="end" wrap="nowrap">
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setAsked("cancel")}
        aria-label={`${own.cancel}: ${order.number}`}>
        {own.cancel}
      </Button>
      <Button size="compact-sm" onClick={() => setAsked("accept")} aria-label={`${own.accept}: ${order.number}`}>
        {own.accept}
      </Button>
      {asked === "accept" && <Accept order={order} close={close} />}
      {asked === "cancel" && <Cancel order={order} close={close} />}
    </Group>
  );
}

function Accept({ order, close }: { order: Order; close: () => void }) {
  const own = useOrderTexts();
  const { language } = useTexts();
  const navigate = useNavigate();
  const act = useAct(
    (requestId) => orders.acceptOrder({ name: order.name, etag: order.etag, requestId }),
    ({ invoices: [first] }) => {
      close();
      // The next step is the check of what it made.
      if (first) void navigate({ to: "/invoices/$id", params: { id: first.replace("invoices/", "") } });
    },
  );
  return (
    <Confirm opened close={close} title={own.acceptTitle} verb={own.accept} act={act}>
      <Text fw={600}>№ {String(order.number)} · {amounts(order.totals, language)}</Text>
      <Text size="sm">{own.acceptText}</Text>
    </Confirm>
  );
}

function Cancel({ order, close }: { order: Order; close: () => void }) {
  const own = useOrderTexts();
  const [reason, setReason] = useState("");
  const act = useAct((requestId) => orders.cancelOrder({ name: order.name, reason, requestId }), close);
  return (
    <Confirm opened close={close} title={own.cancelTitle} verb={own.cancel} act={act} incomplete={!reason.trim()}>
      <Text size="sm">{own.cancelText}</Text>
      <Textarea label={own.reason} required autosize data-autofocus maxLength={1000} value={reason}
        onChange={(event) => setReason(event.currentTarget.value)} />
    </Confirm>
  );
}
