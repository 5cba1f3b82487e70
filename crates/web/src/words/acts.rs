//! What was done, in words people use.

/// Every act with its words, in the order in which they are offered.
pub(crate) const ACTS: &[(&str, &str)] = &[
    ("incident.declare", "declared the incident"),
    ("incident.import", "brought records in"),
    ("incident.edit", "changed facts of the incident"),
    ("incident.mitigate", "marked it as mitigated"),
    ("incident.resolve", "resolved the incident"),
    ("incident.reopen", "reopened the incident"),
    ("event.add", "added an event"),
    ("event.edit", "changed an event"),
    ("event.take", "took evidence into the timeline"),
    ("event.hide", "hid an event from the story"),
    ("event.unhide", "brought an event back into the story"),
    ("timeline.choose_instant", "chose a key instant"),
    ("postmortem.create", "began the post-mortem"),
    ("postmortem.rename", "changed its headline"),
    ("postmortem.hand_to", "handed the post-mortem on"),
    ("postmortem.step", "moved the post-mortem on"),
    ("version.name", "named a version"),
    ("version.restore", "brought a version back"),
    ("follow_up.add", "wrote an idea down"),
    ("follow_up.commit", "committed to an idea"),
    ("follow_up.finish", "finished a commitment"),
    ("follow_up.drop", "dropped an idea"),
    ("person.invite", "invited somebody"),
    ("person.join", "accepted an invitation"),
    ("person.record", "recorded a person"),
    ("person.update", "changed their name or zone"),
    ("person.change_passphrase", "changed their passphrase"),
    ("person.set_role", "changed what somebody may do"),
    ("person.deactivate", "closed an account"),
    ("session.begin", "signed in"),
    ("session.end", "signed out"),
    ("link.set_up", "made the set-up link"),
    ("link.sign_in", "made a sign-in link"),
    ("token.create", "made an API token"),
    ("token.revoke", "ended an API token"),
    ("workspace.set_up", "set the workspace up"),
    ("workspace.edit", "changed the workspace"),
    ("secrets.rotate", "sealed secrets with a new key"),
    ("job.retry", "let a job begin anew"),
    ("job.forget", "left a job undone"),
    ("story.tell", "told a demo story"),
    ("story.postmortem", "told a demo post-mortem"),
    ("story.ideas", "told demo ideas"),
];

/// The words of an act; one of a later version is named as it is recorded.
pub(crate) fn words(act: &str) -> String {
    ACTS.iter()
        .find(|(key, _)| *key == act)
        .map_or_else(|| act.replace(['.', '_'], " "), |(_, words)| (*words).into())
}
