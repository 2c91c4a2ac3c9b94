// What can be done with a quote: it is sent once, and decided once.
import { createClient } from "@connectrpc/connect";
import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Quotes, Quote_State, type Quote } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { quoteUrl } from "./document";
import { useQuoteTexts } from "./texts";

const quotes = createClient(Quotes, transport);
type Asked = "send" | "accept" | "decline";

export function Acts({ quote }: { quote: Quote }) {
  const own = useQuoteTexts();
  const [asked, setAsked] = useState<Asked>();
  const [failure, setFailure] = useState<unknown>();
  const draft = quote.state === Quote_State.DRAFT;
  const open = draft || quote.state === Quote_State.SENT;
  const show = () => {
    setFailure(undefined);
    quoteUrl(quote.name).then((url) => window.open(url, "_blank"), setFailure);
  };
  const close = () => setAsked(undefined);
  const like = { client: quote.client.replace("clients/", ""), like: quote.name.replace("quotes/", "") };
  return (
    <Stack gap="xs" align="end">
      <Group gap="xs">
        {open && <Button variant="subtle" color="gray" onClick={() => setAsked("decline")}>{own.decline}</Button>}
        <Button variant="default" renderRoot={(props) => <Link to="/quotes/new" search={like} {...props} />}>{own.again}</Button>
        <Button variant="default" onClick={show}>{own.pdf}</Button>
        {open && <Button variant={draft ? "default" : "filled"} onClick={() => setAsked("accept")}>{own.accept}</Button>}
        {draft && <Button onClick={() => setAsked("send")}>{own.send}</Button>}
      </Group>
      {failure !== undefined && <Failure error={failure} />}
      {asked === "send" && <Send quote={quote} close={close} />}
      {asked === "accept" && <Accept quote={quote} close={close} />}
      {asked === "decline" && <Decline quote={quote} close={close} />}
    </Stack>
  );
}

interface Props {
  quote: Quote;
  close: () => void;
}

function What({ quote }: { quote: Quote }) {
  const own = useQuoteTexts();
  const { language } = useTexts();
  return <Text fw={600}>{own.quote(String(quote.number))} · {amount(quote.total, language)}</Text>;
}

function Send({ quote, close }: Props) {
  const own = useQuoteTexts();
  const { name, etag } = quote;
  const act = useAct((requestId) => quotes.sendQuote({ name, etag, requestId }), close);
  return (
    <Confirm opened close={close} title={own.sendTitle} verb={own.send} act={act}>
      <What quote={quote} />
      <Text size="sm">{own.sendText}</Text>
    </Confirm>
  );
}

function Accept({ quote, close }: Props) {
  const own = useQuoteTexts();
  const navigate = useNavigate();
  const { name, etag } = quote;
  const act = useAct((requestId) => quotes.acceptQuote({ name, etag, requestId }), ({ invoices: [first] }) => {
    close();
    // The next step is the check of what it made.
    if (first) void navigate({ to: "/invoices/$id", params: { id: first.replace("invoices/", "") } });
  });
  return (
    <Confirm opened close={close} title={own.acceptTitle} verb={own.accept} act={act}>
      <What quote={quote} />
      <Text size="sm">{own.acceptText}</Text>
    </Confirm>
  );
}

function Decline({ quote, close }: Props) {
  const own = useQuoteTexts();
  const [reason, setReason] = useState("");
  const act = useAct((requestId) => quotes.declineQuote({ name: quote.name, reason, requestId }), close);
  return (
    <Confirm opened close={close} title={own.declineTitle} verb={own.decline} act={act}>
      <What quote={quote} />
      <Text size="sm">{own.declineText}</Text>
      <Textarea label={own.reason} autosize maxLength={500} value={reason}
        onChange={(event) => setReason(event.currentTarget.value)} />
    </Confirm>
  );
}
