//! The templates that come with the product.

use domain::template::Template;
use std::sync::LazyLock;

/// The template a post-mortem begins with unless another is asked for.
pub const USUAL: &str = "incident-io";

const FILES: [&str; 1] = [include_str!("../../../data/templates/incident-io.json")];

static TEMPLATES: LazyLock<Vec<Template>> =
    LazyLock::new(|| FILES.iter().filter_map(|file| Template::from_json(file).ok()).collect());

/// Every template, in the order in which people are offered them.
pub fn all() -> &'static [Template] {
    &TEMPLATES
}

/// The template of that key.
pub fn find(key: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_template_can_be_read() {
        for file in FILES {
            Template::from_json(file).unwrap();
        }
        assert_eq!(all().len(), FILES.len());
    }

    /// DOC-02: the six sections of the incident.io template, in its order.
    #[test]
    fn the_usual_template_has_its_six_sections() {
        let titles: Vec<&str> =
            find(USUAL).unwrap().sections.iter().map(|section| section.title.as_str()).collect();
        assert_eq!(titles, ["Summary", "Timeline", "Contributors", "Mitigators", "Learnings", "Risks"]);
    }

    /// ANA-16: no shipped question presupposes prevention or one cause, and none asks who.
    #[test]
    fn questions_keep_the_inquiry_open() {
        for template in all() {
            for question in template.sections.iter().flat_map(|section| &section.questions) {
                let lower = question.to_lowercase();
                let closing =
                    ["prevent", "root cause", "who caused", "why did", "should have", "human error"];
                assert!(closing.iter().all(|words| !lower.contains(words)), "{question}");
                assert!(question.split_whitespace().count() <= 20, "{question}");
                assert!(question.ends_with('?'), "{question}");
            }
        }
    }
}
