// When may the page say "Saved"? Only when the server has told us that everything written here is on disk. What others
// wrote needs no word: the server relays nothing before it is on disk. Inserts are counted by state vectors. Deletions are not (they add nothing to a vector), so the frame that
// carried the last one must be acknowledged as well.
import * as decoding from "lib0/decoding";
import * as Y from "yjs";

/** What message 100 says: a durable state vector and, where the server counts them, our frames that are on disk. */
export interface Acknowledgement {
  durable: Map<number, number>;
  frames: number | null;
}

/** Reads the payload of message 100. Throws on malformed bytes. */
export function readAcknowledgement(decoder: decoding.Decoder): Acknowledgement {
  const durable = Y.decodeStateVector(decoding.readVarUint8Array(decoder));
  const frames = decoding.hasContent(decoder) ? decoding.readVarUint(decoder) : null;
  return { durable, frames };
}

/** True when every client's clock in `local` is reached in `durable`. */
export function covers(durable: ReadonlyMap<number, number>, local: ReadonlyMap<number, number>): boolean {
  for (const [client, clock] of local) if ((durable.get(client) ?? 0) < clock) return false;
  return true;
}

/** Follows one document's way to the disk. Frames are counted per connection, from 1. */
export class SaveLedger {
  private durable: ReadonlyMap<number, number> | null = null;
  private sent = 0;
  private deletion: "none" | "unsent" | number = "none";
  private readonly needed = new Map<number, number>();

  /** A new connection: the server knows nothing about earlier frames of ours. */
  connected(): void {
    this.sent = 0;
    this.durable = null;
    if (this.deletion !== "none") this.deletion = "unsent";
  }

  /**
   * Something was written here, now or, as the copy on this device says, earlier.
   * @param clocks the clocks it moved, by client; @param deletes whether it took something away
   */
  wrote(clocks: ReadonlyMap<number, number>, deletes: boolean): void {
    for (const [client, clock] of clocks) this.needed.set(client, Math.max(clock, this.needed.get(client) ?? 0));
    if (deletes) this.deletion = "unsent";
  }

  /** A frame with document content went out. */
  frameSent(): void {
    this.sent += 1;
    if (this.deletion === "unsent") this.deletion = this.sent;
  }

  acknowledged({ durable, frames }: Acknowledgement): void {
    this.durable = durable;
    for (const [client, clock] of this.needed) if ((durable.get(client) ?? 0) >= clock) this.needed.delete(client);
    if (typeof this.deletion === "number" && (frames === null || frames >= this.deletion)) this.deletion = "none";
  }

  /** True when all that was written here is on disk; also when nothing was. */
  get saved(): boolean {
    return this.deletion === "none" && covers(this.durable ?? new Map<number, number>(), this.needed);
  }
}
