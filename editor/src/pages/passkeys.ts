// Passkeys: asks the browser for what a form needs, fills it in and sends it. Without a script the form stays hidden.

interface Challenge {
  challenge: string;
  host: string;
  person?: string;
  name?: string;
  known?: string[];
  algorithms?: number[];
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function ask(address: string): Promise<Challenge> {
  const answer = await fetch(`${address}/challenge`, { method: "POST" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()) as Challenge;
}

async function add(given: Challenge): Promise<Record<string, string>> {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(given.challenge),
      rp: { id: given.host, name: document.title },
      user: { id: bytes(given.person ?? ""), name: given.name ?? "", displayName: given.name ?? "" },
      pubKeyCredParams: (given.algorithms ?? []).map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: (given.known ?? []).map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
    },
  });
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse)) throw new Error("nothing");
  return { credential: text(made.rawId), client_data: text(made.response.clientDataJSON), authenticator_data: text(made.response.getAuthenticatorData()) };
}

async function enter(given: Challenge): Promise<Record<string, string>> {
  const got = await navigator.credentials.get({ publicKey: { challenge: bytes(given.challenge), rpId: given.host, userVerification: "required" } });
  if (!(got instanceof PublicKeyCredential) || !(got.response instanceof AuthenticatorAssertionResponse)) throw new Error("nothing");
  const { clientDataJSON, authenticatorData, signature } = got.response;
  return { credential: text(got.rawId), client_data: text(clientDataJSON), authenticator_data: text(authenticatorData), signature: text(signature) };
}

async function use(form: HTMLFormElement): Promise<void> {
  const wrong = form.querySelector<HTMLElement>("[role=alert][hidden], p.wrong[role=alert]");
  if (wrong) wrong.hidden = true;
  try {
    const given = await ask(new URL(form.action).pathname);
    const fields = form.dataset["passkey"] === "add" ? await add(given) : await enter(given);
    for (const [name, value] of Object.entries(fields)) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    form.submit();
  } catch {
    if (!wrong) return;
    wrong.textContent = "The browser gave no passkey. Nothing was changed; try again, or sign in another way.";
    wrong.hidden = false;
  }
}

/** Shows and serves every form that wants a passkey, where the browser has them. */
export function offerPasskeys(): void {
  if (!("credentials" in navigator) || typeof PublicKeyCredential === "undefined") return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void use(form);
    });
  }
}
