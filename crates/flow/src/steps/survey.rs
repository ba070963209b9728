//! `survey`: asks how it was, from 1 to 5, and then, if the flow wants to know, why.

use serde::Serialize;
use serde_json::json;

use crate::{
    engine::{Next, Outcome, Run},
    facts::cut,
    question::Question,
    read::Expect,
    reading::{Fields, Reading},
    session::Effect,
    step::Act,
    template::Template,
    yaml::Node,
};

/// Asks how it was, from 1 to 5.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Survey {
    /// The question.
    pub text: Template,
    /// A second question, whose answer is the comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Template>,
    /// The name that the score is kept under.
    pub save: String,
    /// How it waits.
    #[serde(flatten)]
    pub question: Question,
}

const SCORE: Expect = Expect::Number {
    min: Some(1.0),
    max: Some(5.0),
    decimals: false,
};

/// The buttons, for channels that show some.
fn scores() -> Vec<String> {
    (1..=5).map(|score| score.to_string()).collect()
}

impl Survey {
    pub(crate) fn read(node: &Node, fields: &mut Fields, reading: &mut Reading) -> Survey {
        Survey {
            text: Template::read(node, "'survey'", reading),
            comment: fields
                .take("comment")
                .map(|node| Template::read(node, "'comment'", reading)),
            save: fields.save(reading),
            question: Question::read(fields, reading),
        }
    }

    fn scored(&self, run: &mut Run, score: i64) -> Outcome {
        run.session.answers.insert(self.save.clone(), json!(score));
        run.effects.push(Effect::SurveyAnswered {
            score,
            comment: String::new(),
        });
        let Some(comment) = &self.comment else {
            return Ok(Next::Then);
        };
        let text = run.fill(comment)?;
        run.say(text, Vec::new());
        run.session.score = Some(score);
        run.session.unclear = 0;
        Ok(Next::Wait)
    }
}

impl Act for Survey {
    fn enter(&self, run: &mut Run) -> Outcome {
        self.repeat(run)?;
        run.effects.push(Effect::SurveySent {});
        Ok(Next::Wait)
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn repeat(&self, run: &mut Run) -> Result<(), String> {
        let pending = self.comment.as_ref().filter(|_| run.session.score.is_some());
        let text = run.fill(pending.unwrap_or(&self.text))?;
        run.say(text, if pending.is_some() { Vec::new() } else { scores() });
        Ok(())
    }

    fn answer(&self, run: &mut Run, text: &str) -> Outcome {
        if let Some(score) = run.session.score {
            run.effects.push(Effect::SurveyAnswered {
                score,
                comment: cut(text).trim().to_owned(),
            });
            return Ok(Next::Then);
        }
        match SCORE.understand(text, run.facts) {
            Ok(score) => self.scored(run, score.as_i64().unwrap_or_default()),
            Err(hint) => self.question.unclear(run, &hint, |_, text| (text, scores())),
        }
    }

    fn saves(&self) -> Option<&str> {
        Some(&self.save)
    }

    fn text(&self) -> String {
        self.text.source().to_owned()
    }

    fn says(&self) -> Vec<String> {
        let more = self
            .comment
            .iter()
            .chain(&self.question.again)
            .map(|text| text.source().to_owned());
        std::iter::once(self.text()).chain(more).collect()
    }
}
