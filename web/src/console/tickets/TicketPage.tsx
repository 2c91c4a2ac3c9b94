// One ticket: what was said, in order, where to answer, and beside it how long it may still wait.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Alert, Anchor, Button, Card, Group, Menu, Stack, Text, Title } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Tickets, Ticket_State, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { useCaller } from "../../shared/caller";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { useNames, type Names } from "../../shared/useNames";
import { Clock } from "../../ui/Clock";
import { Failure, Loading } from "../../ui/DataTable";
import { Facts } from "../../ui/Facts";
import { useAct } from "../../ui/useAct";
import { useShortcuts } from "../../ui/useShortcuts";
import { Way } from "../../ui/Way";
import { Composer } from "./Composer";
import { AssignDialog, CloseDialog } from "./dialogs";
import { mentioned } from "./History";
import { HoldDialog, MergeDialog, SpamDialog } from "./parking";
import { Standing } from "./Standing";
import { useTicketTexts } from "./texts";
import { Thread } from "./Thread";
import { TicketBadge, TicketClock } from "./TicketBits";

const route = getRouteApi("/shell/tickets/$id");
const tickets = createClient(Tickets, transport);
/** States in which somebody waits for somebody: the others say all by themselves. */
const WAITING = [Ticket_State.OPEN, Ticket_State.IN_PROGRESS, Ticket_State.ANSWERED];
/** An answer of the client shows by itself. */
const LOOK_AGAIN = 20_000;

export function TicketPage() {
  const name = `tickets/${route.useParams().id}`;
  const found = useQuery(Tickets.method.getTicket, { name }, { refetchInterval: LOOK_AGAIN });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown key={name} ticket={found.data} />;
}

function Shown({ ticket }: { ticket: Ticket }) {
  const own = useTicketTexts();
  const navigate = useNavigate();
  const authors = ticket.messages.map((message) => message.author).filter((author) => author.startsWith("staff/"));
  const names = useNames([ticket.client, ticket.assignee, ...ticket.candidateClients, ...authors, ...mentioned(ticket)]);
  useShortcuts(own.keys, [{ key: "B", text: own.keyBack, run: () => void navigate({ to: "/tickets", search: {} }) }]);
  return (
    <Stack>
      <Group justify="space-between" align="start">
        <div style={{ minWidth: 0 }}>
          <Anchor size="sm" renderRoot={(props) => <Link to="/tickets" search={{}} {...props} />}>← {own.title}</Anchor>
          <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>#{String(ticket.number)} {ticket.subject}</Title>
        </div>
        <Group>
          <TicketBadge ticket={ticket} />
          {WAITING.includes(ticket.state) && <TicketClock ticket={ticket} size="lg" />}
        </Group>
      </Group>
      <div style={{ display: "flex", flexWrap: "wrap", gap: "var(--mantine-spacing-md)", alignItems: "start" }}>
        <Stack style={{ flex: "999 1 26rem", minWidth: 0 }}>
          <Standing ticket={ticket} />
          <Thread ticket={ticket} names={names} />
          <Composer ticket={ticket} />
        </Stack>
        <Stack style={{ flex: "1 1 19rem" }}>
          <Acts ticket={ticket} />
          <Aside ticket={ticket} names={names} />
        </Stack>
      </div>
    </Stack>
  );
}

function Acts({ ticket }: { ticket: Ticket }) {
  const own = useTicketTexts();
  const caller = useCaller();
  const [asked, setAsked] = useState<"assign" | "close" | "hold" | "spam" | "merge">();
  const me = caller.data?.actor.startsWith("staff/") ? caller.data.actor : "";
  const aside = [Ticket_State.SPAM, Ticket_State.MERGED].includes(ticket.state);
  const closed = aside || ticket.state === Ticket_State.CLOSED;
  const takes = me !== "" && ticket.assignee !== me && !closed;
  const take = useAct((requestId) => tickets.assignTicket({ name: ticket.name, assignee: me, etag: ticket.etag, requestId }));
  useShortcuts(own.keys, takes ? [{ key: "T", text: own.keyTake, run: () => void take.run() }] : []);
  if (closed) return null;
  const done = () => setAsked(undefined);
  return (
    <>
      <Group gap="xs">
        {takes && <Button loading={take.busy} onClick={() => void take.run()}>{own.take}</Button>}
        <Button variant="default" onClick={() => setAsked("assign")}>{own.assign}</Button>
        <Button variant="default" onClick={() => setAsked("close")}>{own.close}</Button>
        <Menu position="bottom-end">
          <Menu.Target><Button variant="default">{own.more} ▾</Button></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setAsked("hold")}>{own.hold}…</Menu.Item>
            {ticket.client && <Menu.Item onClick={() => setAsked("merge")}>{own.merge}…</Menu.Item>}
            <Menu.Item onClick={() => setAsked("spam")}>{own.spam}…</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {take.failure !== undefined && <Failure error={take.failure} />}
      {asked === "assign" && <AssignDialog ticket={ticket} close={done} />}
      {asked === "close" && <CloseDialog ticket={ticket} close={done} />}
      {asked === "hold" && <HoldDialog ticket={ticket} close={done} />}
      {asked === "spam" && <SpamDialog ticket={ticket} close={done} />}
      {asked === "merge" && <MergeDialog ticket={ticket} close={done} />}
    </>
  );
}

function Aside({ ticket, names }: { ticket: Ticket; names: Names }) {
  const { language } = useTexts();
  const own = useTicketTexts();
  const client = names.client(ticket.client);
  const closed = ticket.state === Ticket_State.CLOSED;
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <div>
          <Text size="sm" c="dimmed">{own.client}</Text>
          {client
            ? <Anchor fw={600} renderRoot={(props) => <Link to="/clients/$id" params={{ id: client.name.replace("clients/", "") }} search={{}} {...props} />}>{client.title}</Anchor>
            : <Text fw={600}>{ticket.client ? "…" : own.unknownClient}</Text>}
          {client && <Text size="sm" c="dimmed">№ {String(client.number)}</Text>}
        </div>
        {ticket.candidateClients.length > 0 && !ticket.client && <WhichClient ticket={ticket} names={names} />}
        <Facts facts={[
          [own.assignee, ticket.assignee ? names.staff(ticket.assignee) : own.nobodys],
          [own.department, ticket.department],
          [own.from, ticket.requester],
          [own.trust, own.trusts[ticket.trust]],
          [own.clock, ticket.dueTime && own.answerBy(moment(ticket.dueTime, language))],
          [own.firstAnswer, !closed && ticket.firstResponseDueTime && <Clock due={ticket.firstResponseDueTime} size="xs" />],
          [own.created, moment(ticket.createTime, language)],
          [own.origin, own.origins[ticket.origin]],
          [own.regarding, ticket.regarding.startsWith("subscriptions/") && client
            ? <Way href={`/clients/${client.name.replace("clients/", "")}`}>{own.service}</Way>
            : ticket.regarding],
          ["↻", ticket.reopenCount > 0 && own.reopened(ticket.reopenCount)],
        ]} />
      </Stack>
    </Card>
  );
}

/** The sender acts for several clients: which of them the letter is from must be said by a person. */
function WhichClient({ ticket, names }: { ticket: Ticket; names: Names }) {
  const own = useTicketTexts();
  const [chosen, setChosen] = useState("");
  const act = useAct((requestId) =>
    tickets.assignTicket({ name: ticket.name, assignee: ticket.assignee, client: chosen, etag: ticket.etag, requestId }));
  return (
    <Alert color="yellow" variant="outline" title={own.whichClient}>
      <Stack gap={6} align="start">
        <Text size="sm">{own.whichText}</Text>
        {ticket.candidateClients.map((name) => (
          <Button key={name} size="xs" variant={chosen === name ? "filled" : "default"} aria-pressed={chosen === name} onClick={() => setChosen(name)}>
            {names.client(name)?.title ?? "…"}
          </Button>
        ))}
        {act.failure !== undefined && <Failure error={act.failure} />}
        {chosen && <Button size="xs" loading={act.busy} onClick={() => void act.run()}>✓ {names.client(chosen)?.title}</Button>}
      </Stack>
    </Alert>
  );
}
