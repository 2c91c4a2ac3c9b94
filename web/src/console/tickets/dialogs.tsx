// Handing a ticket over, and closing it.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Select, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { Staff } from "../../gen/raschet/clients/v1/staff_pb";
import { Tickets, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { useTicketTexts } from "./texts";

const tickets = createClient(Tickets, transport);

interface Props {
  ticket: Ticket;
  close: () => void;
}

export function AssignDialog({ ticket, close }: Props) {
  const own = useTicketTexts();
  const staff = useQuery(Staff.method.listStaff, { pageSize: 1000 });
  const [assignee, setAssignee] = useState(ticket.assignee);
  const [department, setDepartment] = useState(ticket.department);
  const act = useAct(
    (requestId) => tickets.assignTicket({ name: ticket.name, assignee, department, etag: ticket.etag, requestId }),
    close,
  );
  const people = staff.data?.staff.filter((member) => !member.disabled || member.name === ticket.assignee) ?? [];
  return (
    <Confirm opened close={close} title={own.assignTitle} verb={own.assign} act={act}>
      <Text size="sm">{own.assignText}</Text>
      <Select label={own.assignee} value={assignee} searchable allowDeselect={false} onChange={(value) => setAssignee(value ?? "")}
        data={[{ value: "", label: own.takeOff }, ...people.map((member) => ({ value: member.name, label: member.displayName }))]} />
      <TextInput label={own.department} value={department} onChange={(event) => setDepartment(event.currentTarget.value)} />
    </Confirm>
  );
}

export function CloseDialog({ ticket, close }: Props) {
  const own = useTicketTexts();
  const [text, setText] = useState("");
  const act = useAct(
    (requestId) => tickets.closeTicket({ name: ticket.name, text: text.trim(), etag: ticket.etag, requestId }),
    close,
  );
  return (
    <Confirm opened close={close} title={own.closeTitle} verb={own.close} act={act}>
      <Text size="sm">{own.closeText}</Text>
      {ticket.requester && (
        <Textarea label={own.lastWords} description={`${own.lastWordsHint} ${ticket.requester}`} autosize minRows={2} value={text}
          onChange={(event) => setText(event.currentTarget.value)} />
      )}
    </Confirm>
  );
}
