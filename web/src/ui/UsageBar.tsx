// How much of what a tariff includes is used: in words, and as a bar that warns near the limit.
import type { Usage } from "../gen/raschet/invoicing/v1/metrics_pb";
import { day } from "../shared/dates";
import { useTexts } from "../shared/dictionary";
import { counts, percent, tone } from "../shared/usage";
import classes from "./UsageBar.module.css";

export function UsageBar({ usage: { metric, used, maximum, day: read } }: { usage: Usage }) {
  const texts = useTexts();
  const { language } = texts;
  if (!metric) return null;
  const title = (language === "en" && metric.titleEn) || metric.title;
  const how = tone(used, maximum);
  const words = texts.usedOf(counts(used, language), counts(maximum, language));
  const share = percent(used, maximum);
  return (
    <div className={classes.usage} data-tone={how}>
      <div className={classes.words}>
        <span>{title}</span>
        <span className={classes.count}>{words}</span>
      </div>
      <div className={classes.track} role="meter" aria-label={title} aria-valuemin={0} aria-valuemax={100}
        aria-valuenow={share} aria-valuetext={words}>
        <div className={classes.bar} style={{ width: `${share}%` }} />
      </div>
      <div className={classes.note}>
        {how === "over" && <b>{texts.usedUp} </b>}
        {how === "near" && <b>{texts.usedNear(counts(maximum - used, language))} </b>}
        {read ? texts.readOn(day(read, language)) : texts.notRead}
      </div>
    </div>
  );
}
