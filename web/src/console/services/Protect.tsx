// Until when a service is not to be suspended, whatever it owes (A145).
import { createClient } from "@connectrpc/connect";
import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Subscriptions, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { fromIso, iso } from "../../shared/dates";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { useAct } from "../../ui/useAct";
import { useServiceTexts } from "./texts";

const subscriptions = createClient(Subscriptions, transport);

export function Protect({ subscription: { name, title, noSuspendUntil }, close }: { subscription: Subscription; close: () => void }) {
  const own = useServiceTexts();
  const before = noSuspendUntil ? iso(noSuspendUntil) : "";
  const [until, setUntil] = useState(before);
  const act = useAct((requestId) => subscriptions.protectSubscription({ name, until: fromIso(until), requestId }), close);
  return (
    <Confirm opened close={close} title={own.protectTitle} verb={until || !before ? own.protectVerb : own.protectOff} act={act} incomplete={until === before}>
      <Text fw={600}>{title}</Text>
      <Text size="sm">{own.protectText}</Text>
      <TextInput type="date" label={own.protectUntil} description={own.protectHint} data-autofocus value={until}
        onChange={(event) => setUntil(event.currentTarget.value)} />
    </Confirm>
  );
}
