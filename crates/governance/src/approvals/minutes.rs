//! The minutes of a decision (决策记录): who decided what when and in which words, as text, as a page to print, as a
//! paper.

use kernel::{ActorId, Instant};
use papers::certificate::Colour;
use papers::minutes::{self as sheet, MinutesPaper};
use web::Locale;
use web::format::moment;

use super::model::{Draw, Entry, Event, Paper, StageState};
use super::policy::Stage;
use super::queries::CaseView;

/// A line of the minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Title(String),
    Heading(String),
    Text(String),
    Item(String),
}

/// Who reads which case in which language.
struct Writer<'a> {
    view: &'a CaseView,
    locale: Locale,
    lines: Vec<Line>,
}

/// The minutes as plain text, a line each.
pub fn text(view: &CaseView, locale: Locale, as_of: Instant) -> String {
    let lines = write(view, locale, as_of).into_iter().map(|line| match line {
        Line::Title(text) | Line::Text(text) => text,
        Line::Heading(text) => format!("\n{text}"),
        Line::Item(text) => format!("- {text}"),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The minutes as a page that prints.
pub fn html(view: &CaseView, locale: Locale, as_of: Instant) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head><body>\n",
        locale.tag(),
        escaped(&view.standing.title)
    );
    for line in write(view, locale, as_of) {
        let (tag, text) = match line {
            Line::Title(text) => ("h1", text),
            Line::Heading(text) => ("h2", text),
            Line::Text(text) => ("p", text),
            Line::Item(text) => ("p", format!("· {text}")),
        };
        page.push_str(&format!("<{tag}>{}</{tag}>\n", escaped(&text)));
    }
    page.push_str("</body></html>\n");
    page
}

/// Whose minutes, and of which case.
pub struct Letterhead {
    /// The society.
    pub unit_name: String,
    /// Its colour.
    pub brand: Colour,
    /// The case's public id.
    pub number: String,
}

/// The minutes of an ended case as a paper; nothing while it is decided. What they say depends on the history alone.
pub fn paper(view: &CaseView, locale: Locale, head: Letterhead) -> Option<MinutesPaper> {
    let ended_at = view.standing.outcome.ended_at()?;
    let told_until = view.entries.last().map_or(ended_at, |entry| entry.at);
    let lines = write(view, locale, told_until)
        .into_iter()
        .filter_map(|line| match line {
            Line::Title(_) => None,
            Line::Heading(text) => Some(sheet::Line::Heading(text)),
            Line::Text(text) => Some(sheet::Line::Text(text)),
            Line::Item(text) => Some(sheet::Line::Item(text)),
        });
    let say = |key: &str| locale.text(&format!("approvals.minutes.{key}"), &[]);
    Some(MinutesPaper {
        unit_name: head.unit_name,
        brand: head.brand,
        language: if locale == Locale::En { "en" } else { "zh" },
        title: say("title"),
        subject: view.standing.title.clone(),
        outcome: say(&format!("outcome.{}", view.case.state.as_str())),
        // The paper itself knows its pages.
        page_words: locale.text(
            "approvals.minutes.page",
            &[("page", "{page}".to_owned()), ("pages", "{pages}".to_owned())],
        ),
        foot: say("foot"),
        day: ended_at.business_day(),
        ident: format!("{}/{}/{}", head.number, locale.tag(), view.standing.last),
        number: head.number,
        lines: lines.collect(),
    })
}

/// Text that stays text inside a page.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn write(view: &CaseView, locale: Locale, as_of: Instant) -> Vec<Line> {
    let mut writer = Writer {
        view,
        locale,
        lines: Vec::new(),
    };
    writer.head();
    for (spec, state) in view.policy.policy.stages.iter().zip(&view.standing.stages) {
        writer.stage(spec, state);
    }
    writer.course();
    writer.outcome(as_of);
    writer.lines
}

impl Writer<'_> {
    fn say(&self, key: &str, args: &[(&str, String)]) -> String {
        self.locale.text(&format!("approvals.minutes.{key}"), args)
    }

    fn text(&mut self, key: &str, args: &[(&str, String)]) {
        let text = self.say(key, args);
        self.lines.push(Line::Text(text));
    }

    fn name(&self, id: ActorId) -> String {
        self.view.names.get(&id).cloned().unwrap_or_else(|| "—".to_owned())
    }

    fn titled(&self, zh: &str, en: &str) -> String {
        let english = self.locale == Locale::En && !en.is_empty();
        if english { en.to_owned() } else { zh.to_owned() }
    }

    fn head(&mut self) {
        let case = &self.view.case;
        self.lines.push(Line::Title(self.view.standing.title.clone()));
        let policy = &self.view.policy;
        let title = self.titled(&policy.policy.title, &policy.policy.title_en);
        self.text("policy", &[("policy", title), ("version", policy.version.to_string())]);
        let (who, at) = (self.name(case.asked_by), moment(self.locale, case.asked_at));
        self.text("asked", &[("who", who), ("at", at)]);
        if case.is_fast {
            let hurry = self.view.entries.first().and_then(|entry| match &entry.event {
                Event::Submitted { hurry, .. } => hurry.clone(),
                _ => None,
            });
            self.text("fast_lane", &[("why", hurry.unwrap_or_default())]);
        }
        if !self.view.standing.summary.is_empty() {
            self.lines.push(Line::Text(self.view.standing.summary.clone()));
        }
        let papers: Vec<Paper> = self
            .view
            .entries
            .iter()
            .flat_map(|entry| entry.event.papers())
            .cloned()
            .collect();
        for paper in papers {
            let mark = if paper.sha256.is_empty() {
                &paper.words
            } else {
                &paper.sha256
            };
            let text = self.say("paper", &[("name", paper.name.clone()), ("mark", mark.clone())]);
            self.lines.push(Line::Item(text));
        }
    }

    fn stage(&mut self, spec: &Stage, state: &StageState) {
        let word = match state {
            StageState::Waiting => "waiting",
            StageState::Skipped => "skipped",
            StageState::Open(_) => "open",
            StageState::Passed { .. } => "passed",
            StageState::Closed => "closed",
        };
        let title = self.titled(&spec.title, &spec.title_en);
        let state = self.say(&format!("stage.{word}"), &[]);
        self.lines.push(Line::Heading(format!("{title} · {state}")));
        let entries: Vec<Entry> = self.view.entries.clone();
        for entry in entries
            .iter()
            .filter(|entry| entry.event.stage() == Some(spec.key.as_str()))
        {
            if let Some(text) = self.at_stage(entry) {
                self.lines.push(Line::Item(text));
            }
        }
    }

    /// What happened at a stage; what the clock and the engine did beside it needs no line.
    fn at_stage(&self, entry: &Entry) -> Option<String> {
        let at = ("at", moment(self.locale, entry.at));
        match &entry.event {
            Event::Opened { draw: Some(draw), .. } => Some(self.draw(draw)),
            Event::Acted {
                verdict, words, scores, ..
            } => {
                let said = self.say(&format!("verdict.{}", verdict.as_str()), &[]);
                let who = entry.by.map(|by| self.name(by)).unwrap_or_default();
                let mut text = self.say("said", &[("who", who), ("said", said), at]);
                if !scores.is_empty() {
                    let sheet: Vec<String> = scores.iter().map(|(key, score)| format!("{key} {score}")).collect();
                    text.push_str(&format!(" [{}]", sheet.join(", ")));
                }
                if !words.is_empty() {
                    text.push_str(&format!(" {words}"));
                }
                Some(text)
            }
            Event::Escalated { deputies, .. } => {
                let people: Vec<String> = deputies.iter().map(|who| self.name(who.0)).collect();
                Some(self.say("escalated", &[("people", people.join(", ")), at]))
            }
            Event::VoteClosed { .. } => Some(self.say("vote_closed", &[at])),
            Event::Amended { .. } => {
                let who = entry.by.map(|by| self.name(by)).unwrap_or_default();
                Some(self.say("amended", &[("who", who), at]))
            }
            _ => None,
        }
    }

    fn draw(&self, record: &Draw) -> String {
        let pool = record.pool.iter().enumerate();
        let tickets: Vec<String> = pool
            .map(|(at, who)| format!("{} {}", at + 1, self.name(who.0)))
            .collect();
        self.say(
            "draw",
            &[("seed", record.seed.clone()), ("tickets", tickets.join(", "))],
        )
    }

    /// What happened to the case apart from its stages.
    fn course(&mut self) {
        let entries: Vec<Entry> = self.view.entries.clone();
        for entry in &entries {
            let (key, words) = match &entry.event {
                Event::Declared { words } => ("declared", words),
                Event::Resubmitted { words, .. } => ("resubmitted", words),
                Event::Withdrawn { words } => ("withdrawn", words),
                _ => continue,
            };
            let who = entry.by.map(|by| self.name(by)).unwrap_or_default();
            let at = moment(self.locale, entry.at);
            self.text(key, &[("who", who), ("at", at), ("words", words.clone())]);
        }
    }

    fn outcome(&mut self, as_of: Instant) {
        let word = self.say(&format!("outcome.{}", self.view.case.state.as_str()), &[]);
        let heading = self.say("outcome", &[("outcome", word)]);
        self.lines.push(Line::Heading(heading));
        let ended = self.view.standing.outcome.ended_at();
        if let Some(at) = ended {
            self.text("ended", &[("at", moment(self.locale, at))]);
        }
        if self.view.standing.papers_due.is_some() {
            self.text("papers_owed", &[]);
        }
        self.text("as_of", &[("at", moment(self.locale, as_of))]);
    }
}
