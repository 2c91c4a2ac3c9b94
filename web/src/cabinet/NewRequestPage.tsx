// Asks something: the answer comes here and by mail.
import { createClient } from "@connectrpc/connect";
import { Button, Textarea, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { Cabinet, OpenCabinetTicketRequest_Topic as Topic } from "../gen/raschet/gateway/v1/cabinet_pb";
import { transport } from "../shared/transport";
import { Failure } from "../ui/states";
import { useAct } from "../ui/useAct";
import { Go, go } from "./router";
import { useCabinetTexts } from "./texts";

const cabinet = createClient(Cabinet, transport);

export default function NewRequestPage() {
  const texts = useCabinetTexts();
  const [topic, setTopic] = useState(Topic.SERVICES);
  const [subject, setSubject] = useState("");
  const [text, setText] = useState("");
  const act = useAct(async (requestId) => {
    const { name } = await cabinet.openTicket({ topic, subject, text, requestId });
    go(`/requests/${name.slice("tickets/".length)}`);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void act.run();
  };
  const topics = [[Topic.SERVICES, texts.topics.services], [Topic.MONEY, texts.topics.money]] as const;
  return (
    <>
      <p><Go to="/requests">← {texts.requests}</Go></p>
      <h1>{texts.newRequest}</h1>
      <form className="card" onSubmit={submit}>
        <fieldset>
          <legend>{texts.topic}</legend>
          {topics.map(([value, name]) => (
            <label key={value} className="choice">
              <input type="radio" name="topic" checked={topic === value} onChange={() => setTopic(value)} />
              {name}
            </label>
          ))}
        </fieldset>
        <TextInput label={texts.subject} required maxLength={250} size="md" value={subject}
          onChange={(event) => setSubject(event.currentTarget.value)} />
        <Textarea label={texts.text} description={texts.textHint} required rows={6} size="md" value={text}
          onChange={(event) => setText(event.currentTarget.value)} />
        {act.failure !== undefined && <Failure error={act.failure} />}
        <Button type="submit" size="md" loading={act.busy}>{texts.send}</Button>
      </form>
    </>
  );
}
