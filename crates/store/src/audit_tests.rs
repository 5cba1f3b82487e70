//! Whatever somebody with the database in hand does to the chain is found by whoever noted its head (A3).

use super::*;
use crate::Db;
use domain::{person::Role, scope::Scopes};

const AT: Instant = Instant::from_seconds(1_794_635_220);
const NOTED: i64 = 24;
/// Acts after the head was noted: a chain may grow.
const LATER: i64 = 4;

fn ada() -> Actor {
    Actor {
        person: Some(PersonId(uuid::Uuid::from_u128(7))),
        name: "Ada".into(),
        role: Role::Member,
        scopes: Scopes::ALL,
    }
}

/// Draws numbers that look random and are the same for the same seed.
struct Dice {
    seed: u64,
    throws: u64,
}

impl Dice {
    /// A number from 0 up to and without `sides`.
    fn throw(&mut self, sides: i64) -> i64 {
        self.throws += 1;
        let sum = Digest32::of(format!("{} {}", self.seed, self.throws).as_bytes());
        let number = sum.0[..7].iter().fold(0, |number, byte| number << 8 | i64::from(*byte));
        number % sides
    }
}

/// Takes off what keeps people from doing what follows.
async fn unguard(tx: &mut Tx) {
    run!(tx, "DROP TRIGGER audit_is_not_changed").unwrap();
    run!(tx, "DROP TRIGGER audit_is_not_removed").unwrap();
}

async fn grow(tx: &mut Tx, by: i64, word: &str) {
    for n in 0..by {
        let actor = if n % 3 == 0 { Actor::installation() } else { ada() };
        record(tx, AT, &actor, "incident.edit", &format!("INC-{n}"), word).await.unwrap();
    }
}

/// Cuts the chain after `seq` and makes its head fit.
async fn cut(tx: &mut Tx, seq: i64) {
    run!(tx, "DELETE FROM audit WHERE seq > $1", seq).unwrap();
    if seq == 0 {
        run!(tx, "DELETE FROM audit_head").unwrap();
        return;
    }
    run!(tx, "UPDATE audit_head SET seq = $1, digest = (SELECT digest FROM audit WHERE seq = $1)", seq)
        .unwrap();
}

/// One manipulation of an act that the head vouches for; what it was.
async fn manipulate(tx: &mut Tx, dice: &mut Dice) -> String {
    let at = dice.throw(NOTED) + 1;
    match dice.throw(6) {
        0 => {
            let edits = [
                "UPDATE audit SET at = at + 1 WHERE seq = $1",
                "UPDATE audit SET actor = actor || 'x' WHERE seq = $1",
                "UPDATE audit SET act = 'x' WHERE seq = $1",
                "UPDATE audit SET subject = '' WHERE seq = $1",
                "UPDATE audit SET detail = '{\"x\":1}' WHERE seq = $1",
                "UPDATE audit SET digest = zeroblob(32) WHERE seq = $1",
                "UPDATE audit SET digest = x'00' WHERE seq = $1",
                "UPDATE audit SET person = x'00000000000000000000000000000009' WHERE seq = $1",
            ];
            let edit = edits[usize::try_from(dice.throw(8)).unwrap()];
            run!(tx, edit, at).unwrap();
            format!("{edit} {at}")
        }
        1 => {
            run!(tx, "DELETE FROM audit WHERE seq = $1", at).unwrap();
            format!("delete {at}")
        }
        2 => {
            // Deleted, and all behind moved up by one.
            run!(tx, "DELETE FROM audit WHERE seq = $1", at).unwrap();
            run!(tx, "UPDATE audit SET seq = -seq WHERE seq > $1", at).unwrap();
            run!(tx, "UPDATE audit SET seq = -seq - 1 WHERE seq < 0").unwrap();
            run!(tx, "UPDATE audit_head SET seq = seq - 1").unwrap();
            format!("close the gap of {at}")
        }
        3 => {
            let other = at % NOTED + 1;
            run!(tx, "UPDATE audit SET seq = -1 WHERE seq = $1", at).unwrap();
            run!(tx, "UPDATE audit SET seq = $1 WHERE seq = $2", at, other).unwrap();
            run!(tx, "UPDATE audit SET seq = $1 WHERE seq = -1", other).unwrap();
            format!("{at} and {other} change places")
        }
        4 => {
            cut(tx, at - 1).await;
            format!("cut after {}", at - 1)
        }
        _ => {
            // With the sums made anew, so that the chain follows in itself.
            cut(tx, at - 1).await;
            let further = dice.throw(2 * NOTED) + 1;
            grow(tx, further, "another story").await;
            format!("{further} written anew after {}", at - 1)
        }
    }
}

#[tokio::test]
async fn whatever_is_done_to_the_chain_is_found_by_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_in(folder.path()).await.unwrap();
    let mut tx = db.write().await.unwrap();
    grow(&mut tx, NOTED, "{}").await;
    let (seq, digest) = head(&mut tx).await.unwrap();
    assert_eq!(seq, NOTED);
    grow(&mut tx, LATER, "{}").await;
    unguard(&mut tx).await;
    tx.commit().await.unwrap();

    let times = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000);
    let mut by_head_alone = 0;
    for seed in 0..times {
        let mut dice = Dice { seed, throws: 0 };
        let mut tx = db.write().await.unwrap();
        assert_eq!(verify(&mut tx).await.unwrap(), Ok(NOTED + LATER));
        let what = manipulate(&mut tx, &mut dice).await;
        let chain = verify(&mut tx).await.unwrap();
        let found = sum_at(&mut tx, seq).await.unwrap();
        assert!(chain.is_err() || found != Some(digest), "seed {seed}: {what}");
        by_head_alone += u64::from(chain.is_ok());
        // Undone by not committing.
    }
    assert!(by_head_alone > times / 8, "cutting and writing anew cannot be seen without a head");
    println!("manipulations={times} found={times} by_head_alone={by_head_alone}");
}
