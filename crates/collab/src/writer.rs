//! The task that empties a room's line: it appends, and only then lets others hear.
//!
//! It runs while there is something to write and ends with the line. Updates that arrive during an append wait
//! for the next turn and then go together: one row per author and turn, one frame per turn and reader.

use crate::{
    Close, Limits, Loaded, LogError,
    protocol::{saved, update as update_frame},
    replica::{Replica, Spoilt, read_state_vector},
    room::{Room, SeatId, State, Work},
};
use domain::PersonId;
use futures_util::future::try_join_all;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem::take,
    panic::catch_unwind,
    sync::Arc,
    time::Duration,
};
use tokio::{task::spawn_blocking, time::Instant as Moment};

enum Turn {
    Write { work: Vec<Work>, state_vector: Option<Vec<u8>> },
    Rebuild,
    Stop { retire: bool },
}

/// Writes until nothing waits.
pub(crate) async fn run(room: Arc<Room>) {
    let _unfinished = Unfinished(&room);
    loop {
        let turn = next_turn(&mut room.lock());
        let result = match turn {
            Turn::Write { work, state_vector } => write(&room, work, state_vector).await,
            Turn::Rebuild => rebuild(&room).await,
            Turn::Stop { retire } => {
                room.moved.notify_waiters();
                if retire {
                    room.retire();
                }
                return;
            }
        };
        room.moved.notify_waiters();
        if let Err(close) = result {
            room.end(close);
            room.forget();
            room.lock().writing = false;
            room.moved.notify_waiters();
            return;
        }
        // With many readers each frame is paid for many times: gather longer.
        let pause = room.lock().seats.len() as u64 / 8;
        if pause > 1 {
            tokio::time::sleep(Duration::from_millis(pause.min(25))).await;
        }
    }
}

/// Ends the room if the task ends in any other way than by finishing: a log that panics must not leave a room
/// that waits forever.
struct Unfinished<'a>(&'a Arc<Room>);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end(Close::LOG_FAILED);
            self.0.forget();
            self.0.lock().writing = false;
            self.0.moved.notify_waiters();
        }
    }
}

fn next_turn(state: &mut State) -> Turn {
    if state.ended.is_none() {
        if !state.line.is_empty() {
            // All that was accepted is in this turn or was written before it, so that this is what will be
            // durable once it is written.
            let state_vector = state.replica.as_mut().and_then(|replica| replica.state_vector().ok());
            if let Some(known) = &state_vector {
                state.told.clone_from(known);
            }
            return Turn::Write { work: take(&mut state.line).into(), state_vector };
        }
        if state.replica.is_none() && !state.resting {
            return Turn::Rebuild;
        }
    }
    state.writing = false;
    Turn::Stop { retire: state.seats.is_empty() && state.ended.is_none() }
}

async fn write(room: &Arc<Room>, work: Vec<Work>, state_vector: Option<Vec<u8>>) -> Result<(), Close> {
    let mut by_author: BTreeMap<Option<PersonId>, Vec<&[u8]>> = BTreeMap::new();
    let mut bytes = 0;
    for item in &work {
        if let Work::Append { update, author, .. } = item {
            bytes += update.len();
            by_author.entry(*author).or_default().push(update);
        }
    }
    let rows: Vec<(Option<PersonId>, Vec<u8>)> = by_author
        .into_iter()
        .flat_map(|(author, updates)| merged(&updates).into_iter().map(move |row| (author, row)))
        .collect();
    let count = rows.len();
    let appends = rows.into_iter().map(|(author, row)| room.log.append(room.doc, room.epoch, row, author));
    try_join_all(appends).await.map_err(|error| {
        tracing::error!(doc = %room.doc, %error, "could not append to the log");
        close_for(&error)
    })?;
    let mut state = room.lock();
    state.rows += count;
    state.backlog -= bytes.min(state.backlog);
    if state.ended.is_none() {
        state.deliver(work, state_vector.as_deref(), &room.limits);
        room.tick(&mut state);
    }
    Ok(())
}

/// Reads the log after the copy was spoilt, or let go of. Nothing is lost by it: the line was empty before.
async fn rebuild(room: &Arc<Room>) -> Result<(), Close> {
    let loaded = room.log.load(room.doc).await.map_err(|error| close_for(&error))?;
    if loaded.epoch != room.epoch {
        return Err(Close::REPLACED);
    }
    let (loaded, mut replica) = read(loaded, room.limits.document).await.map_err(|_| Close::LOG_FAILED)?;
    let state_vector = replica.state_vector().map_err(|_| Close::LOG_FAILED)?;
    let mut state = room.lock();
    state.rows = loaded.updates.len();
    state.seen_seq = loaded.last_seq;
    let told = read_state_vector(&state.told).unwrap_or_default();
    let missed = replica.diff(&told).map_err(|_| Close::LOG_FAILED)?;
    state.replica = Some(replica);
    state.used = Moment::now();
    state.told.clone_from(&state_vector);
    // What the log has and the copy before did not, words of other processes for example, goes to everybody.
    let relay = (missed != [0, 0]).then_some(Work::Relay { update: missed });
    let confirm = state.seats.keys().copied().map(|seat| Work::Confirm { seat });
    let all = relay.into_iter().chain(confirm).collect();
    state.deliver(all, Some(&state_vector), &room.limits);
    room.tick(&mut state);
    Ok(())
}

/// Bytes of a log from which it is read elsewhere: many documents may share the thread that this runs in.
const LONG: usize = 256 << 10;

async fn read(loaded: Loaded, limit: usize) -> Result<(Loaded, Replica), Spoilt> {
    let long = loaded.updates.iter().map(Vec::len).sum::<usize>() > LONG;
    let read = move || Replica::load(&loaded.updates, limit).map(|replica| (loaded, replica));
    if long { spawn_blocking(read).await.unwrap_or(Err(Spoilt)) } else { read() }
}

fn close_for(error: &LogError) -> Close {
    match error {
        LogError::NotFound => Close::GONE,
        LogError::Gone => Close::REPLACED,
        LogError::Failed(_) => Close::LOG_FAILED,
    }
}

impl State {
    /// Lets happen what waited: `saved_up_to` is the durable state vector.
    pub(crate) fn deliver(&mut self, work: Vec<Work>, saved_up_to: Option<&[u8]>, limits: &Limits) {
        let mut updates: Vec<&[u8]> = Vec::new();
        let mut senders: BTreeSet<Option<SeatId>> = BTreeSet::new();
        let mut confirmed: BTreeSet<SeatId> = BTreeSet::new();
        for item in &work {
            match item {
                Work::Append { update, seat, .. } => {
                    updates.push(update);
                    senders.insert(Some(*seat));
                    confirmed.insert(*seat);
                }
                Work::Relay { update } => {
                    updates.push(update);
                    senders.insert(None);
                }
                Work::Confirm { seat } => _ = confirmed.insert(*seat),
                Work::Send { .. } | Work::Answer { .. } => {}
            }
        }
        // Whoever sent everything there is need not hear it; with several senders one frame serves all.
        let only = if senders.len() == 1 { senders.into_iter().next().flatten() } else { None };
        for row in merged(&updates) {
            let frame = update_frame(&row);
            for (_, seat) in self.seats.iter().filter(|(id, _)| Some(**id) != only) {
                seat.queue.put(frame.clone());
            }
        }
        if !updates.is_empty() {
            // Whoever gets a frame anyway gets this with it, at no cost of its own.
            self.put_presence(limits);
            self.holds_presence = false;
        }
        let immediate = updates.is_empty() || limits.saved_ticks == 0 || self.seats.len() == 1;
        for item in work {
            match item {
                Work::Send { seat, frame } => {
                    if let Some(seat) = self.seats.get(&seat) {
                        seat.queue.reply(frame);
                    }
                }
                Work::Answer { done } => _ = done.send(()),
                _ => {}
            }
        }
        if let Some(state_vector) = saved_up_to {
            let frame = saved(state_vector);
            for seat in confirmed.iter().filter_map(|id| self.seats.get(id)) {
                if seat.joiner.wants_acks {
                    seat.queue.saved(frame.clone(), immediate);
                }
            }
            if !immediate && !confirmed.is_empty() {
                self.owe_saved();
            }
        }
        self.wake();
    }
}

/// One update that says the same as these; these as they are if merging fails.
fn merged(updates: &[&[u8]]) -> Vec<Vec<u8>> {
    if updates.len() < 2 {
        return updates.iter().map(|update| update.to_vec()).collect();
    }
    match catch_unwind(|| yrs::merge_updates_v1(updates.iter().copied())) {
        Ok(Ok(one)) => vec![one],
        _ => updates.iter().map(|update| update.to_vec()).collect(),
    }
}
