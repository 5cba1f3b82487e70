//! Frames of the y-websocket protocol, and two messages of our own.
//!
//! A message is its type (0 sync, 1 awareness, 3 query awareness, 100 saved, 101 changed) and its content.
//! What we send is one message a frame, because y-websocket reads only the first; what we receive may be several.

use crate::lib0::{Malformed, Reader, put_bytes, put_number};
use bytes::Bytes;

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const QUERY_AWARENESS: u64 = 3;
const SAVED: u64 = 100;
const CHANGED: u64 = 101;

const STEP1: u64 = 0;
const STEP2: u64 = 1;
const UPDATE: u64 = 2;

/// A message from a client, its content not yet looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    /// What the client has: an encoded state vector. Answered with what it lacks.
    Step1(&'a [u8]),
    /// What we lacked: an update.
    Step2(&'a [u8]),
    /// Something new: an update.
    Update(&'a [u8]),
    /// Presence of one or more clients.
    Awareness(&'a [u8]),
    /// Asks for everybody's presence.
    QueryAwareness,
}

/// Reads the next message; `None` at the end of the frame.
pub(crate) fn next_message<'a>(frame: &mut Reader<'a>) -> Result<Option<Message<'a>>, Malformed> {
    if frame.is_empty() {
        return Ok(None);
    }
    let message = match frame.number()? {
        SYNC => match frame.number()? {
            STEP1 => Message::Step1(frame.bytes()?),
            STEP2 => Message::Step2(frame.bytes()?),
            UPDATE => Message::Update(frame.bytes()?),
            _ => return Err(Malformed),
        },
        AWARENESS => Message::Awareness(frame.bytes()?),
        QUERY_AWARENESS => Message::QueryAwareness,
        _ => return Err(Malformed),
    };
    Ok(Some(message))
}

fn frame(head: &[u64], content: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(content.len() + 12);
    for number in head {
        put_number(&mut out, *number);
    }
    put_bytes(&mut out, content);
    out.into()
}

/// Asks the client for what the server lacks.
pub(crate) fn step1(state_vector: &[u8]) -> Bytes {
    frame(&[SYNC, STEP1], state_vector)
}

/// Answers a step 1.
pub(crate) fn step2(update: &[u8]) -> Bytes {
    frame(&[SYNC, STEP2], update)
}

/// Something new.
pub(crate) fn update(update: &[u8]) -> Bytes {
    frame(&[SYNC, UPDATE], update)
}

/// Presence.
pub(crate) fn awareness(content: &[u8]) -> Bytes {
    frame(&[AWARENESS], content)
}

/// Everything up to this state vector is durable.
pub(crate) fn saved(state_vector: &[u8]) -> Bytes {
    frame(&[SAVED], state_vector)
}

/// Something next to the text changed; `what` is a plain word.
pub(crate) fn changed(what: &str) -> Bytes {
    frame(&[CHANGED], format!("{{\"what\":\"{what}\"}}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_messages_in_one_frame_are_read_one_by_one() {
        let bytes = [step1(&[0]), update(&[0, 0]), awareness(&[0])].concat();
        let mut frame = Reader::new(&bytes);
        assert_eq!(next_message(&mut frame), Ok(Some(Message::Step1(&[0]))));
        assert_eq!(next_message(&mut frame), Ok(Some(Message::Update(&[0, 0]))));
        assert_eq!(next_message(&mut frame), Ok(Some(Message::Awareness(&[0]))));
        assert_eq!(next_message(&mut frame), Ok(None));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let bad: [&[u8]; 7] = [
            &[0],                            // a sync message that ends
            &[0, 3, 0],                      // an unknown kind of sync
            &[2, 0],                         // auth: only servers send it
            &[100, 0],                       // ours: only servers send it
            &[0, 2, 5, 1],                   // shorter than it says
            &[0, 2, 0xff, 0xff, 0xff, 0x7f], // a huge length
            &[0xff; 12],                     // a number without end
        ];
        for bytes in bad {
            assert_eq!(next_message(&mut Reader::new(bytes)), Err(Malformed), "{bytes:?}");
        }
    }
}
