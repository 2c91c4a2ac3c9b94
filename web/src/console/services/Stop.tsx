// Stopping a service, and letting it go on (A142). Both can be taken back by the other.
import { createClient } from "@connectrpc/connect";
import { Checkbox, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { Subscriptions, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { useNow } from "../../shared/caller";
import { compared, day, moscowDay } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { reason, transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { useServiceTexts } from "./texts";

const subscriptions = createClient(Subscriptions, transport);
/** Longest reason. */
const REASON = 500;

interface Props {
  subscription: Subscription;
  close: () => void;
}

export function Suspend({ subscription: { name, title, noSuspendUntil }, close }: Props) {
  const own = useServiceTexts();
  const { language } = useTexts();
  const now = useNow();
  const [text, setText] = useState("");
  const [anyway, setAnyway] = useState(false);
  // Another request than the one that was refused: it gets an id of its own.
  const plain = useAct((requestId) => subscriptions.suspendSubscription({ name, reason: text, requestId }), close);
  const forced = useAct((requestId) => subscriptions.suspendSubscription({ name, reason: text, anyway: true, requestId }), close);
  const promised = noSuspendUntil && now !== undefined && compared(moscowDay(now), noSuspendUntil) < 0;
  const refused = plain.failure !== undefined && reason(plain.failure) === "SUSPENSION_UNWANTED";
  const unwanted = promised || refused;
  return (
    <Confirm opened close={close} title={own.suspendTitle} verb={own.suspend} act={anyway ? forced : plain}
      incomplete={!text.trim() || (unwanted && !anyway)}>
      <Text fw={600}>{title}</Text>
      <Text size="sm">{own.suspendText}</Text>
      <Textarea label={own.reason} description={own.reasonHint} required autosize data-autofocus maxLength={REASON}
        value={text} onChange={(event) => setText(event.currentTarget.value)} />
      {promised && <Text size="sm">{own.unwanted(day(noSuspendUntil, language))}</Text>}
      {unwanted && <Checkbox label={own.anyway} checked={anyway} onChange={(event) => setAnyway(event.currentTarget.checked)} />}
    </Confirm>
  );
}

export function Resume({ subscription: { name, title }, close }: Props) {
  const own = useServiceTexts();
  const act = useAct((requestId) => subscriptions.resumeSubscription({ name, requestId }), close);
  return (
    <Confirm opened close={close} title={own.resumeTitle} verb={own.resume} act={act}>
      <Text fw={600}>{title}</Text>
      <Text size="sm">{own.resumeText}</Text>
    </Confirm>
  );
}
