// The few signs that screens draw: a font may lack them. They only stand beside words.
import type { ReactNode } from "react";

const sign = (paths: ReactNode) => () => (
  <svg aria-hidden width="1em" height="1em" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5"
    strokeLinecap="round" strokeLinejoin="round" style={{ verticalAlign: "-0.125em", flex: "none" }}>
    {paths}
  </svg>
);

export const LockIcon = sign(<><rect x="3" y="7" width="10" height="7" rx="1" /><path d="M5 7V5a3 3 0 0 1 6 0v2" /></>);
export const LetterIcon = sign(<><rect x="1.5" y="3.5" width="13" height="9" rx="1" /><path d="m2 4.5 6 4.5 6-4.5" /></>);
export const ClipIcon = sign(<path d="m13 7-5.5 5.5a3 3 0 0 1-4.2-4.2L9 2.6a2 2 0 0 1 2.8 2.8L6.4 10.9a1 1 0 0 1-1.4-1.4L10 4.5" />);
