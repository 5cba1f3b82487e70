// One document's connection: the socket, the copy on this device, and what both say about it.
import * as decoding from "lib0/decoding";
import { IndexeddbPersistence, clearDocument } from "y-indexeddb";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { keepWords, unsavedWords } from "./kept.ts";
import { SaveLedger, readAcknowledgement } from "./saved.ts";
import type { Situation } from "./status.ts";

export interface ConnectionOptions {
  /** Path of the socket on this host, for example /collab/INC-12. */
  socket: string;
  /** Names the copy on this device, together with the epoch. */
  doc: string;
  epoch: string;
  editable: boolean;
  /** The document holds something worth showing: from the server or from this device. */
  onReady(): void;
  onSituation(situation: Situation): void;
  /** The server says that something outside the text changed ("timeline", "follow-ups", "facts", "state"). */
  onChanged(what: string): void;
  /** The server refused what this person writes. */
  onReadOnly(): void;
  /** Words of an earlier life of the document were found on this device that no server has. */
  onKept(): void;
}

const SAVED = 100;
const CHANGED = 101;
const SYNC = 0;
const SYNC_STEP_1 = 0;
/** Where the copy on this device says what is known to be saved. */
const CONFIRMED = "confirmed";

export class Connection {
  readonly ydoc = new Y.Doc();
  readonly provider: WebsocketProvider;
  private readonly ledger = new SaveLedger();
  /** What is known to be on the server's disk, over all connections to this life of the document. */
  private readonly confirmed = new Map<number, number>();
  private noting = false;
  private local: IndexeddbPersistence | null = null;
  private timers = new Set<ReturnType<typeof setTimeout>>();
  private ready = false;
  private ended = false;
  private savedAt: Date | null = null;
  private waiting = false;
  private situation: Situation = { kind: "starting" };

  constructor(private readonly options: ConnectionOptions) {
    const { server, room } = socketAddress(options.socket, location);
    const ledger = this.ledger;
    // Counting what leaves here is the only way to know when a deletion has reached the disk;
    // it is also where a reader's page keeps from sending edits at all.
    class CountingSocket extends WebSocket {
      override send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
        const bytes = data instanceof Uint8Array ? data : null;
        const carriesContent = bytes !== null && bytes[0] === SYNC && bytes[1] !== SYNC_STEP_1;
        if (carriesContent && !options.editable) return;
        if (carriesContent) ledger.frameSent();
        super.send(data as ArrayBufferView<ArrayBuffer>);
      }
    }
    // Before the provider listens: what was written must be in the ledger when the frame with it goes out.
    this.ydoc.on("update", (_update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (origin === this.provider) this.confirm(moved(transaction));
      else ledger.wrote(moved(transaction), origin !== this.local && transaction.deleteSet.clients.size > 0);
      this.tell();
    });
    this.provider = new WebsocketProvider(server, room, this.ydoc, {
      connect: false,
      // Tabs meet through the server: a tab with an older epoch must not mix its text into a newer one.
      disableBc: true,
      WebSocketPolyfill: CountingSocket,
      params: { acks: "1", since: options.epoch },
      maxBackoffTime: 10_000,
      // y-websocket gives up a socket that was silent for 30 s, and somebody alone in a document hears nothing:
      // asking now and then keeps a living socket and finds out a dead one.
      resyncInterval: 14_000,
    });
    this.listen();
    if (options.editable) this.openLocalCopy();
    this.provider.connect();
    this.later(2_000, () => this.tell());
  }

  get unsaved(): boolean {
    return this.options.editable && !this.ended && this.ready && !this.ledger.saved;
  }

  get keptHere(): boolean {
    return this.local?.synced ?? false;
  }

  destroy(): void {
    this.ended = true;
    for (const timer of this.timers) clearTimeout(timer);
    removeEventListener("offline", this.lineChanged);
    removeEventListener("online", this.lineChanged);
    this.provider.destroy();
    void this.local?.destroy();
    this.ydoc.destroy();
  }

  private listen(): void {
    const { provider, ledger, options } = this;
    provider.messageHandlers[SAVED] = (_encoder: unknown, decoder: decoding.Decoder) => {
      const acknowledgement = readAcknowledgement(decoder);
      ledger.acknowledged(acknowledgement);
      this.confirm(acknowledgement.durable);
      this.tell();
    };
    provider.messageHandlers[CHANGED] = (_encoder: unknown, decoder: decoding.Decoder) => {
      const what = readChange(decoding.readVarString(decoder));
      if (what !== null) options.onChanged(what);
    };
    provider.on("status", ({ status }) => {
      if (status === "connected") {
        ledger.connected();
        // Others forgot this page when the line broke, but not how old its last word was: a newer one is heard at once.
        const mine = provider.awareness.getLocalState();
        if (mine !== null) provider.awareness.setLocalState(mine);
      }
      this.tell();
    });
    provider.on("sync", (synced: boolean) => {
      if (synced) this.becomeReady();
      this.tell();
    });
    provider.on("closed", ({ code }) => this.closed(code));
    addEventListener("offline", this.lineChanged);
    addEventListener("online", this.lineChanged);
  }

  /**
   * The browser knows before the socket does that the line is cut or back: a dead socket would be noticed only
   * after half a minute. Beginning again at once is right in both cases, also for a server on this machine.
   */
  private readonly lineChanged = (): void => {
    if (this.ended) return;
    this.provider.disconnect();
    this.provider.connect();
  };

  private openLocalCopy(): void {
    const name = localName(this.options.doc, this.options.epoch);
    try {
      this.local = new IndexeddbPersistence(name, this.ydoc);
    } catch {
      return; // Private windows may refuse storage; the status line then says so when it matters.
    }
    // y-indexeddb leaves a refused database as an unhandled rejection; the page goes on without a copy.
    (this.local as unknown as { _db: Promise<unknown> })._db.catch(() => (this.local = null));
    void this.local.get(CONFIRMED).then((noted) => noted instanceof ArrayBuffer && this.confirm(Y.decodeStateVector(new Uint8Array(noted))), () => undefined);
    this.local.on("synced", () => {
      if (this.ydoc.store.clients.size > 0) this.becomeReady();
    });
    void dropOlderCopies(this.options.doc, name, () => this.options.onKept());
  }

  /** Noted beside the copy on this device too: a page that opens it later knows which words no server has. */
  private confirm(clocks: ReadonlyMap<number, number>): void {
    for (const [client, clock] of clocks) this.confirmed.set(client, Math.max(clock, this.confirmed.get(client) ?? 0));
    if (this.noting) return;
    this.noting = true;
    this.later(500, () => {
      this.noting = false;
      if (this.local && !this.ended) void this.local.set(CONFIRMED, Y.encodeStateVector(this.confirmed).slice().buffer).catch(() => undefined);
    });
  }

  private becomeReady(): void {
    if (this.ready || this.ended) return;
    this.ready = true;
    this.options.onReady();
  }

  private closed(code: number): void {
    if (code === 4409) {
      void this.startOver();
      return;
    }
    if (code === 4403) this.options.onReadOnly();
    this.say({ kind: "closed", code });
    this.ended = true;
  }

  /** The document was begun anew on the server: the copy here belongs to another text and goes; what no server has is kept. */
  private async startOver(): Promise<void> {
    this.ended = true;
    if (this.options.editable) keepWords(localStorage, this.options.doc, unsavedWords(this.ydoc, this.confirmed));
    await this.local?.destroy();
    await clearDocument(localName(this.options.doc, this.options.epoch)).catch(() => undefined);
    const key = `debrief-anew-${this.options.doc}`;
    const before = sessionStorage.getItem(key);
    if (before === this.options.epoch) {
      // The page came back with the epoch that was refused before; a second reload would go in circles.
      this.say({ kind: "closed", code: 4409 });
      return;
    }
    sessionStorage.setItem(key, this.options.epoch);
    location.reload();
  }

  private tell(): void {
    if (this.ended) return;
    if (!this.options.editable) {
      this.say({ kind: "reader" });
      return;
    }
    if (!this.provider.wsconnected) {
      // A short break is nobody's business; a long one is.
      if (!this.waiting) {
        this.waiting = true;
        this.later(1_500, () => {
          this.waiting = false;
          if (!this.provider.wsconnected && !this.ended) this.say(this.ready ? { kind: "offline", kept: this.keptHere } : { kind: "unreached" });
        });
      }
      return;
    }
    if (!this.provider.synced) return;
    if (this.ledger.saved) {
      const now = new Date();
      if (this.savedAt === null || this.situation.kind !== "saved" || now.getTime() - this.savedAt.getTime() > 20_000) this.savedAt = now;
      this.say({ kind: "saved", at: this.savedAt });
    } else if (this.situation.kind !== "saving") {
      this.later(600, () => {
        if (this.provider.wsconnected && !this.ended && !this.ledger.saved) this.say({ kind: "saving" });
      });
    }
  }

  private say(situation: Situation): void {
    this.situation = situation;
    this.options.onSituation(situation);
  }

  private later(delay: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, delay);
    this.timers.add(timer);
  }
}

/** The clocks a transaction moved. */
function moved({ beforeState, afterState }: Y.Transaction): Map<number, number> {
  return new Map([...afterState].filter(([client, clock]) => clock > (beforeState.get(client) ?? 0)));
}

/** Splits the socket's path as y-websocket wants it. */
export function socketAddress(path: string, here: { protocol: string; host: string }): { server: string; room: string } {
  const cut = path.lastIndexOf("/");
  const scheme = here.protocol === "https:" ? "wss" : "ws";
  return { server: `${scheme}://${here.host}${path.slice(0, cut)}`, room: path.slice(cut + 1) };
}

/** Reads the JSON of message 101; null for anything that is not {"what": text}. */
export function readChange(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const what = typeof value === "object" && value !== null ? (value as { what?: unknown }).what : null;
    return typeof what === "string" ? what : null;
  } catch {
    return null;
  }
}

function localName(doc: string, epoch: string): string {
  return `debrief/${doc}/${epoch}`;
}

/** Removes copies of earlier lives of the document; words in them that no server has are kept. */
async function dropOlderCopies(doc: string, current: string, found: () => void): Promise<void> {
  try {
    for (const { name } of await indexedDB.databases()) {
      if (!name?.startsWith(`debrief/${doc}/`) || name === current) continue;
      const old = new Y.Doc();
      const copy = new IndexeddbPersistence(name, old);
      await copy.whenSynced;
      const noted: unknown = await copy.get(CONFIRMED);
      if (noted instanceof ArrayBuffer) keepWords(localStorage, doc, unsavedWords(old, Y.decodeStateVector(new Uint8Array(noted))));
      await copy.clearData();
      old.destroy();
      found();
    }
  } catch {
    // Not every browser lists its databases; an older copy then only takes up room.
  }
}
