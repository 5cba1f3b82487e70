// The one line that says what happens to what you write.

export type Situation =
  | { kind: "starting" }
  | { kind: "saving" }
  | { kind: "saved"; at: Date }
  /** The server can't be reached and nothing is open yet: what shows is the server's own rendering. */
  | { kind: "unreached" }
  | { kind: "offline"; kept: boolean }
  | { kind: "reader" }
  | { kind: "closed"; code: number };

/** @param clock writes an instant as the reader's time of day, for example "10:42" */
export function statusText(situation: Situation, clock: (at: Date) => string): string {
  switch (situation.kind) {
    case "starting":
      return "";
    case "saving":
      return "Saving…";
    case "saved":
      return `Saved ${clock(situation.at)}`;
    case "unreached":
      return "No connection. This is the text as it was when the page came; writing opens with the connection.";
    case "offline":
      return situation.kept
        ? "No connection. What you write is kept here and joins later."
        : "No connection. What you write joins later, as long as this page stays open.";
    case "reader":
      return "This document is read-only for you.";
    case "closed":
      return CLOSED[situation.code] ?? "The connection was refused. What you wrote is kept here; reload the page to try again.";
  }
}

const CLOSED: Record<number, string> = {
  4401: "You are signed out. What you wrote is kept here and joins when you have signed in again.",
  4403: "This document is read-only for you.",
  4404: "This document is no longer here. What you see is the last copy on this device.",
  4409: "This document was begun anew elsewhere. Reload the page to see it.",
};
