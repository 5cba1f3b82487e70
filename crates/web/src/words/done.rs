//! What just happened, said once on the page that follows. The address carries a key, never words, so nobody
//! can put words of their own on a page.

use std::sync::LazyLock;

/// “Saved”, with the question of a rule of the reframing aid: `look-OM-1`.
fn question(rule: &str) -> Option<&'static str> {
    static QUESTIONS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let say = |(id, question): (String, String)| {
            (id, format!("Saved. A question about these words, to use or to leave: {question}"))
        };
        app::language::questions().into_iter().map(say).collect()
    });
    QUESTIONS.iter().find(|(id, _)| id == rule).map(|(_, words)| words.as_str())
}

/// The sentence for `?done=key`.
pub(crate) fn words(key: &str) -> Option<&'static str> {
    let sentence = match key {
        "declared" => "The incident is written down. Bring its records in, or write its timeline yourself.",
        "edited" => "Saved.",
        "mitigated" => "Marked as mitigated. The response goes on.",
        "resolved" => "Resolved. The draft about it is ready to be written together.",
        "reopened" => "Reopened. The draft stays as it is.",
        "event-added" => "The event is in the timeline.",
        "event-edited" => "The event is changed. Rules leave it alone from now on.",
        "hidden" => "Hidden from the story. Nothing was deleted; it waits under “Hidden”.",
        "shown" => "Back in the story.",
        "merged" => "One event of several. The others are hidden and not lost.",
        "split" => "Two events now.",
        "settled" => "Settled. What was said before is kept.",
        "undone" => "Undone. The timeline stands as before.",
        "impact" => "The impact is written down.",
        "clock" => "The clock is put right. The evidence stays as it came.",
        "asked-again" => "The page is asked for once more.",
        "attached" => "The event rests on it now.",
        "said" => "Written down.",
        "instant" => "The key instant is set, with its reason.",
        "instants" => {
            "The proposed key instants are confirmed. Each can still be chosen anew, and all of it undone."
        }
        "taken" => "Taken into the timeline, with its evidence.",
        "created" => "The draft is ready to be written together.",
        "renamed" => "The new title is saved.",
        "handed" => "The new owner looks after it from now on.",
        "in-review" => "In review. Others read it now.",
        "draft" => "Back to writing.",
        "published" => "Published. It is in the library.",
        "version-named" => "This version has its name.",
        "version-restored" => "The version is back. What the document said before is a version of its own.",
        "idea" => "The idea is written down and rests now.",
        "committed" => "Committed, with an owner and a day.",
        "finished" => "Done. Thank you for telling.",
        "narrowed" => "Only those chosen, and whoever has a part in it, see this from now on.",
        "widened" => "The whole organisation sees this again.",
        "part-given" => "They are part of it and see it from now on.",
        "part-taken" => "They have no longer this part.",
        "told" => "Kept, and open to those you chose.",
        "forgotten" => "Forgotten. Nobody but you knows that it was there.",
        "withdrawn" => "Taken out, for good. What you wrote is kept here, for you.",
        "reported" => "Told. Whoever was asked sees it when they look; who asked is shown to nobody.",
        "moved-out" => "Moved out, quietly. Its author keeps it and is told.",
        "left" => "Left where it stands.",
        "looking" => "You see this for an hour. It is written down below, for everybody who sees it.",
        "dropped" => "Dropped. Its reason stays in the record.",
        "asked" => "Asked for. Whoever looks after this document sees it beside the document.",
        "seen-to" => "Seen to.",
        "saved" => "Saved.",
        key => return key.strip_prefix("look-").and_then(question),
    };
    Some(sentence)
}
