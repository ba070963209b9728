//! `choose`: offers a numbered menu and goes where the chosen option leads.

use serde::Serialize;
use serde_json::json;

use crate::{
    engine::{Next, Outcome, Run},
    menu::{self, Choice},
    question::Question,
    reading::{Fields, Reading},
    step::{Act, Edge},
    template::Template,
    yaml::Node,
};

/// Offers a numbered menu and goes where the chosen option leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choose {
    /// The question above the menu.
    pub text: Template,
    /// The options, numbered from 1.
    pub options: Vec<Choice>,
    /// The name that the chosen label is kept under.
    pub save: String,
    /// How it waits.
    #[serde(flatten)]
    pub question: Question,
}

impl Choose {
    pub(crate) fn read(node: &Node, fields: &mut Fields, reading: &mut Reading) -> Choose {
        let options = fields.need("options", reading);
        Choose {
            text: Template::read(node, "'choose'", reading),
            options: options
                .map(|node| menu::read_options(node, reading))
                .unwrap_or_default(),
            save: fields.save(reading),
            question: Question::read(fields, reading),
        }
    }
}

impl Act for Choose {
    fn enter(&self, run: &mut Run) -> Outcome {
        self.repeat(run)?;
        Ok(Next::Wait)
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn repeat(&self, run: &mut Run) -> Result<(), String> {
        let text = run.fill(&self.text)?;
        run.say(menu::lines(&text, &self.options), menu::labels(&self.options));
        Ok(())
    }

    fn answer(&self, run: &mut Run, text: &str) -> Outcome {
        match menu::choose(&self.options, text) {
            Some(index) => {
                let chosen = &self.options[index];
                run.session.answers.insert(self.save.clone(), json!(chosen.label));
                Ok(Next::Go(chosen.to.clone()))
            }
            None => self.question.unclear(run, menu::HINT, |_, text| {
                (menu::lines(&text, &self.options), menu::labels(&self.options))
            }),
        }
    }

    fn offers(&self, text: &str) -> bool {
        menu::choose(&self.options, text).is_some()
    }

    fn saves(&self) -> Option<&str> {
        Some(&self.save)
    }

    fn edges(&self) -> Vec<Edge> {
        self.options
            .iter()
            .map(|option| Edge::new(&option.to, &option.label))
            .collect()
    }

    fn text(&self) -> String {
        self.text.source().to_owned()
    }

    fn says(&self) -> Vec<String> {
        let again = self.question.again.iter().map(|again| again.source());
        std::iter::once(self.text.source())
            .chain(again)
            .map(|text| menu::lines(text, &self.options))
            .collect()
    }
}
