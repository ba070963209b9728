//! `ask`: asks a question and waits for an answer of a kind, which is kept under a name.

use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    menu,
    question::Question,
    read::Expect,
    reading::{Fields, Reading},
    step::Act,
    template::Template,
    yaml::Node,
};

/// Asks a question and waits for an answer of a kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ask {
    /// The question.
    pub text: Template,
    /// The name its answer is kept under.
    pub save: String,
    /// What fits.
    #[serde(flatten)]
    pub expect: Expect,
    /// How it waits.
    #[serde(flatten)]
    pub question: Question,
}

impl Ask {
    pub(crate) fn read(node: &Node, fields: &mut Fields, reading: &mut Reading) -> Ask {
        Ask {
            text: Template::read(node, "'ask'", reading),
            save: fields.save(reading),
            expect: Expect::read(fields, reading),
            question: Question::read(fields, reading),
        }
    }

    /// Writes the question, or what is said instead of it, with its options.
    fn written(&self, text: String) -> (String, Vec<String>) {
        let choices = self.expect.choices();
        (menu::lines(&text, choices), menu::labels(choices))
    }
}

impl Act for Ask {
    fn enter(&self, run: &mut Run) -> Outcome {
        self.repeat(run)?;
        Ok(Next::Wait)
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn repeat(&self, run: &mut Run) -> Result<(), String> {
        let (text, choices) = self.written(run.fill(&self.text)?);
        run.say(text, choices);
        Ok(())
    }

    fn answer(&self, run: &mut Run, text: &str) -> Outcome {
        match self.expect.understand(text, run.facts) {
            Ok(answer) => {
                run.session.answers.insert(self.save.clone(), answer);
                Ok(Next::Then)
            }
            Err(hint) => {
                let is_menu = !self.expect.choices().is_empty();
                let hint = if is_menu {
                    hint
                } else {
                    format!("{hint}\n{}", run.fill(&self.text)?)
                };
                self.question.unclear(run, &hint, |_, text| self.written(text))
            }
        }
    }

    fn offers(&self, text: &str) -> bool {
        menu::choose(self.expect.choices(), text).is_some()
    }

    fn saves(&self) -> Option<&str> {
        Some(&self.save)
    }

    fn text(&self) -> String {
        self.text.source().to_owned()
    }

    fn says(&self) -> Vec<String> {
        let again = self.question.again.iter().map(|again| again.source());
        std::iter::once(self.text.source())
            .chain(again)
            .map(|text| menu::lines(text, self.expect.choices()))
            .collect()
    }
}
