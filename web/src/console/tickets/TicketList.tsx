// The inbox: soonest due first, so that what is late stands on top.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Anchor, Button, Group, Stack, Switch, Text, TextInput, Title } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { Tickets, Ticket_State, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { useCaller, useNow } from "../../shared/caller";
import { ago } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { useNames, type Names } from "../../shared/useNames";
import { Choice } from "../../ui/Choice";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { useShortcuts } from "../../ui/useShortcuts";
import { Views } from "../views/Views";
import { CreateDialog } from "./CreateDialog";
import { useTicketTexts } from "./texts";
import { TicketBadge, TicketClock } from "./TicketBits";

const route = getRouteApi("/shell/tickets");
const STATES = [Ticket_State.OPEN, Ticket_State.IN_PROGRESS, Ticket_State.ANSWERED, Ticket_State.ON_HOLD, Ticket_State.CLOSED, Ticket_State.SPAM];
/** New letters show by themselves. */
const LOOK_AGAIN = 30_000;

export function TicketList() {
  const texts = useTexts();
  const own = useTicketTexts();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const caller = useCaller();
  const now = useNow();
  const field = useRef<HTMLInputElement>(null);
  const [creating, setCreating] = useState(false);
  const found = useQuery(Tickets.method.listTickets, {
    state: search.state ?? 0,
    assignee: search.mine ? (caller.data?.actor ?? "") : "",
    department: search.department ?? "",
    query: search.query ?? "",
    pageToken: search.page ?? "",
  }, { placeholderData: keepPreviousData, refetchInterval: LOOK_AGAIN, enabled: !search.mine || caller.data !== undefined });
  const names = useNames(found.data?.tickets.flatMap((ticket) => [ticket.client, ticket.assignee]) ?? []);
  useShortcuts(own.keys, [{ key: "/", text: own.keySearch, run: () => field.current?.focus() }]);
  const columns: Column<Ticket>[] = [
    { title: own.clock, cell: (row) => <TicketClock ticket={row} /> },
    { title: own.subject, cell: (row) => <Subject ticket={row} /> },
    { title: own.client, cell: (row) => <Whose ticket={row} names={names} /> },
    { title: texts.state, cell: (row) => <TicketBadge ticket={row} /> },
    { title: own.assignee, cell: (row) => (row.assignee ? names.staff(row.assignee) : <Text span size="sm" c="dimmed">{own.nobodys}</Text>) },
    { title: own.updated, cell: (row) => <Text span size="sm">{ago(row.updateTime, now, texts.language)}</Text> },
  ];
  const narrowed = search.state || search.query || search.mine || search.department;
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="md">
          <Title order={1} size="h2">{own.title}</Title>
          <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
        </Group>
        <Group>
          <Anchor size="sm" renderRoot={(props) => <Link to="/letters" search={{}} {...props} />}>{own.letters}</Anchor>
          <Button onClick={() => setCreating(true)}>{own.create}</Button>
        </Group>
      </Group>
      <Group>
        <Choice label={texts.state} value={String(search.state ?? 0)}
          options={[{ value: "0", label: texts.all }, ...STATES.map((value) => ({ value: String(value), label: own.states[value] ?? "" }))]}
          choose={(value) => void navigate({ search: { ...search, page: undefined, state: Number(value) || undefined } })} />
        <TextInput ref={field} type="search" aria-label={own.search} placeholder={own.search} value={search.query ?? ""} w={240}
          onChange={(event) => void navigate({ search: { ...search, page: undefined, query: event.currentTarget.value || undefined }, replace: true })} />
        <Switch label={own.mine} checked={search.mine === true}
          onChange={(event) => void navigate({ search: { ...search, page: undefined, mine: event.currentTarget.checked || undefined } })} />
      </Group>
      <Views />
      <DataTable label={own.title} columns={columns} rows={found.data?.tickets} error={found.error}
        retry={() => void found.refetch()} id={(row) => row.name}
        reset={narrowed ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={search.page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { ...search, page } })} />
      {creating && <CreateDialog close={() => setCreating(false)} />}
    </Stack>
  );
}

function Subject({ ticket }: { ticket: Ticket }) {
  const own = useTicketTexts();
  const id = ticket.name.replace("tickets/", "");
  return (
    <>
      <Anchor inherit fw={600} renderRoot={(props) => <Link to="/tickets/$id" params={{ id }} {...props} />}>
        #{String(ticket.number)} {ticket.subject}
      </Anchor>
      <Text size="sm" c="dimmed">
        {[ticket.department, ticket.reopenCount > 0 && own.reopened(ticket.reopenCount)].filter(Boolean).join(" · ")}
      </Text>
    </>
  );
}

function Whose({ ticket, names }: { ticket: Ticket; names: Names }) {
  const own = useTicketTexts();
  const client = names.client(ticket.client);
  return (
    <>
      {client ? client.title : ticket.client ? "…" : <Text span size="sm" c="dimmed">{own.unknownClient}</Text>}
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{ticket.requester}</Text>
    </>
  );
}
