//! Progress and execution in the platform's own shape (`tmj_third_service/PostExeInfo`): sums there are yuan as text, while
//! everything that is queried is fen.

use kernel::Fen;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Pictures of one report.
pub const IMAGES_MAX: usize = 3;
/// The longest name of a project there.
pub const PROJECT_NAME_CHARS_MAX: usize = 18;
/// The longest number of a card.
pub const CARD_CHARS_MAX: usize = 20;
/// The longest number of who helps.
pub const HELPER_CHARS_MAX: usize = 30;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// The platform's number of an earlier report that this one corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_id: Option<String>,
    /// Whether it is a report of progress, or live statistics.
    pub statistics: bool,
    /// The project's number: digits.
    pub project_id: u32,
    /// Its name, at most 18 characters.
    pub project_name: String,
    /// The card of who is helped.
    pub card_id: String,
    /// What was spent, if money was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money_fen: Option<Fen>,
    /// Addresses of pictures, at most three.
    #[serde(default)]
    pub images: Vec<String>,
    /// The number of who helps.
    pub help_org_number: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_org_name: Option<String>,
    /// Persons helped, when it is told person by person; their sums are the whole sum.
    #[serde(default)]
    pub helped: Vec<Helped>,
}

/// A person helped: a card and a sum, no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Helped {
    /// The person's card.
    pub card_id: String,
    /// What she was given.
    pub money_fen: Fen,
}

impl Execution {
    /// What is wrong with it: the field and what is expected. The platform checks the same and says less.
    pub fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let chars = |text: &str, max: usize| {
            !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control)
        };
        let sum = Fen::sum(self.helped.iter().map(|each| each.money_fen)).ok();
        let whole = self.money_fen;
        if !chars(&self.project_name, PROJECT_NAME_CHARS_MAX) {
            return Some(("project_name", "1 to 18 characters"));
        }
        if !chars(&self.card_id, CARD_CHARS_MAX) {
            return Some(("card_id", "1 to 20 characters"));
        }
        if !chars(&self.help_org_number, HELPER_CHARS_MAX) {
            return Some(("help_org_number", "1 to 30 characters"));
        }
        if self.images.len() > IMAGES_MAX || !self.images.iter().all(|url| url.starts_with("https://")) {
            return Some(("images", "at most 3 addresses that begin with https://"));
        }
        if whole.is_some_and(|sum| !sum.is_positive()) {
            return Some(("money_fen", "above zero, or nothing"));
        }
        if !self
            .helped
            .iter()
            .all(|each| each.money_fen.is_positive() && chars(&each.card_id, CARD_CHARS_MAX))
        {
            return Some(("helped", "a card and a sum above zero each"));
        }
        if !self.helped.is_empty() && sum != whole {
            return Some(("helped", "the sums of the persons are the whole sum"));
        }
        if self.proc_id.is_some() && self.helped.len() > 1 {
            return Some(("helped", "a report of a person is corrected one person at a time"));
        }
        None
    }

    /// The body of the request. What is empty is left out, since the platform takes an empty list for a statement.
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            body.insert(name.to_owned(), value);
        };
        if let Some(id) = &self.proc_id {
            put("proc_id", json!(id));
        }
        put("proc_type", json!(if self.statistics { 2 } else { 1 }));
        put("project_id", json!(self.project_id));
        put("project_name", json!(self.project_name));
        put("match_type", json!(if self.helped.is_empty() { 1 } else { 2 }));
        put("card_id", json!(self.card_id));
        if let Some(sum) = self.money_fen {
            put("exe_money", json!(sum.to_yuan()));
        }
        if !self.images.is_empty() {
            put("exe_images", json!(self.images));
        }
        put("help_org_number", json!(self.help_org_number));
        if let Some(name) = &self.help_org_name {
            put("help_org_name", json!(name));
        }
        if !self.helped.is_empty() {
            let helped = self.helped.iter();
            let helped = helped.map(|each| json!({ "card_id": each.card_id, "money": each.money_fen.to_yuan() }));
            put("help_list", Value::Array(helped.collect()));
        }
        Value::Object(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn execution() -> Execution {
        Execution {
            proc_id: None,
            statistics: false,
            project_id: 200_001,
            project_name: "救在身边".into(),
            card_id: "CARD0001".into(),
            money_fen: Some(Fen::new(123_456)),
            images: vec!["https://pictures.example/1.jpg".into()],
            help_org_number: "ORG0001".into(),
            help_org_name: None,
            helped: Vec::new(),
        }
    }

    #[test]
    fn sums_are_yuan_as_text_and_what_is_empty_is_left_out() {
        assert_eq!(
            execution().body(),
            json!({
                "proc_type": 1, "project_id": 200_001, "project_name": "救在身边", "match_type": 1,
                "card_id": "CARD0001", "exe_money": "1234.56", "exe_images": ["https://pictures.example/1.jpg"],
                "help_org_number": "ORG0001",
            })
        );
        let bare = Execution {
            money_fen: None,
            images: Vec::new(),
            ..execution()
        };
        assert!(bare.body().get("exe_money").is_none() && bare.body().get("exe_images").is_none());
    }

    #[test]
    fn persons_add_up_to_the_whole() {
        let helped = |fen| Helped {
            card_id: "P0001".into(),
            money_fen: Fen::new(fen),
        };
        let mut told = Execution {
            helped: vec![helped(123_000), helped(456)],
            ..execution()
        };
        assert_eq!(told.wrong(), None);
        assert_eq!(told.body()["match_type"], 2);
        assert_eq!(told.body()["help_list"][1]["money"], "4.56");
        told.helped[1].money_fen = Fen::new(457);
        assert_eq!(told.wrong().map(|(field, _)| field), Some("helped"));
    }

    #[test]
    fn what_the_platform_would_send_back_is_told_before() {
        for (wrong, field) in [
            (
                Execution {
                    project_name: "十九个字的项目名称会被平台退回来的吧真长".into(),
                    ..execution()
                },
                "project_name",
            ),
            (
                Execution {
                    card_id: String::new(),
                    ..execution()
                },
                "card_id",
            ),
            (
                Execution {
                    images: vec!["http://x".into()],
                    ..execution()
                },
                "images",
            ),
            (
                Execution {
                    money_fen: Some(Fen::ZERO),
                    ..execution()
                },
                "money_fen",
            ),
        ] {
            assert_eq!(wrong.wrong().map(|(field, _)| field), Some(field));
        }
    }
}
