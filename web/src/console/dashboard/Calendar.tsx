// The month with how many services renew on each day (A17, A18); weeks start on Monday.
import { Button, Group, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { Date as CalendarDate } from "../../gen/google/type/date_pb";
import type { Overview } from "../../gen/raschet/invoicing/v1/overviews_pb";
import { compared, fromIso, iso, shifted } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { Panel } from "../../ui/Panel";
import classes from "./Calendar.module.css";
import { weeks } from "./weeks";
import { useDashboardTexts } from "./texts";

const route = getRouteApi("/shell/");
export function Calendar({ overview }: { overview: Overview | undefined }) {
  const { language } = useTexts();
  const own = useDashboardTexts();
  const { month } = route.useSearch();
  if (!overview?.today) return null;
  const today = overview.today;
  const shown = month ?? iso(today).slice(0, 7);
  const renewals = new Map(overview.renewals.map((row) => [iso(row.date!), Number(row.subscriptions)]));
  const total = [...renewals.values()].reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...renewals.values());
  const locale = language === "ru" ? "ru" : "en-GB";
  const long = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
  const title = long.format(new Date(`${shown}-01T00:00:00Z`));
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  return (
    <Panel title={own.calendar} note={own.inMonth(total)} actions={<Turn shown={shown} title={title} />}>
      <table className={classes.month}>
        <caption className={classes.caption}>{title}</caption>
        <thead>
          <tr>
            {/* January 2024 began on a Monday. */}
            {[1, 2, 3, 4, 5, 6, 7].map((n) => (
              <th key={n} scope="col">{weekday.format(new Date(Date.UTC(2024, 0, n)))}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks(shown).map((week, index) => (
            <tr key={index}>
              {week.map((date, column) => date
                ? <Day key={column} date={date} count={renewals.get(iso(date)) ?? 0} most={most} today={compared(date, today) === 0} />
                : <td key={column} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Turn({ shown, title }: { shown: string; title: string }) {
  const own = useDashboardTexts();
  const navigate = route.useNavigate();
  const first = fromIso(`${shown}-01`);
  const go = (days: number) => {
    if (first) void navigate({ search: { month: iso(shifted(first, days)).slice(0, 7) }, replace: true });
  };
  return (
    <Group gap={4}>
      <Button size="compact-sm" variant="default" aria-label={own.earlier} onClick={() => go(-1)}>‹</Button>
      <Text size="sm" miw={110} ta="center" aria-live="polite">{title}</Text>
      <Button size="compact-sm" variant="default" aria-label={own.later} onClick={() => go(31)}>›</Button>
    </Group>
  );
}

interface DayProps {
  date: CalendarDate;
  count: number;
  /** The busiest day of the month: how strong the colours are. */
  most: number;
  today: boolean;
}

function Day({ date, count, most, today }: DayProps) {
  const own = useDashboardTexts();
  const strength = count === 0 ? 0 : 12 + Math.round((count / most) * 38);
  return (
    <td data-today={today || undefined} style={{ "--strength": `${strength}%` } as React.CSSProperties}>
      <span className={classes.date}>{date.day}{today && <span className={classes.caption}> {own.today}</span>}</span>
      {count > 0 && (
        <span className={classes.count} title={own.renewals(count)}>
          {count}<span className={classes.caption}>{own.renewals(count).replace(/^\S+/, "")}</span>
        </span>
      )}
    </td>
  );
}
