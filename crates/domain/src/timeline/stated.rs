//! Durations as people state them, held against their own timestamps: where the two disagree, that is said; the
//! formula is never bent.

use super::{
    KeyInstant,
    durations::{Duration, Known, Length, Measured, measure},
};
use crate::instant::Span;
use std::collections::BTreeMap;

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The duration that was held against it; none when nothing can be compared.
    pub with: Option<(Duration, Length)>,
    /// Whether both can be true; `None` when nothing can be compared.
    pub agrees: Option<bool>,
    /// Why, for people: one sentence.
    pub why: String,
}

/// Between a stated and a measured length, so much is rounding.
const ROUNDING: Span = Span::minutes(1);

/// Holds `span`, stated under the words `what`, against what the key instants say.
pub fn compare(what: &str, span: Option<Span>, known: &BTreeMap<KeyInstant, Known>) -> Compared {
    let nothing = |why: &str| Compared { with: None, agrees: None, why: why.to_owned() };
    let Some(span) = span else { return nothing("No length can be read from its words.") };
    let candidates = meant(what);
    if candidates.is_empty() {
        return nothing("No duration between key instants goes by such words.");
    }
    let measured: Vec<(Duration, Measured)> =
        candidates.iter().map(|duration| (*duration, measure(*duration, known))).collect();
    let lengths: Vec<(Duration, Length)> =
        measured.iter().filter_map(|(duration, found)| Some((*duration, found.length()?))).collect();
    if let Some((duration, length)) = lengths.iter().find(|(_, length)| about(*length, span)) {
        let why = format!("{} is {length}.", duration.label());
        return Compared { with: Some((*duration, *length)), agrees: Some(true), why };
    }
    if candidates.contains(&Duration::Impact)
        && let Some(compared) = between_mitigated_and_resolved(span, known)
    {
        return compared;
    }
    let Some(nearest) =
        lengths.iter().min_by_key(|(_, length)| length.span.as_micros().abs_diff(span.as_micros()))
    else {
        let reasons: Vec<String> = measured.iter().filter_map(|(_, found)| found.reason()).collect();
        let reason = reasons.first().map_or("nothing is known", String::as_str);
        return nothing(&format!("It cannot be measured: {reason}."));
    };
    let all: Vec<String> =
        lengths.iter().map(|(duration, length)| format!("{} is {length}", duration.label())).collect();
    Compared {
        with: Some(*nearest),
        agrees: Some(false),
        why: format!("By its own timestamps, {}, and {span} is stated.", all.join("; ")),
    }
}

/// The end of impact is often not stated; it then lies between mitigation and resolution.
fn between_mitigated_and_resolved(span: Span, known: &BTreeMap<KeyInstant, Known>) -> Option<Compared> {
    if known.contains_key(&KeyInstant::ImpactEnd) {
        return None;
    }
    let mitigated = measure(Duration::ToMitigate, known).length()?;
    let resolved = measure(Duration::ToResolve, known).length()?;
    let agrees = span >= mitigated.least && span <= resolved.most;
    let with = if agrees { (Duration::ToMitigate, mitigated) } else { (Duration::ToResolve, resolved) };
    let place = if agrees { "lies between the two" } else { "does not lie between the two" };
    let why = format!(
        "When impact ended is not stated; it was mitigated after {} and resolved after {}, and {span} {place}.",
        mitigated.span, resolved.span
    );
    Some(Compared { with: Some(with), agrees: Some(agrees), why })
}

fn about(length: Length, span: Span) -> bool {
    let (least, most) =
        (length.least.as_micros() - ROUNDING.as_micros(), length.most.as_micros() + ROUNDING.as_micros());
    (least..=most).contains(&span.as_micros())
}

/// The durations that people may mean by such words, the likeliest first.
fn meant(what: &str) -> Vec<Duration> {
    use Duration as D;
    let what = what.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| what.contains(word));
    let found: &[Duration] = match () {
        () if says(&["detect", "notice"]) => &[D::ToDetect, D::SignalLag],
        () if says(&["acknowledg"]) => &[D::ToAcknowledge],
        () if says(&["diagnos", "understand"]) => &[D::ToDiagnose],
        () if says(&["repair", "mitigat", "recover"]) => &[D::ToMitigate, D::ResponseToMitigate],
        () if says(&["resol"]) => &[D::ToResolve, D::ResponseToResolve],
        () if says(&["impact", "down", "outage", "unavailab", "affected"]) => &[D::Impact],
        () => &[],
    };
    found.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::Precision;

    fn known(times: &[(KeyInstant, i64)]) -> BTreeMap<KeyInstant, Known> {
        let at = |minutes: i64| Known {
            at: crate::Instant::from_seconds(minutes * 60),
            precision: Precision::Minute,
        };
        times.iter().map(|(key, minutes)| (*key, at(*minutes))).collect()
    }

    #[test]
    fn what_is_stated_is_held_against_its_own_timestamps() {
        use KeyInstant::{Detected, ImpactStart, Mitigated, Resolved};
        let known = known(&[(ImpactStart, 0), (Detected, 11), (Mitigated, 13), (Resolved, 90)]);
        let verdict = |what, minutes| compare(what, Some(Span::minutes(minutes)), &known);
        assert_eq!(verdict("detection", 11).agrees, Some(true));
        assert_eq!(verdict("repair", 2).with.unwrap().0, Duration::ResponseToMitigate);
        assert_eq!(verdict("repair", 60).agrees, Some(false));
        assert_eq!(verdict("GitLab.com down", 30).agrees, Some(true), "impact ended between 13 and 90");
        assert_eq!(verdict("impact", 200).agrees, Some(false));
        assert_eq!(verdict("rollback", 1).agrees, None);
        assert_eq!(verdict("acknowledge", 1).why, "It cannot be measured: no event says “acknowledged” yet.");
        assert_eq!(compare("detection", None, &known).agrees, None);
    }
}
