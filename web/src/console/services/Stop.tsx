// Stopping a service, and letting it go on (A142). Both can be taken back by the other.
import { createClient } from "@connectrpc/connect";
import { Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { Subscriptions, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { transport } from "../../shared/transport";
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

export function Suspend({ subscription: { name, title }, close }: Props) {
  const own = useServiceTexts();
  const [reason, setReason] = useState("");
  const act = useAct((requestId) => subscriptions.suspendSubscription({ name, reason, requestId }), close);
  return (
    <Confirm opened close={close} title={own.suspendTitle} verb={own.suspend} act={act} incomplete={!reason.trim()}>
      <Text fw={600}>{title}</Text>
      <Text size="sm">{own.suspendText}</Text>
      <Textarea label={own.reason} description={own.reasonHint} required autosize data-autofocus maxLength={REASON}
        value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
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
