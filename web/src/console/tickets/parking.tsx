// Putting a ticket aside: until a moment, as spam, into another one; and making one of a letter.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, Group, Select, Text, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Tickets, Ticket_State, type Message, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { useNow } from "../../shared/caller";
import { iso, moscowDay, shifted } from "../../shared/dates";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { useTicketTexts } from "./texts";

const tickets = createClient(Tickets, transport);

interface Props {
  ticket: Ticket;
  close: () => void;
}

/** Days after which people usually want a ticket back: at nine in the morning. */
const USUAL = [1, 3, 7];
const MORNING = "T09:00";

/** `2019-02-05T09:00` in Moscow; none for anything else. */
function instant(text: string): Date | undefined {
  const found = new Date(`${text}:00+03:00`);
  return Number.isNaN(found.getTime()) ? undefined : found;
}

export function HoldDialog({ ticket, close }: Props) {
  const own = useTicketTexts();
  const now = useNow() ?? Date.now();
  const morning = (days: number) => iso(shifted(moscowDay(now), days)) + MORNING;
  const [until, setUntil] = useState(() => morning(1));
  const [reason, setReason] = useState("");
  const time = instant(until);
  const future = time !== undefined && time.getTime() > now;
  const act = useAct(
    (requestId) => tickets.holdTicket({
      name: ticket.name, untilTime: time && timestampFromDate(time), reason: reason.trim(), etag: ticket.etag, requestId,
    }),
    close,
  );
  return (
    <Confirm opened close={close} title={own.holdTitle} verb={own.hold} act={act} incomplete={!future}>
      <Text size="sm">{own.holdText}</Text>
      <Group gap="xs">
        {USUAL.map((days) => (
          <Button key={days} size="xs" variant={until === morning(days) ? "filled" : "default"}
            aria-pressed={until === morning(days)} onClick={() => setUntil(morning(days))}>
            {own.inDays(days)}
          </Button>
        ))}
      </Group>
      <TextInput type="datetime-local" label={own.holdUntil} value={until} required
        error={until && !future ? own.holdPast : undefined} onChange={(event) => setUntil(event.currentTarget.value)} />
      <Textarea label={own.holdReason} description={own.inside} autosize minRows={2} value={reason}
        onChange={(event) => setReason(event.currentTarget.value)} />
    </Confirm>
  );
}

export function SpamDialog({ ticket, close }: Props) {
  const own = useTicketTexts();
  const act = useAct((requestId) => tickets.markTicketSpam({ name: ticket.name, etag: ticket.etag, requestId }), close);
  return (
    <Confirm opened close={close} title={own.spamTitle} verb={own.spam} act={act}>
      <Text size="sm">{own.spamText}</Text>
    </Confirm>
  );
}

/** What may be merged: a ticket that leads nowhere else and that somebody reads. */
const readable = ({ state }: Ticket) => state !== Ticket_State.MERGED && state !== Ticket_State.SPAM;

export function MergeDialog({ ticket, close }: Props) {
  const own = useTicketTexts();
  const navigate = useNavigate();
  const others = useQuery(Tickets.method.listTickets, { client: ticket.client, pageSize: 200 });
  const [into, setInto] = useState<string | null>(null);
  const act = useAct(
    (requestId) => tickets.mergeTicket({ name: ticket.name, into: into ?? "", etag: ticket.etag, requestId }),
    (other) => {
      close();
      void navigate({ to: "/tickets/$id", params: { id: other.name.replace("tickets/", "") } });
    },
  );
  const choices = (others.data?.tickets ?? []).filter((other) => other.name !== ticket.name && readable(other));
  return (
    <Confirm opened close={close} title={own.mergeTitle} verb={own.merge} act={act} incomplete={into === null}>
      <Text size="sm">{own.mergeText}</Text>
      <Select label={own.mergeInto} searchable value={into} onChange={setInto} disabled={others.isPending}
        nothingFoundMessage={own.mergeNone} placeholder={others.data && choices.length === 0 ? own.mergeNone : undefined}
        data={choices.map((other) => ({
          value: other.name, label: `#${String(other.number)} ${other.subject} · ${own.states[other.state]}`,
        }))} />
    </Confirm>
  );
}

export function SplitDialog({ ticket, message, close }: Props & { message: Message }) {
  const own = useTicketTexts();
  const navigate = useNavigate();
  const act = useAct(
    (requestId) => tickets.splitTicket({ name: ticket.name, message: message.name, etag: ticket.etag, requestId }),
    (other) => {
      close();
      void navigate({ to: "/tickets/$id", params: { id: other.name.replace("tickets/", "") } });
    },
  );
  return (
    <Confirm opened close={close} title={own.splitTitle} verb={own.split} act={act}>
      <Text size="sm">{own.splitText(message.author)}</Text>
    </Confirm>
  );
}
