// One line of input beside the text: the target of a link, the words of a question. Not modal:
// Escape or a press elsewhere closes it and the cursor is where it was.

export interface LineRequest {
  label: string;
  value: string;
  act: string;
  /** A second act, such as "Remove link". */
  other?: { label: string; run(): void };
  /** Returns a sentence when the line can't be used, else null. */
  take(value: string): string | null;
  near: { left: number; bottom: number };
  /** Puts the focus back. */
  back(): void;
}

let forms = 0;

/** Opens the line inside `host`; an earlier one closes. */
export function askLine(host: HTMLElement, request: LineRequest): void {
  for (const earlier of host.querySelectorAll(".line-form")) earlier.remove();
  const id = `line-${++forms}`;
  const form = document.createElement("form");
  form.className = "line-form";
  form.noValidate = true;
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = request.label;
  const input = document.createElement("input");
  input.id = id;
  input.value = request.value;
  input.autocomplete = "off";
  const problem = document.createElement("p");
  problem.id = `${id}-problem`;
  problem.className = "wrong";
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  const acts = document.createElement("div");
  const button = (text: string, run?: () => void) => {
    const made = document.createElement("button");
    made.className = run ? "button plain" : "button";
    made.type = run ? "button" : "submit";
    made.textContent = text;
    if (run) made.addEventListener("click", run);
    acts.append(made);
  };

  const close = (focus: boolean) => {
    removeEventListener("pointerdown", outside, true);
    form.remove();
    if (focus) request.back();
  };
  const outside = (event: Event) => {
    if (event.target instanceof Node && !form.contains(event.target)) close(false);
  };
  button(request.act);
  const { other } = request;
  if (other) {
    button(other.label, () => {
      close(true);
      other.run();
    });
  }
  form.append(label, input, acts, problem);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = request.take(input.value);
    if (wrong === null) {
      close(true);
      return;
    }
    problem.textContent = wrong;
    problem.hidden = false;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", problem.id);
    input.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close(true);
  });
  host.append(form);
  const width = form.getBoundingClientRect().width;
  form.style.left = `${Math.max(8, Math.min(request.near.left, document.documentElement.clientWidth - width - 8))}px`;
  form.style.top = `${Math.min(request.near.bottom + 8, innerHeight - form.getBoundingClientRect().height - 8)}px`;
  input.focus();
  input.select();
  addEventListener("pointerdown", outside, true);
}
