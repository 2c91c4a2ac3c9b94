// Another quantity of a service: what it costs is shown while it is typed, with reasons, and what
// is confirmed is exactly what was shown (requirements 2 and 3 of the screens).
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Drawer, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Subscriptions, type Change, type ChangePreview, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { fromIso } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { queries, reason, transport } from "../../shared/transport";
import { Failure, Loading } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { Explained } from "./Explained";
import { useServiceTexts } from "./texts";

const subscriptions = createClient(Subscriptions, transport);
/** How long a person may go on typing before it is counted. */
const PAUSE_MS = 300;

interface Props {
  /** Format: subscriptions/{subscription} */
  name: string;
  close: () => void;
}

export function QuantityChange({ name, close }: Props) {
  const texts = useTexts();
  const own = useServiceTexts();
  const found = useQuery(Subscriptions.method.getSubscription, { name });
  return (
    <Drawer opened onClose={close} position="right" size="lg" title={own.title}
      closeButtonProps={{ "aria-label": texts.close }}>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.data ? <Wish subscription={found.data} close={close} /> : !found.error && <Loading />}
    </Drawer>
  );
}

function Wish({ subscription, close }: { subscription: Subscription; close: () => void }) {
  const own = useServiceTexts();
  const [typed, setTyped] = useState<number | string>(subscription.quantity);
  const [date, setDate] = useState("");
  const [wish] = useDebouncedValue({ quantity: Number(typed), date }, PAUSE_MS);
  const settled = wish.quantity === Number(typed) && wish.date === date;
  const differs = Number.isInteger(wish.quantity) && wish.quantity > 0 && wish.quantity !== subscription.quantity;
  const preview = useQuery(
    Subscriptions.method.previewQuantityChange,
    { name: subscription.name, quantity: wish.quantity, effectiveDate: fromIso(wish.date) },
    { enabled: differs, placeholderData: keepPreviousData },
  );
  const ready = settled && !preview.isFetching && !preview.isPlaceholderData;
  return (
    <Stack>
      <Text fw={600}>{subscription.title}</Text>
      <Group align="start" grow>
        <NumberInput label={own.quantity} description={own.now(subscription.quantity)} min={1} max={1_000_000}
          allowDecimal={false} allowNegative={false} value={typed} onChange={setTyped} data-autofocus />
        <TextInput type="date" label={own.from} description={own.today} value={date}
          onChange={(event) => setDate(event.currentTarget.value)} />
      </Group>
      {!differs && <Text c="dimmed" size="sm">{own.same}</Text>}
      {differs && preview.error && <Failure error={preview.error} retry={() => void preview.refetch()} />}
      {differs && !preview.data && !preview.error && <Loading />}
      {differs && !preview.error && preview.data && (
        <Shown subscription={subscription} preview={preview.data} ready={ready} close={close} />
      )}
    </Stack>
  );
}

interface ShownProps {
  subscription: Subscription;
  preview: ChangePreview;
  /** False while a newer one is being counted. */
  ready: boolean;
  close: () => void;
}

function Shown({ subscription, preview, ready, close }: ShownProps) {
  const { language } = useTexts();
  const own = useServiceTexts();
  const navigate = useNavigate();
  // The preview that proved to be out of date; the new one is never confirmed by itself.
  const [stale, setStale] = useState<ChangePreview>();
  const done = (change: Change) => {
    if (!change.invoice) return close();
    void navigate({ to: "/invoices/$id", params: { id: change.invoice.replace("invoices/", "") }, search: {} });
  };
  return (
    <Stack aria-busy={!ready}>
      <Text role="status" size="sm" c="dimmed" mih={20}>{ready ? "" : own.counting}</Text>
      <Explained subscription={subscription} preview={preview} />
      {stale && ready && stale.token !== preview.token && (
        <Alert role="alert" color="orange" variant="outline">
          {own.stale(amount(stale.total, language), amount(preview.total, language))}
        </Alert>
      )}
      <Confirmation key={preview.token} subscription={subscription} preview={preview} ready={ready}
        done={done} stale={() => setStale(preview)} />
    </Stack>
  );
}

interface ConfirmationProps {
  subscription: Subscription;
  preview: ChangePreview;
  ready: boolean;
  done: (change: Change) => void;
  stale: () => void;
}

function Confirmation({ subscription, preview, ready, done, stale }: ConfirmationProps) {
  const own = useServiceTexts();
  const [sure, setSure] = useState(false);
  const act = useAct(async (requestId) => {
    try {
      const { name } = subscription;
      return await subscriptions.confirmQuantityChange({ name, token: preview.token, confirmDowngrade: sure, requestId });
    } catch (error) {
      if (reason(error) === "PREVIEW_STALE") {
        stale();
        void queries.invalidateQueries();
      }
      throw error;
    }
  }, done);
  const allowed = ready && (sure || !preview.downgrade);
  return (
    <Stack gap="sm">
      {preview.lines.length > 0 && <Text size="sm">{own.held}</Text>}
      {preview.downgrade && (
        <Checkbox label={own.downgrade} checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />
      )}
      {act.failure !== undefined && <Failure error={act.failure} />}
      <Button loading={act.busy} disabled={!allowed} onClick={() => void act.run()}>
        {own.confirm(preview.quantityBefore, preview.quantityAfter)}
      </Button>
    </Stack>
  );
}
