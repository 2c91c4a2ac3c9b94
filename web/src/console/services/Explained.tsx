// A sum that explains itself: the formula with its numbers, the days that were counted, and why it
// ends when it ends.
import { Paper, Stack, Text } from "@mantine/core";
import type { ChangeLine, ChangePreview, Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount, sign } from "../../shared/money";
import { Reasons } from "../../ui/Reasons";
import classes from "./Explained.module.css";
import { useServiceTexts } from "./texts";

export function Explained({ subscription, preview }: { subscription: Subscription; preview: ChangePreview }) {
  const own = useServiceTexts();
  const { language } = useTexts();
  const back = sign(preview.total) < 0;
  const from = preview.lines[0] && day(preview.lines[0].startDate, language);
  const name = preview.lines.length === 0 || sign(preview.total) === 0 ? own.nothing : back ? own.toCredit : own.toPay;
  return (
    <Paper withBorder p="md" radius="md" className={classes.sum}>
      <Stack gap="sm">
        <div aria-live="polite">
          <Text size="sm" c="dimmed">{name}</Text>
          {sign(preview.total) !== 0 && <Text className={classes.total}>{amount(preview.total, language).replace(/^-/, "")}</Text>}
          <Text size="sm">{own.outcome(preview.quantityBefore, preview.quantityAfter, from)}</Text>
        </div>
        {preview.lines.map((line, index) => <Line key={index} line={line} subscription={subscription} />)}
      </Stack>
    </Paper>
  );
}

function Line({ line, subscription }: { line: ChangeLine; subscription: Subscription }) {
  const { language } = useTexts();
  const own = useServiceTexts();
  const last = day(line.lastDay, language);
  return (
    <div className={classes.line}>
      <Text size="sm" fw={600}>{line.text}</Text>
      <Text size="sm">{day(line.startDate, language)} – {last}</Text>
      {line.trace && <Reasons trace={line.trace} amount={line.amount} />}
      <Text size="xs" c="dimmed">{own.vat}: {amount(line.tax, language)}</Text>
      <Text size="sm" mt={6}>{subscription.mainSubscription ? own.endsWithMain(last) : own.ends(last)}</Text>
    </div>
  );
}
