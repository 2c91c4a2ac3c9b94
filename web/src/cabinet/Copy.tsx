// A value that is copied by one tap: account numbers are dictated over the phone far too often.
import { useState } from "react";
import { copy } from "../shared/copy";
import { useCabinetTexts } from "./texts";

interface Props {
  label: string;
  /** What is shown. */
  text: string;
  /** What is copied, when it differs from what is shown. */
  value?: string;
}

export function Copy({ label, text, value = text }: Props) {
  const texts = useCabinetTexts();
  const [said, setSaid] = useState("");
  const put = async () => {
    setSaid((await copy(value)) ? texts.copied : texts.copyFailed);
    window.setTimeout(() => setSaid(""), 2000);
  };
  return (
    <button type="button" className="copy" onClick={() => void put()} title={texts.copy(label)}>
      <span className="dim">{said || label}</span>
      <span className="value">
        {text}
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path fill="none" stroke="currentColor" strokeWidth="1.5" d="M5.5 5.5h8v8h-8zM3 10.5H2.5v-8h8V3" />
        </svg>
      </span>
      <span role="status" className="hidden">{said}</span>
    </button>
  );
}
