// Which of the page's own acts fit the words in the palette. No DOM in here.

export interface Command {
  says: string;
  /** Other words people may look for. */
  also: string;
}

/** Every word must begin a word of the command; commands whose name begins with the first word come first. */
export function findCommands<C extends Command>(commands: readonly C[], query: string): C[] {
  const words = query.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...commands];
  const split = (text: string) => text.toLocaleLowerCase().split(/[^\p{L}\p{N}]+/u);
  return commands
    .filter((command) => words.every((word) => split(`${command.says} ${command.also}`).some((part) => part.startsWith(word))))
    .map((command) => ({ command, first: command.says.toLocaleLowerCase().startsWith(words[0] ?? "") }))
    .sort((x, y) => Number(y.first) - Number(x.first))
    .map(({ command }) => command);
}
