// What a list of services says of each: how it stands, what it costs, how far it is billed and paid.
import { Badge, Text } from "@mantine/core";
import { Subscription_State, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { compared, day, shifted } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { price } from "../../shared/money";
import { useClientTexts } from "./texts";

const COLOURS = ["gray", "yellow", "green", "orange", "gray"];

/** The state, and of a stopped one since when and why. */
export function Standing({ row }: { row: Subscription }) {
  const { language } = useTexts();
  const own = useClientTexts();
  return (
    <>
      <State state={row.state} />
      {row.noSuspendUntil && row.state === Subscription_State.ACTIVE && (
        <Text size="xs" c="dimmed" maw="10rem">{own.protectedUntil(day(row.noSuspendUntil, language))}</Text>
      )}
      {row.suspendedSince && (
        <Text size="xs" maw="16rem" className="text">
          {own.suspendedSince(day(row.suspendedSince, language))} · {row.suspensionReason}
        </Text>
      )}
    </>
  );
}

export function State({ state }: { state: Subscription_State }) {
  const own = useClientTexts();
  return <Badge color={COLOURS[state]} c="var(--mantine-color-text)">{own.serviceStates[state]}</Badge>;
}

export function Price({ row }: { row: Subscription }) {
  const { language } = useTexts();
  const own = useClientTexts();
  return <>{price(row.unitPrice, row.currency, language)} <Text span size="xs" c="dimmed">{own.per(row.priceMonths)}</Text></>;
}

/** The last day that is covered; the contract names the first that is not. */
export function Through({ row, until }: { row: Subscription; until: Subscription["billedThrough"] }) {
  const { language } = useTexts();
  const own = useClientTexts();
  if (!until || !row.startDate || compared(until, row.startDate) <= 0) {
    return <Text span size="sm" c="dimmed">{own.notYet}</Text>;
  }
  return <span className="sum">{day(shifted(until, -1), language)}</span>;
}
