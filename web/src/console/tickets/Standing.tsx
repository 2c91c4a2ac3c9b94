// What stands before everything else on a ticket: that it was put aside, and what may not be done yet.
import { createClient } from "@connectrpc/connect";
import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Tickets, Ticket_State, type Ticket, type TicketConfirmation } from "../../gen/raschet/tickets/v1/tickets_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { useTicketTexts } from "./texts";

const tickets = createClient(Tickets, transport);

export function Standing({ ticket }: { ticket: Ticket }) {
  return (
    <>
      {ticket.confirmations.map((asked) => <Dangerous key={asked.message} asked={asked} />)}
      <Aside ticket={ticket} />
    </>
  );
}

/** A dangerous request of a sender who is not proved: red until the owner confirms it. */
function Dangerous({ asked }: { asked: TicketConfirmation }) {
  const { language } = useTexts();
  const own = useTicketTexts();
  const what = own.dangers[asked.danger] ?? "";
  if (asked.confirmTime) {
    return (
      <Alert color="green" variant="outline" title={own.confirmed(what)}>
        <Text size="sm">{own.confirmedText(asked.askedOf, moment(asked.confirmTime, language))}</Text>
      </Alert>
    );
  }
  return (
    <Alert color="red" variant="outline" title={own.dangerous(what)}>
      <Text size="sm">{asked.askedOf ? own.asked(asked.askedOf, moment(asked.askTime, language)) : own.nobodyToAsk}</Text>
    </Alert>
  );
}

function Aside({ ticket }: { ticket: Ticket }) {
  const { language } = useTexts();
  const own = useTicketTexts();
  const restore = useAct((requestId) => tickets.restoreTicket({ name: ticket.name, etag: ticket.etag, requestId }));
  if (ticket.state === Ticket_State.MERGED) {
    return (
      <Alert color="gray" variant="outline" title={own.isMerged}>
        <Anchor renderRoot={(props) => <Link to="/tickets/$id" params={{ id: ticket.mergedInto.replace("tickets/", "") }} {...props} />}>
          {own.toMerged}
        </Anchor>
      </Alert>
    );
  }
  const held = ticket.state === Ticket_State.ON_HOLD;
  if (!held && ticket.state !== Ticket_State.SPAM) return null;
  return (
    <Alert color="gray" variant="outline" title={held ? own.isHeld(moment(ticket.holdUntilTime, language)) : own.isSpam}>
      <Stack gap={8}>
        <Text size="sm">{held ? own.heldText : own.isSpamText}</Text>
        <Group><Button size="xs" loading={restore.busy} onClick={() => void restore.run()}>{held ? own.restoreHeld : own.restoreSpam}</Button></Group>
        {restore.failure !== undefined && <Failure error={restore.failure} />}
      </Stack>
    </Alert>
  );
}
