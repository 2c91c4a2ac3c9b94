// A letter as its writer laid it out. The suite has sanitised it; here it is shown in a frame that
// may run nothing, load nothing and go nowhere, as a second wall.
import { useComputedColorScheme } from "@mantine/core";
import { useRef, useState } from "react";
import { useTicketTexts } from "./texts";

/** Tallest frame before it scrolls. */
const TALLEST = 900;

const around = (html: string, dark: boolean) => `<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="${dark ? "dark" : "light"}">
<style>body{font:14px/1.5 system-ui,sans-serif;margin:8px;overflow-wrap:anywhere}img{max-width:100%}table{max-width:100%}pre{white-space:pre-wrap}</style>
${html}`;

export function LetterHtml({ html }: { html: string }) {
  const own = useTicketTexts();
  const dark = useComputedColorScheme("light") === "dark";
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(120);
  // Same origin only lets us measure it: without scripts nothing inside can use that.
  const measure = () => {
    const body = frame.current?.contentDocument?.documentElement;
    if (body) setHeight(Math.min(TALLEST, body.scrollHeight + 2));
  };
  return (
    <iframe ref={frame} title={own.letterFrame} sandbox="allow-same-origin" referrerPolicy="no-referrer" srcDoc={around(html, dark)}
      onLoad={measure} style={{ width: "100%", height, border: "1px solid var(--mantine-color-default-border)", borderRadius: 4, display: "block" }} />
  );
}
