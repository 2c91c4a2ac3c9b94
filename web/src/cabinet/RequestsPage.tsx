// Requests of the client, newest first.
import { Button } from "@mantine/core";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import type { MouseEvent } from "react";
import { Cabinet } from "../gen/raschet/gateway/v1/cabinet_pb";
import { Ticket_State, type Ticket } from "../gen/raschet/tickets/v1/tickets_pb";
import { dayOf } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { Cards } from "./lists";
import { Go, go, href, usePlace } from "./router";
import { useCabinetTexts } from "./texts";

const ROWS = 20;

export default function RequestsPage() {
  const texts = useCabinetTexts();
  const { page } = usePlace();
  const request = { pageSize: ROWS, pageToken: page };
  const found = useQuery(Cabinet.method.listTickets, request, { placeholderData: keepPreviousData });
  const open = (event: MouseEvent) => {
    event.preventDefault();
    go("/requests/new");
  };
  return (
    <>
      <div className="row head">
        <h1>{texts.requests}</h1>
        <Button component="a" href={href("/requests/new")} onClick={open} size="md">{texts.newRequest}</Button>
      </div>
      <Cards label={texts.requests} found={found} rows={found.data?.tickets} empty={texts.noRequests}
        card={(ticket) => <TicketCard key={ticket.name} ticket={ticket} />} />
    </>
  );
}

const TONES: Record<number, string> = { [Ticket_State.ANSWERED]: "good", [Ticket_State.CLOSED]: "quiet" };

export function TicketState({ ticket }: { ticket: Ticket }) {
  const texts = useCabinetTexts();
  return <span className={`badge ${TONES[ticket.state] ?? "plain"}`}>{texts.ticketStates[ticket.state]}</span>;
}

function TicketCard({ ticket }: { ticket: Ticket }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const id = ticket.name.slice("tickets/".length);
  return (
    <li className="card">
      <div className="row top-aligned">
        <Go to={`/requests/${id}`} className="title">{ticket.subject}</Go>
        <TicketState ticket={ticket} />
      </div>
      <span className="dim">
        {texts.request(String(ticket.number))}, {texts.issued(dayOf(ticket.createTime, language))}
      </span>
    </li>
  );
}
