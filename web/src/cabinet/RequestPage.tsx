// One request: what was said, and an answer to it.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { Cabinet } from "../gen/raschet/gateway/v1/cabinet_pb";
import { Message_Kind, Ticket_State, type Message, type Ticket } from "../gen/raschet/tickets/v1/tickets_pb";
import { moment } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { transport } from "../shared/transport";
import { Failure, Loading } from "../ui/states";
import { useAct } from "../ui/useAct";
import { TicketState } from "./RequestsPage";
import { Go } from "./router";
import { useCabinetTexts } from "./texts";

const cabinet = createClient(Cabinet, transport);

export default function RequestPage({ name }: { name: string }) {
  const texts = useCabinetTexts();
  const found = useQuery(Cabinet.method.getTicket, { name });
  return (
    <>
      <p><Go to="/requests">← {texts.requests}</Go></p>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.data ? <Shown ticket={found.data} /> : !found.error && <Loading />}
    </>
  );
}

function Shown({ ticket }: { ticket: Ticket }) {
  const texts = useCabinetTexts();
  return (
    <article>
      <div className="row top-aligned">
        <h1>{ticket.subject}</h1>
        <TicketState ticket={ticket} />
      </div>
      <p className="dim">{texts.request(String(ticket.number))}</p>
      <ol className="thread">
        {ticket.messages.map((message) => <Said key={message.name} message={message} />)}
      </ol>
      <Reply ticket={ticket} />
    </article>
  );
}

function Said({ message }: { message: Message }) {
  const texts = useCabinetTexts();
  const { language } = useTexts();
  const own = message.kind === Message_Kind.CLIENT;
  return (
    <li className={own ? "own" : "ours"}>
      <div className="row">
        <b>{own ? message.author || texts.you : texts.we}</b>
        <span className="dim">{moment(message.createTime, language)}</span>
      </div>
      <p className="said">{message.text}</p>
      {message.attachments.length > 0 && (
        <p className="dim">{texts.files}: {message.attachments.map((file) => file.filename).join(", ")} ({texts.fileHint})</p>
      )}
    </li>
  );
}

function Reply({ ticket }: { ticket: Ticket }) {
  const texts = useCabinetTexts();
  const [text, setText] = useState("");
  const act = useAct((requestId) => cabinet.writeTicket({ name: ticket.name, text, requestId }), () => setText(""));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void act.run();
  };
  return (
    <form className="card" onSubmit={submit}>
      <Textarea label={texts.reply} required minRows={3} rows={4} size="md" value={text}
        description={ticket.state === Ticket_State.CLOSED ? texts.replyHint : undefined}
        onChange={(event) => setText(event.currentTarget.value)} />
      {act.failure !== undefined && <Failure error={act.failure} />}
      <Button type="submit" size="md" loading={act.busy}>{texts.send}</Button>
    </form>
  );
}
