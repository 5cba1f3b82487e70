// A form with files says how far it is. Without script the same form is sent by the browser.
import { readMarkup } from "./markup.ts";

/** Sizes as people say them: "640 KB", "1.2 GB". */
export function bytesInWords(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1).replace(/\.0$/, "")} ${units[unit]}`;
}

export function sendWithProgress(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const files = [...form.querySelectorAll<HTMLInputElement>("input[type=file]")].flatMap((input) => [...(input.files ?? [])]);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const data = new FormData(form, submitter);
  const box = form.querySelector<HTMLElement>("[data-upload-progress]") ?? form.appendChild(document.createElement("div"));
  box.dataset["uploadProgress"] = "";
  box.hidden = false;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", "Upload");
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  box.replaceChildren(bar, words);
  const buttons = [...form.querySelectorAll<HTMLButtonElement>("button")];
  const busy = (is: boolean) => {
    form.setAttribute("aria-busy", String(is));
    for (const button of buttons) {
      button.disabled = is;
      button.setAttribute("aria-busy", String(is));
    }
  };
  const failed = (text: string) => {
    busy(false);
    bar.hidden = true;
    words.classList.add("wrong");
    words.textContent = text;
  };

  const request = new XMLHttpRequest();
  // A screen reader hears a tenth at a time, not every packet.
  let told = -1;
  request.upload.addEventListener("progress", ({ loaded, lengthComputable, total: sum }) => {
    const part = lengthComputable && sum > 0 ? (loaded / sum) * 100 : 0;
    bar.value = part;
    const tenth = Math.floor(part / 10);
    if (tenth === told) return;
    told = tenth;
    words.textContent = part >= 100 ? "All here. Being read now." : `${bytesInWords(Math.min(loaded, total))} of ${bytesInWords(total)}`;
  });
  request.addEventListener("load", () => {
    const type = request.getResponseHeader("content-type") ?? "";
    if (request.status < 400 && request.responseURL && new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
      location.assign(request.responseURL);
    } else if (type.startsWith("text/html")) {
      // The server answered with the same form and what was wrong: that page takes this one's place.
      const page = readMarkup(request.responseText, request.responseURL);
      const main = page.querySelector("main");
      const mine = document.querySelector("main");
      if (!main || !mine) return failed("The files arrived, but the answer could not be shown. Reload the page.");
      mine.replaceWith(main);
      main.dispatchEvent(new CustomEvent("debrief:inserted", { bubbles: true }));
      main.querySelector<HTMLElement>("[role=alert], [aria-invalid=true], h1")?.scrollIntoView({ block: "nearest" });
    } else {
      failed("The server did not take the files. Nothing was brought in.");
    }
  });
  request.addEventListener("error", () => failed("The connection broke off. Nothing was brought in; the files can be sent again."));
  request.addEventListener("abort", () => failed("Stopped. Nothing was brought in."));
  request.open(form.method || "post", form.action);
  request.setRequestHeader("accept", "text/html");
  words.textContent = `0 of ${bytesInWords(total)}`;
  busy(true);
  request.send(data);
}
