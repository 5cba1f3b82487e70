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
    ("event.attach", "put something beside an event"),
    ("evidence.fetch_again", "asked once more for a linked page"),
    ("event.split", "parted an event in two"),
    ("event.merge", "made one of two events"),
    ("event.settle", "settled two versions of an event"),
    ("event.hide", "hid an event from the story"),
    ("event.unhide", "brought an event back into the story"),
    ("timeline.choose_instant", "chose a key instant"),
    ("timeline.accept_instants", "confirmed the proposed key instants"),
    ("coordination.audience", "said who had to be told"),
    ("coordination.settle", "settled what the record suggests of coordination"),
    ("timeline.put_clock_right", "put the clock of a source right"),
    ("timeline.undo", "took a change of the timeline back"),
    ("impact.add", "added a stretch of impact"),
    ("impact.edit", "changed a stretch of impact"),
    ("impact.remove", "removed a stretch of impact"),
    ("incident.give_part", "gave somebody a part in the incident"),
    ("incident.take_part", "ended somebody’s part in the incident"),
    ("incident.narrow", "narrowed who sees the incident"),
    ("incident.widen", "let everybody see the incident again"),
    ("incident.look_into", "looked into an incident narrowed to others"),
    ("postmortem.create", "began the document"),
    ("postmortem.rename", "changed its headline"),
    ("postmortem.hand_to", "handed the document on"),
    ("postmortem.step", "moved the document on"),
    ("version.name", "named a version"),
    ("version.restore", "brought a version back"),
    ("follow_up.add", "wrote an idea down"),
    ("follow_up.commit", "committed to an idea"),
    ("follow_up.finish", "finished a commitment"),
    ("follow_up.drop", "dropped an idea"),
    ("sealed.seal", "sealed something away"),
    ("sealed.open", "opened what somebody had sealed"),
    ("sealed.change", "changed something they had sealed"),
    ("sealed.forget", "had something they had sealed forgotten"),
    ("passage.withdraw", "took a passage of theirs out for good"),
    ("passage.set_aside", "kept words of theirs out of a field"),
    ("passage.move_out", "moved a passage out, quietly"),
    ("report.make", "asked for a passage to be looked at"),
    ("report.settle", "looked at what was asked for"),
    ("language.ask", "asked for a step beside the document"),
    ("language.contribute", "wrote down what else contributed"),
    ("language.settle", "saw to what was asked for"),
    ("language.switch", "switched a rule of the reframing aid"),
    ("language.demote", "lowered a rule that most dismissed"),
    ("language.channel", "changed where matters about a person go"),
    ("person.invite", "invited somebody"),
    ("person.join", "accepted an invitation"),
    ("person.record", "recorded a person"),
    ("person.update", "changed their name or zone"),
    ("person.change_passphrase", "changed their passphrase"),
    ("person.set_role", "changed what somebody may do"),
    ("person.deactivate", "closed an account"),
    ("session.begin", "signed in"),
    ("session.end", "signed out"),
    ("session.end_by_provider", "ended sessions because the provider signed somebody out"),
    ("session.prove", "confirmed who they are"),
    ("session.revoke", "ended a session"),
    ("session.revoke_others", "ended their other sessions"),
    ("factor.begin", "began a second factor"),
    ("factor.confirm", "set a second factor up"),
    ("factor.renew_codes", "drew new recovery codes"),
    ("factor.remove", "removed their second factor"),
    ("factor.reset", "removed somebody's second factor and passkeys"),
    ("factor.code_again", "refused a one-time code that came again"),
    ("factor.ask_from", "chose who must have a second factor"),
    ("passkey.add", "added a passkey"),
    ("passkey.remove", "removed a passkey"),
    ("person.end_invitation", "ended an invitation"),
    ("person.link", "was linked by single sign-on"),
    ("person.keep_role", "kept the only administrator, whatever the groups give"),
    ("provider.set", "set single sign-on"),
    ("provider.remove", "removed single sign-on"),
    ("provider.forget_links", "forgot who people are to single sign-on"),
    ("service.create", "made a service"),
    ("service.rename", "gave a service another name"),
    ("service.set_team", "changed which team looks after a service"),
    ("service.end", "ended a service"),
    ("service.on_call", "wrote down who is on call"),
    ("service.off_call", "took back who is on call"),
    ("service.import_on_call", "brought schedules in"),
    ("team.create", "made a team"),
    ("team.take_in", "took somebody into a team"),
    ("team.let_go", "let somebody go from a team"),
    ("team.end", "ended a team"),
    ("service_account.create", "made a service account"),
    ("link.set_up", "made the set-up link"),
    ("link.sign_in", "made a sign-in link"),
    ("token.create", "made an API token"),
    ("token.revoke", "ended an API token"),
    ("workspace.set_up", "set the workspace up"),
    ("workspace.edit", "changed the workspace"),
    ("secrets.seal", "sealed the passphrases of an earlier version"),
    ("secrets.rotate", "sealed secrets with a new key"),
    ("hook.create", "made an address for webhooks"),
    ("hook.rotate", "gave an address for webhooks another end"),
    ("hook.revoke", "ended an address for webhooks"),
    ("delivery.retry", "had a webhook looked at again"),
    ("job.retry", "let a job begin anew"),
    ("job.forget", "left a job undone"),
    ("story.tell", "told a demo story"),
    ("story.postmortem", "told a demo document"),
    ("story.ideas", "told demo ideas"),
];

/// The words of an act; one of a later version is named as it is recorded.
pub(crate) fn words(act: &str) -> String {
    ACTS.iter()
        .find(|(key, _)| *key == act)
        .map_or_else(|| act.replace(['.', '_'], " "), |(_, words)| (*words).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    /// What has the form of an act in the sources of `app` and is none: files, hosts, purposes of passkeys.
    fn is_something_else(name: &str) -> bool {
        let endings = [".json", ".rs", ".zip", ".key", ".example", ".csv", ".jsonl", ".md", ".html", ".toml"];
        name.starts_with("webauthn.") || endings.iter().any(|ending| name.ends_with(ending))
    }

    fn gather(folder: &Path, into: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, into);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let quoted = text.split('"').filter(|part| {
                    let mut parts = part.split('.');
                    let (first, second, third) = (parts.next(), parts.next(), parts.next());
                    let plain = |part: Option<&str>| {
                        part.is_some_and(|it| {
                            !it.is_empty() && it.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                        })
                    };
                    plain(first) && plain(second) && third.is_none()
                });
                into.extend(quoted.filter(|name| !is_something_else(name)).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_act_has_its_words_and_every_words_their_act() {
        let mut done = BTreeSet::new();
        gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src"), &mut done);
        let said: BTreeSet<String> = ACTS.iter().map(|(key, _)| (*key).to_owned()).collect();
        assert_eq!(done.difference(&said).collect::<Vec<_>>(), Vec::<&String>::new(), "acts without words");
        assert_eq!(said.difference(&done).collect::<Vec<_>>(), Vec::<&String>::new(), "words of no act");
        assert_eq!(said.len(), ACTS.len(), "an act has words twice");
    }
}
