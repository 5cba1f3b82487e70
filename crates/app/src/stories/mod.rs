//! The demo stories: an invented company's incidents, told into an empty installation by the acts that people
//! use themselves: records are brought in, timelines edited, documents begun, ideas left to rest.

mod files;
mod format;
mod words;

use crate::{
    App, Error, Result, evidence,
    imports::{self, File, Order, Selection},
    incidents, people, postmortems, reach, templates, timeline, workspace,
};
use domain::{
    EventId, EvidenceId, FollowUpId, IncidentId, PersonId,
    access::{Action, Actor},
    follow_up::{FollowUp, FollowUpState},
    incident::{Incident, IncidentNumber, IncidentState, Origin},
    instant::Span,
    person::Role,
    postmortem::{PostmortemState, Step},
    timeline::Actor as EventActor,
};
use format::{Became, Cast, Story};
use std::{collections::HashMap, path::Path};
use store::audit;
use words::People;

/// Tells the stories if nobody is here yet; the address of the person to sign in as.
pub async fn tell(app: &App) -> Result<String> {
    let actor = Actor::installation();
    let cast: Cast = files::read("people.json", Span::ZERO).map_err(Error::internal)?;
    let lead = cast.people.iter().find(|person| Role::from_key(&person.role) == Some(Role::Administrator));
    let lead = lead.ok_or_else(|| Error::internal("no story has an administrator"))?.email.clone();
    if !people::list(app, &actor).await?.is_empty() {
        return Ok(lead);
    }
    let here = workspace::show(app).await?;
    workspace::edit(app, &actor, workspace::Workspace { name: cast.company.name.clone(), ..here }).await?;
    let mut known = People::new();
    for person in &cast.people {
        let role = Role::from_key(&person.role).unwrap_or(Role::Member);
        // The company writes its times in UTC, so its people read them so; else text and timeline would differ.
        let id = people::record(app, &actor, &person.name, &person.email, role, Some("UTC")).await?;
        known.insert(person.key.clone(), (id, person.name.clone()));
    }
    let teller = Teller { app, actor, cast, people: known };
    for folder in files::folders() {
        teller.tell_one(&folder).await?;
    }
    Ok(lead)
}

struct Teller<'a> {
    app: &'a App,
    actor: Actor,
    cast: Cast,
    people: People,
}

impl Teller<'_> {
    async fn tell_one(&self, folder: &str) -> Result<()> {
        let moved = files::shift(self.app.now());
        let story: Story = files::read(&format!("{folder}/story.json"), moved).map_err(Error::internal)?;
        let pagerduty = files::json(&format!("{folder}/pagerduty.json"), moved).map_err(Error::internal)?;
        let slack = files::json(&format!("{folder}/slack.json"), moved).map_err(Error::internal)?;

        let number = self.begin(&story, &pagerduty["incidents"][0]).await?;
        let scratch = self.app.data_dir().join("stories");
        let brought = self.bring_in(&scratch, number, &pagerduty, &slack).await;
        // The files are copies of what the program carries; whether they go is nobody's concern.
        let _ = std::fs::remove_dir_all(&scratch);
        brought?;
        self.edit_timeline(&story, number).await?;
        if story.state == format::State::Mitigated {
            let shown = incidents::show(self.app, &self.actor, number).await?;
            if shown.incident.state == IncidentState::Active {
                incidents::mitigate(self.app, &self.actor, number).await?;
            }
        }
        self.finish_postmortem(&story, number).await?;
        self.leave_ideas(&story, number, moved).await
    }

    /// The incident, and its post-mortem with the story's words where it has some.
    async fn begin(&self, story: &Story, found: &serde_json::Value) -> Result<IncidentNumber> {
        let app = self.app;
        let mut tx = app.write(&self.actor, Action::Write).await?;
        let now = app.now();
        let incident = Incident {
            id: IncidentId::new(story.declared_at, app.random()),
            number: store::incidents::next_number(&mut tx).await?,
            title: story.title.clone(),
            summary: story.summary.clone(),
            kind: story.kind,
            severity: story.severity,
            state: IncidentState::Active,
            services: story.services.clone(),
            team: Some(self.team(&story.team)),
            declared_at: story.declared_at,
            resolved_at: None,
            origin: found["id"].as_str().map(|id| Origin {
                source: "pagerduty".into(),
                id: id.to_owned(),
                url: found["html_url"].as_str().map(str::to_owned),
            }),
            revision: 0,
        };
        store::incidents::insert(&mut tx, &incident).await?;
        let template =
            templates::find(templates::USUAL).ok_or_else(|| Error::internal("no usual template"))?;
        if let Some(told) = story.postmortem.as_ref().and_then(|postmortem| postmortem.document.as_ref()) {
            let document = words::document(template, told, &self.people);
            postmortems::begin(app, &mut tx, &self.actor, &incident, None, &template.key, &document).await?;
        }
        let subject = incident.number.to_string();
        audit::record(&mut tx, now, &self.actor, "story.tell", &subject, "{}").await?;
        tx.commit().await?;
        Ok(incident.number)
    }

    /// PagerDuty's and Slack's records, brought in as anybody would.
    async fn bring_in(
        &self,
        scratch: &Path,
        number: IncidentNumber,
        pagerduty: &serde_json::Value,
        slack: &serde_json::Value,
    ) -> Result<()> {
        let export = files::slack_export(slack, &self.cast.people).map_err(Error::internal)?;
        std::fs::create_dir_all(scratch).map_err(Error::internal)?;
        let channel = slack["channel"]["name"].as_str().unwrap_or_default().to_owned();
        let parts = [
            (
                "pagerduty.json",
                pagerduty.to_string().into_bytes(),
                Selection::Pagerduty { incidents: vec![] },
            ),
            ("slack.zip", export, Selection::Slack { channel, from: None, to: None }),
        ];
        for (name, bytes, selection) in parts {
            let path = scratch.join(name);
            std::fs::write(&path, bytes).map_err(Error::internal)?;
            let files = vec![File { name: name.to_owned(), path }];
            let order = Order { files, selection, incident: Some(number) };
            imports::run(self.app, &self.actor, order, &mut |_| {}).await?;
        }
        Ok(())
    }

    /// Hand-written events, what was left out of the story, and the key instants that people confirmed.
    async fn edit_timeline(&self, story: &Story, number: IncidentNumber) -> Result<()> {
        let mut by_name: HashMap<String, EventId> = HashMap::new();
        for event in &story.timeline_edits.events {
            let actor =
                event.actor.clone().zip(event.actor_kind).map(|(name, kind)| EventActor { name, kind });
            let draft = timeline::Draft {
                at: event.at,
                precision: event.precision,
                kind: event.kind,
                title: event.title.clone(),
                detail: event.detail.clone(),
                actor,
                team: event.team.as_deref().map(|key| self.team(key)),
                evidence: vec![],
                context: domain::timeline::Context::default(),
            };
            let added = timeline::add(self.app, &self.actor, number, draft).await?;
            by_name.insert(event.title.clone(), added.id);
        }
        let evidence = self.evidence(number).await?;
        let cited = |name: &str| {
            evidence.iter().find(|(source_id, ..)| source_id.as_str() == name || source_id.ends_with(name))
        };
        let hidden: Vec<EventId> =
            story.timeline_edits.hide.iter().filter_map(|name| cited(name)?.2).collect();
        timeline::set_hidden(self.app, &self.actor, number, &hidden, true).await?;
        for (instant, chosen) in &story.key_instants {
            let event = match (by_name.get(&chosen.event), cited(&chosen.event)) {
                (Some(event), _) | (None, Some((_, _, Some(event)))) => *event,
                (None, Some((_, id, None))) => {
                    timeline::take_from_evidence(self.app, &self.actor, number, *id).await?.id
                }
                (None, None) => continue,
            };
            timeline::choose_instant(
                self.app,
                &self.actor,
                number,
                *instant,
                Some(event),
                &chosen.note,
                None,
            )
            .await?;
        }
        Ok(())
    }

    /// Every piece of evidence: its id in the source, its own id, and the event that cites it.
    async fn evidence(&self, number: IncidentNumber) -> Result<Vec<(String, EvidenceId, Option<EventId>)>> {
        let mut all = Vec::new();
        let mut filter = evidence::Filter { limit: 500, ..evidence::Filter::default() };
        loop {
            let page = evidence::list(self.app, &self.actor, number, &filter).await?;
            all.extend(
                page.rows
                    .into_iter()
                    .map(|row| (row.evidence.evidence.source_id, row.evidence.id, row.event)),
            );
            match page.next {
                Some(next) => filter.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Headline, owner and state, at the times of the story.
    async fn finish_postmortem(&self, story: &Story, number: IncidentNumber) -> Result<()> {
        let Some(told) = &story.postmortem else { return Ok(()) };
        let (mut tx, held) = reach::writing(self.app, &self.actor, number, Action::Publish).await?;
        let Some(mut postmortem) = store::postmortems::of_incident(&mut tx, held.id()).await? else {
            return Err(Error::internal(format!("{} was not resolved by its records", story.key)));
        };
        postmortem.title.clone_from(&told.title);
        let begun = story.resolved_at.unwrap_or(story.declared_at);
        if let Some(owner) = told.owner.as_deref().and_then(|key| self.person(key)) {
            postmortem = postmortem.hand_to(owner, begun);
        }
        let published = told.published_at.unwrap_or(begun);
        let steps: &[Step] = match told.state {
            PostmortemState::Draft => &[],
            PostmortemState::InReview => &[Step::AskForReview],
            PostmortemState::Published => &[Step::AskForReview, Step::Publish],
        };
        for step in steps {
            postmortem =
                postmortem.step(*step, published).map_err(|refused| Error::conflict(refused.to_string()))?;
        }
        store::postmortems::save(&mut tx, &postmortem).await?;
        let detail = serde_json::json!({ "state": postmortem.state.key() }).to_string();
        audit::record(&mut tx, self.app.now(), &self.actor, "story.postmortem", &number.to_string(), &detail)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ideas and what became of them. An idea that rested when the story was set down still rests.
    async fn leave_ideas(&self, story: &Story, number: IncidentNumber, moved: Span) -> Result<()> {
        let (mut tx, held) = reach::writing(self.app, &self.actor, number, Action::Write).await?;
        for told in &story.follow_ups {
            let soak = Span::hours(told.soak_hours);
            let opens_at = told.raised_at.plus(soak);
            let rests = matches!(told.state, Became::Idea) && files::still_rests(opens_at, moved);
            let late = files::shift_of_resting(self.app.now()).as_micros() - moved.as_micros();
            let raised_at = if rests { told.raised_at.plus(Span::micros(late)) } else { told.raised_at };
            let follow_up = FollowUp {
                id: FollowUpId::new(raised_at, self.app.random()),
                incident: held.id().incident(),
                text: told.text.clone(),
                intent: told.intent,
                raised_by: self.person(&told.raised_by),
                raised_at,
                opens_at: raised_at.plus(soak),
                state: self.became(&told.state)?,
                revision: 0,
                event: None,
            };
            store::follow_ups::create(&mut tx, &follow_up).await?;
        }
        audit::record(&mut tx, self.app.now(), &self.actor, "story.ideas", &number.to_string(), "{}").await?;
        tx.commit().await?;
        Ok(())
    }

    fn became(&self, state: &Became) -> Result<FollowUpState> {
        let owner =
            |key: &String| self.person(key).ok_or_else(|| Error::internal(format!("nobody is called {key}")));
        Ok(match state {
            Became::Idea => FollowUpState::Idea,
            Became::Committed { owner: key, due, at } => {
                FollowUpState::Committed { owner: owner(key)?, due: *due, at: *at }
            }
            Became::Done { owner: key, at } => FollowUpState::Done { owner: owner(key)?, at: *at },
            Became::Dropped { reason, at } => FollowUpState::Dropped { reason: reason.clone(), at: *at },
        })
    }

    fn person(&self, key: &str) -> Option<PersonId> {
        self.people.get(key).map(|(id, _)| *id)
    }

    fn team(&self, key: &str) -> String {
        let team = self.cast.teams.iter().find(|team| team.key == key);
        team.map_or_else(|| key.to_owned(), |team| team.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DEC/TIM of the record: whatever a story says became of an idea could have happened by the rules.
    #[test]
    fn no_story_commits_to_an_idea_that_still_rested() {
        for folder in files::folders() {
            let story: Story = files::read(&format!("{folder}/story.json"), Span::ZERO).unwrap();
            for told in &story.follow_ups {
                let opens_at = told.raised_at.plus(Span::hours(told.soak_hours));
                if let Became::Committed { at, .. } | Became::Done { at, .. } = &told.state {
                    assert!(*at >= opens_at, "{folder}: {}", told.text);
                }
            }
        }
    }
}
