// Why an amount is what it is: in a formula, in words, and month by month.
import { Text } from "@mantine/core";
import type { Money } from "../gen/google/type/money_pb";
import type { Trace } from "../gen/raschet/invoicing/v1/trace_pb";
import { day } from "../shared/dates";
import { plural, textsOf, useTexts } from "../shared/dictionary";
import { amount as written, formula } from "../shared/money";
import classes from "./Reasons.module.css";

const ru = {
  days: (days: number, of: number) =>
    `${plural("ru", days, { one: "день", few: "дня", many: "дней", other: "дня" })} из ${of}`,
  pieces: "Сколько дней в каком месяце",
  override: "Цена не из каталога:",
};
const en: typeof ru = {
  days: (days, of) => `${plural("en", days, { one: "day", other: "days" })} of ${of}`,
  pieces: "How many days of which month",
  override: "Not the price of the catalogue:",
};
const useReasonTexts = textsOf(ru, en);

export function Reasons({ trace, amount }: { trace: Trace; amount: Money | undefined }) {
  const { language } = useTexts();
  const own = useReasonTexts();
  return (
    <>
      {/* A price alone is no formula. */}
      {trace.formula.includes("×") && (
        <p className={classes.formula}>{formula(trace.formula, language)} = {written(amount ?? trace.amount, language)}</p>
      )}
      <Text size="sm">{language === "ru" ? trace.sentence : trace.sentenceEn}</Text>
      {trace.overrideReason && <Text size="sm">{own.override} {trace.overrideReason}</Text>}
      {trace.pieces.length > 1 && (
        <details>
          <Text component="summary" size="sm" c="dimmed">{own.pieces}</Text>
          {trace.pieces.map((piece, index) => (
            <Text key={index} size="sm" className="sum">
              {day(piece.startDate, language)} – {day(piece.lastDay, language)}: {own.days(piece.days, piece.denominator)}
            </Text>
          ))}
        </details>
      )}
    </>
  );
}
