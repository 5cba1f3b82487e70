// Hands on the writing page: where the cursor stands, what is typed, what is on the paper.
import { eventually } from "./browser.mjs";

const paper = (page) => page.locator("collab-editor .writing[contenteditable]");

/** Waits until the document is open for writing and known to be saved. */
export async function opened(page) {
  await page.locator("collab-editor.is-open .writing[contenteditable=true]").waitFor();
  await saved(page);
}

export async function saved(page) {
  await page.locator("collab-editor[data-situation=saved]").waitFor();
  await page.locator("[data-save-status]", { hasText: /^Saved/ }).waitFor();
}

/** The words people wrote, without other people's cursors and the blocks the server fills; blanks made one. */
export function text(page) {
  return paper(page).evaluate((root) => {
    const copy = root.cloneNode(true);
    for (const caret of copy.querySelectorAll(".caret, .live-block")) caret.remove();
    return copy.textContent.replace(/[\u2060\u200b\ufeff]/g, "").replace(/\s+/g, " ");
  });
}

export async function count(page, words) {
  return (await text(page)).split(words).length - 1;
}

export async function shows(page, words) {
  await eventually(async () => (await text(page)).includes(words), `“${words}” on the paper`);
}

export function headings(page) {
  return paper(page).locator("h2").allInnerTexts();
}

/** Puts the cursor into the answer below the question of a section. */
export async function answer(page, section) {
  const found = await paper(page).evaluate((root, section) => {
    let inside = false;
    for (const child of root.children) {
      if (child.matches("h2")) inside = child.textContent.trim() === section;
      else if (inside) {
        const button = [...child.querySelectorAll("button")].find((one) => one.textContent === "Answer");
        if (button) {
          button.scrollIntoView({ block: "center" });
          button.click();
          return true;
        }
      }
    }
    return false;
  }, section);
  if (!found) throw new Error(`the section “${section}” asks no question`);
}

/** Puts the cursor into a new line at the beginning of a section, whatever stands there. */
export async function newLine(page, section) {
  await paper(page).evaluate((root, section) => {
    const heading = [...root.querySelectorAll("h2")].find((one) => one.textContent.trim() === section);
    if (!heading) throw new Error(`there is no section “${section}”`);
    root.focus();
    heading.scrollIntoView({ block: "center" });
    getSelection().selectAllChildren(heading);
    getSelection().collapseToEnd();
    document.dispatchEvent(new Event("selectionchange"));
  }, section);
  await page.keyboard.press("Enter");
}

/** Puts the cursor behind some words that stand in one piece of text. */
export async function cursorAfter(page, words) {
  await paper(page).evaluate((root, words) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(words);
      if (at < 0) continue;
      root.focus();
      node.parentElement.scrollIntoView({ block: "center" });
      getSelection().collapse(node, at + words.length);
      document.dispatchEvent(new Event("selectionchange"));
      return;
    }
    throw new Error(`“${words}” is not on the paper`);
  }, words);
}

/** Types like a person, key by key. */
export async function type(page, words) {
  await page.keyboard.type(words, { delay: 8 });
}
