//! Goes wherever the pages lead, as somebody who follows every link.

use crate::{
    house::{Answer, Client, SignedIn},
    markup::{Form, Piece, forms_of, pieces},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use web::Row;

/// The route of an address: that with the most literal parts.
pub fn route(method: &str, address: &str) -> Option<Row> {
    let path = address.split(['?', '#']).next().unwrap_or("");
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |row: &Row| {
        let own: Vec<&str> = row.path.split('/').collect();
        let rest = own.iter().position(|part| part.starts_with("{*"));
        let same = |(own, part): (&&str, &&str)| own.starts_with('{') || own == part;
        rest.map_or(own.len() == parts.len(), |at| parts.len() > at) && own.iter().zip(&parts).all(same)
    };
    let rows = web::routes().into_iter().filter(|row| row.method.as_str() == method && fits(row));
    rows.min_by_key(|row| row.path.matches('{').count())
}

/// What somebody found.
#[derive(Debug, Default)]
pub struct Found {
    /// Every page that was seen, by its address.
    pub pages: BTreeMap<String, Answer>,
    /// Every form, with the page it stands on.
    pub forms: Vec<(String, Form)>,
    /// Every address that a link leads to.
    pub links: BTreeSet<String>,
}

/// Follows links from `from` on; at most `most` addresses of each route beside `from`.
pub async fn crawl(who: &SignedIn, from: &[String], most: usize) -> Found {
    let mut found = Found::default();
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut waiting: VecDeque<String> = from.iter().cloned().collect();
    while let Some(address) = waiting.pop_front() {
        let Some(row) = route("GET", &address) else {
            panic!("a link leads to {address}, which is no route")
        };
        let count = seen.entry(row.path).or_default();
        if (*count >= most && !from.contains(&address)) || !known.insert(address.clone()) {
            continue;
        }
        *count += 1;
        let answer = who.get(&address).await;
        if answer.status == 303 {
            waiting.push_back(answer.header("location").to_owned());
        } else if answer.header("content-type").starts_with("text/html") {
            let text = answer.text();
            let parts = pieces(&text);
            let links =
                parts.iter().filter_map(|it| if let Piece::Start(tag) = it { Some(tag) } else { None });
            for tag in links.filter(|tag| tag.name == "a") {
                let Some(to) = tag.attribute("href").filter(|to| to.starts_with(['/', '?'])) else {
                    continue;
                };
                let to = if to.starts_with('?') {
                    format!("{}{to}", address.split('?').next().unwrap_or(""))
                } else {
                    to.to_owned()
                };
                let to = to.split('#').next().unwrap_or("").to_owned();
                found.links.insert(to.clone());
                // A file that somebody takes home is read by whoever asks for it.
                waiting.push_back(to);
            }
            found.forms.extend(forms_of(&parts).into_iter().map(|mut form| {
                if form.action.is_empty() {
                    form.action = address.split('?').next().unwrap_or("").to_owned();
                }
                (address.clone(), form)
            }));
        }
        found.pages.insert(address, answer);
    }
    found
}
