// The month: on each day what renews, whom one meets and what is to be done (A17–A22); weeks start on
// Monday. A day that is chosen opens below.
import { Button, Group, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { KeyboardEvent } from "react";
import type { Date as CalendarDate } from "../../gen/google/type/date_pb";
import type { Board } from "../../gen/raschet/gateway/v1/dashboard_pb";
import { compared, fromIso, iso, shifted } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { Panel } from "../../ui/Panel";
import { usePlanTexts } from "../plans/texts";
import { Agenda } from "./Agenda";
import classes from "./Calendar.module.css";
import { counts, weeks, type DayCounts } from "./weeks";

const route = getRouteApi("/shell/");

export function Calendar({ board }: { board: Board }) {
  const { language } = useTexts();
  const own = usePlanTexts();
  const { month, day } = route.useSearch();
  const today = board.overview?.today;
  if (!board.overview || !today) return null;
  const shown = month ?? iso(today).slice(0, 7);
  const chosen = day?.startsWith(shown) ? day : iso(today).startsWith(shown) ? iso(today) : undefined;
  const days = counts(board);
  const most = Math.max(1, ...[...days.values()].map((one) => one.renewals));
  const locale = language === "ru" ? "ru" : "en-GB";
  const long = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
  const title = long.format(new Date(`${shown}-01T00:00:00Z`));
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  return (
    <Panel title={own.calendar} actions={<Turn shown={shown} today={iso(today)} title={title} />}>
      <table className={classes.month} onKeyDown={step}>
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
                ? <Day key={column} date={date} counts={days.get(iso(date))} most={most} today={compared(date, today) === 0}
                    chosen={chosen === iso(date)} reached={iso(date) === (chosen ?? `${shown}-01`)} />
                : <td key={column} />)}
            </tr>
          ))}
        </tbody>
      </table>
      <Text size="xs" c="dimmed" mt={4}>{own.legend}</Text>
      {chosen && <Agenda board={board} chosen={chosen} counts={days.get(chosen)} />}
    </Panel>
  );
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** One stop for Tab; arrows go from day to day. */
function step(event: KeyboardEvent<HTMLElement>) {
  const by = STEPS[event.key];
  if (!by) return;
  const days = [...event.currentTarget.querySelectorAll<HTMLElement>("button[data-day]")];
  const next = days[days.findIndex((day) => day === document.activeElement) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Turn({ shown, today, title }: { shown: string; today: string; title: string }) {
  const own = usePlanTexts();
  const navigate = route.useNavigate();
  const first = fromIso(`${shown}-01`);
  const go = (days: number) => {
    if (first) void navigate({ search: { month: iso(shifted(first, days)).slice(0, 7) }, replace: true });
  };
  return (
    <Group gap={4}>
      {!today.startsWith(shown) && (
        <Button size="compact-sm" variant="subtle" onClick={() => void navigate({ search: {}, replace: true })}>{own.toToday}</Button>
      )}
      <Button size="compact-sm" variant="default" aria-label={own.earlier} onClick={() => go(-1)}>‹</Button>
      <Text size="sm" miw={110} ta="center" aria-live="polite">{title}</Text>
      <Button size="compact-sm" variant="default" aria-label={own.later} onClick={() => go(31)}>›</Button>
    </Group>
  );
}

interface DayProps {
  date: CalendarDate;
  counts: DayCounts | undefined;
  /** Renewals of the busiest day of the month: how strong the colours are. */
  most: number;
  today: boolean;
  chosen: boolean;
  /** The one that Tab reaches. */
  reached: boolean;
}

function Day({ date, counts = { renewals: 0, addons: 0, domains: 0, events: 0, tasks: 0 }, most, today, chosen, reached }: DayProps) {
  const { language } = useTexts();
  const own = usePlanTexts();
  const navigate = route.useNavigate();
  const { renewals, events, tasks } = counts;
  // On a deeper colour the marks have less contrast than WCAG asks for.
  const strength = renewals === 0 ? 0 : 8 + Math.round((renewals / most) * 14);
  const long = new Intl.DateTimeFormat(language === "ru" ? "ru" : "en-GB", { day: "numeric", month: "long", timeZone: "UTC" });
  const said = [
    long.format(new Date(Date.UTC(date.year, date.month - 1, date.day))),
    today && own.today,
    renewals > 0 && own.renewals(renewals),
    events > 0 && own.events(events),
    tasks > 0 && own.due(tasks),
  ].filter(Boolean).join(", ");
  return (
    <td data-today={today || undefined} data-renewals={renewals > 0 || undefined} style={{ "--strength": `${strength}%` } as React.CSSProperties}>
      <button type="button" className={classes.day} data-day={iso(date)} aria-pressed={chosen} aria-label={said} title={said} tabIndex={reached ? 0 : -1}
        onClick={() => void navigate({ search: (old) => ({ ...old, day: iso(date) }), replace: true, resetScroll: false })}>
        <span className={classes.date}>{date.day}</span>
        <span className={classes.count}>{renewals > 0 && renewals}</span>
        <span className={classes.marks}>
          {events > 0 && <span data-mark="event">◆{events > 1 && events}</span>}
          {tasks > 0 && <span data-mark="task">✓{tasks > 1 && tasks}</span>}
        </span>
      </button>
    </td>
  );
}
