// Whether a client is charged VAT: since which month not, by which document, and who said so (A93).
import { createClient } from "@connectrpc/connect";
import { Switch, Text } from "@mantine/core";
import { useState } from "react";
import { TaxExemptions, type TaxExemption } from "../../gen/raschet/invoicing/v1/tax_exemptions_pb";
import type { Date as CalendarDate } from "../../gen/google/type/date_pb";
import { useNow } from "../../shared/caller";
import { compared, day, dayOf, fromIso, moscowDay } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { useNames } from "../../shared/useNames";
import { RecordForm } from "../../ui/RecordForm";
import { useClientTexts } from "./texts";

const exemptions = createClient(TaxExemptions, transport);

/** The one that holds on a day, or the next that will. */
export const standing = (all: TaxExemption[], today: CalendarDate): TaxExemption | undefined =>
  [...all].reverse().find(({ from, until }) => !until || (compared(until, today) > 0 && from && compared(until, from) > 0));

export function TaxFlag({ client, all }: { client: string; all: TaxExemption[] }) {
  const own = useClientTexts();
  const now = useNow();
  const [asked, setAsked] = useState(false);
  if (now === undefined) return null;
  const today = moscowDay(now);
  const held = standing(all, today);
  const close = () => setAsked(false);
  return (
    <div>
      <Switch label={own.taxExempt} description={held && <Held exemption={held} />} checked={held !== undefined}
        onChange={() => setAsked(true)} />
      {asked && (held ? <End exemption={held} today={today} close={close} /> : <Begin client={client} today={today} close={close} />)}
    </div>
  );
}

function Held({ exemption: { from, until, basis, author, createTime } }: { exemption: TaxExemption }) {
  const own = useClientTexts();
  const { language } = useTexts();
  const who = useNames([author]).staff(author);
  return (
    <>
      {own.exemptSince(day(from, language))}{until && ` ${own.exemptUntil(day(until, language))}`} · {basis}
      <Text span inherit display="block">{[who, dayOf(createTime, language)].filter(Boolean).join(", ")}</Text>
    </>
  );
}

/** First days of months from that of a day on, to choose from. */
function months(from: CalendarDate, language: string) {
  const name = new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" });
  return Array.from({ length: 13 }, (_, after) => {
    const first = new Date(Date.UTC(from.year, from.month - 1 + after, 1));
    return { value: first.toISOString().slice(0, 10), label: name.format(first) };
  });
}

function Begin({ client, today, close }: { client: string; today: CalendarDate; close: () => void }) {
  const own = useClientTexts();
  const { language } = useTexts();
  const options = months(today, language);
  return (
    <RecordForm title={own.exemptTitle} verb={own.exemptVerb} close={close} initial={{ from: options[1]?.value ?? "", basis: "" }}
      fields={[
        { name: "from", label: own.exemptFrom, options, hint: own.exemptFromHint, wide: true },
        { name: "basis", label: own.exemptBasis, required: true, hint: own.exemptBasisHint, wide: true },
      ]}
      save={(values, _, requestId) =>
        exemptions.createTaxExemption({ taxExemption: { client, from: fromIso(values.from), basis: values.basis }, requestId })} />
  );
}

function End({ exemption: { name, from }, today, close }: { exemption: TaxExemption; today: CalendarDate; close: () => void }) {
  const own = useClientTexts();
  const { language } = useTexts();
  // What has not begun yet can be called off: it ends with its first day.
  const earliest = from && compared(from, today) > 0 ? from : today;
  const options = [{ value: "", label: own.exemptEndChoose }, ...months(earliest, language)];
  return (
    <RecordForm title={own.exemptEndTitle} verb={own.exemptEndVerb} close={close} initial={{ until: "" }}
      fields={[{ name: "until", label: own.exemptEndFrom, options, hint: own.exemptEndHint, wide: true }]}
      save={(values, _, requestId) => exemptions.endTaxExemption({ name, until: fromIso(values.until), requestId })} />
  );
}
