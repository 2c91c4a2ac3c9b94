// A link to a place of the console by its address, for what leads to screens of other areas.
import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

interface Props {
  /** Below the console's own address, such as `/invoices?state=2`. */
  href: string;
  className?: string;
  children: ReactNode;
}

export function Way({ href, className, children }: Props) {
  const router = useRouter();
  const whole = `${router.basepath.replace(/\/$/, "")}${href}`;
  const go = (event: MouseEvent) => {
    // A new tab or a download is the browser's business.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.history.push(whole);
  };
  return <a href={whole} className={className} onClick={go}>{children}</a>;
}
