// Markup of our own server, read into a document that runs nothing. The content security policy lets no text become
// markup but through a named policy (Trusted Types): this is where ours are made, and each refuses what came from
// anywhere else. A second policy of the same name is refused by the browser, so every bundle brings its own name.

interface Policy {
  createHTML(markup: string, from: string): unknown;
}
interface Policies {
  createPolicy(name: string, rules: Policy): Policy;
}

/** Names that crates/web/src/headers.rs lets through. */
export type PolicyName = "debrief-pages" | "debrief-editor";

/**
 * A reader of the server's answers.
 * @returns takes an answer's text and the address that it came from; throws when that is not this installation
 */
export function markupReader(name: PolicyName): (markup: string, from: string) => Document {
  const ours = (markup: string, from: string) => {
    if (new URL(from, location.href).origin !== location.origin) throw new TypeError("markup from elsewhere");
    return markup;
  };
  let policy: Policy | null = null;
  return (markup, from) => {
    const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
    policy ??= policies?.createPolicy(name, { createHTML: ours }) ?? { createHTML: ours };
    return new DOMParser().parseFromString(policy.createHTML(markup, from) as string, "text/html");
  };
}
