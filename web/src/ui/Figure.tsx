// One number that a screen is about, with its name; a link when there is a list behind it.
import type { ReactNode } from "react";
import classes from "./Figure.module.css";

interface Props {
  name: string;
  value: ReactNode;
  /** In small letters below: how many, of what. */
  note?: ReactNode;
  /** What it means: `bad` needs somebody, `good` is fine. Words must say it too. */
  tone?: "bad" | "good" | "quiet";
}

export function Figure({ name, value, note, tone }: Props) {
  return (
    <div className={classes.figure} data-tone={tone}>
      <div className={classes.name}>{name}</div>
      <div className={classes.value}>{value}</div>
      {note !== undefined && <div className={classes.note}>{note}</div>}
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <div className={classes.figures}>{children}</div>;
}
